"""The emails of a laptop, each read once and found by its address."""

import asyncio
import time
from collections import defaultdict
from pathlib import Path

from tests.end_to_end.mailbox import Mail, read

_STEP_SECONDS = 0.05


class Mails:
    """The emails of a running system.

    Args:
        folder: Where the system writes them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: set[str] = set()
        self._found: dict[str, list[Mail]] = defaultdict(list)

    async def find(self, address: str, page: str, seconds: float = 10.0) -> Mail | None:
        """An email to an address whose link leads to a page; None if none comes in time."""
        end = time.monotonic() + seconds
        while True:
            self._look()
            for mail in self._found[address]:
                if mail.page == page:
                    return mail
            if time.monotonic() > end:
                return None
            await asyncio.sleep(_STEP_SECONDS)

    def _look(self) -> None:
        for path in self._folder.glob("*.eml"):
            if path.name not in self._read:
                self._read.add(path.name)
                mail = read(path.read_bytes())
                self._found[str(mail.message["To"]).casefold()].append(mail)
