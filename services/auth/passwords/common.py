"""The list of the passwords found most often in leaks, `common.txt`."""

import mmap
from functools import cache
from pathlib import Path

LIST = Path(__file__).with_name("common.txt")
"""Written by `tools.common_passwords`; its head names the source and the licence."""


def is_common(text: str) -> bool:
    """Whether a text, in lower case, is in the list."""
    return _common_passwords().has(text.encode())


class SortedLines:
    """The lines of a file, in the order of their bytes, which follow a head that an empty line ends.

    The file is mapped into memory: processes share its pages, and a search reads some 20 lines.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._begin = self._bytes.find(b"\n\n") + 2

    def has(self, line: bytes) -> bool:
        """Whether the line is there."""
        low, high = self._begin, len(self._bytes)
        while low < high:  # from the begin of a line to that of another, or to the end
            begin = self._bytes.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = self._bytes.find(b"\n", begin, high)
            end = high if end < 0 else end
            found = self._bytes[begin:end]
            if found == line:
                return True
            if found < line:
                low = end + 1
            else:
                high = begin
        return False


@cache
def _common_passwords() -> SortedLines:
    return SortedLines(LIST)
