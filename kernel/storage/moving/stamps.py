"""Finds the stamps of commits in keys that any store has stamped."""

import struct
from collections.abc import Iterable
from typing import Any

import fdb.tuple

from kernel.storage.keys import Subspace
from kernel.storage.limits import STAMP_BYTES

NONE = bytes(10)
"""Sorts before the stamp of every commit, or is equal to it."""

_CODE = 0x33
_ALL = Subspace()


def greatest_stamp(keys: Iterable[bytes]) -> bytes:
    """Returns the greatest commit stamp, 10 bytes, in any of the keys; `NONE` if there is none.

    A key that is not a tuple has no stamp, and a stamp that no commit has completed does not count.
    """
    # Few keys have the byte with room for a stamp after it, and unpacking is slow.
    likely = (key for key in keys if 0 <= key.find(_CODE) <= len(key) - STAMP_BYTES)
    return max((stamp for key in likely for stamp in _stamps(_unpacked(key))), default=NONE)


def _unpacked(key: bytes) -> tuple[Any, ...]:
    try:
        return _ALL.unpack(key)
    except (ValueError, IndexError, struct.error):
        return ()


def _stamps(elements: tuple[Any, ...]) -> Iterable[bytes]:
    for element in elements:
        if isinstance(element, tuple):
            yield from _stamps(element)
        elif isinstance(element, fdb.tuple.Versionstamp) and element.is_complete():
            yield element.tr_version
