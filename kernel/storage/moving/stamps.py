"""Finds the stamps of commits in keys that were stamped, by whichever store."""

import struct
from collections.abc import Iterable
from typing import Any

import fdb.tuple

from kernel.storage.keys import Subspace
from kernel.storage.limits import STAMP_BYTES

NONE = bytes(10)
"""Sorts before the stamp of every commit, or with it."""

_CODE = 0x33
_everything = Subspace()


def greatest_stamp(keys: Iterable[bytes]) -> bytes:
    """Gives the greatest stamp of a commit, 10 bytes, in any of the keys; `NONE` if there is none.

    What is no tuple has no stamp, and neither has one that no commit has completed.
    """
    # Few keys have the byte with room for a stamp behind it, and unpacking takes a while.
    likely = (key for key in keys if 0 <= key.find(_CODE) <= len(key) - STAMP_BYTES)
    return max((stamp for key in likely for stamp in _stamps(_unpacked(key))), default=NONE)


def _unpacked(key: bytes) -> tuple[Any, ...]:
    try:
        return _everything.unpack(key)
    except (ValueError, IndexError, struct.error):
        return ()


def _stamps(elements: tuple[Any, ...]) -> Iterable[bytes]:
    for element in elements:
        if isinstance(element, tuple):
            yield from _stamps(element)
        elif isinstance(element, fdb.tuple.Versionstamp) and element.is_complete():
            yield element.tr_version
