"""The limits of the port: the intersection of the backends' limits, checked in one way.

FoundationDB limits the value, the time and the reserved keys, LMDB the key; so a program that runs
on one backend runs on the other.
"""

import struct
from collections.abc import Callable

from kernel.storage.port import LimitExceeded

KEY_BYTES = 500
VALUE_BYTES = 100_000
TRANSACTION_BYTES = 5_000_000  # keys and values written
TRANSACTION_SECONDS = 5.0
RANGE_ROWS = 10_000  # per get_range
STAMPED_ROWS = 65_536  # per transaction: 2 bytes count them

FIRST_RESERVED = b"\xfe"  # keys from here on belong to the backends
STAMP_BYTES = 13  # the type code, 10 bytes of commit, 2 of the transaction

_COUNTER = struct.Struct("<q")
_WRAP = 1 << 64


def check_key(key: bytes) -> None:
    """Raises `LimitExceeded` for a key that some backend rejects."""
    if len(key) > KEY_BYTES or not b"" < key < FIRST_RESERVED:
        raise LimitExceeded("A key has 1 to 500 bytes and sorts before 0xfe.")


def check_value(value: bytes) -> None:
    """Raises `LimitExceeded` for a value that some backend rejects."""
    if len(value) > VALUE_BYTES:
        raise LimitExceeded("A value has at most 100,000 bytes.")


def check_range(begin: bytes, end: bytes) -> None:
    """Raises `LimitExceeded` for a range that some backend rejects; an empty range is fine."""
    # One byte more than a key: the usual "just after this key" is the key and a zero byte.
    if max(len(begin), len(end)) > KEY_BYTES + 1 or max(begin, end) > FIRST_RESERVED:
        raise LimitExceeded('The ends of a range have at most 501 bytes, up to b"\\xfe".')


def check_rows(limit: int) -> None:
    """Raises `LimitExceeded` for a wrong number of rows; to FoundationDB, 0 means no limit."""
    if not 1 <= limit <= RANGE_ROWS:
        raise LimitExceeded("A range is read with a limit of 1 to 10,000 rows.")


class Meter:
    """The bytes and the time that one transaction has used.

    Args:
        clock: A monotonic clock, in seconds.

    Attributes:
        written: The bytes of keys and values written so far.
    """

    __slots__ = ("_clock", "_deadline", "written")

    def __init__(self, clock: Callable[[], float]) -> None:
        self.written = 0
        self._clock = clock
        self._deadline = clock() + TRANSACTION_SECONDS

    def charge(self, size: int) -> None:
        """Counts bytes that are about to be written."""
        self.written += size
        if self.written > TRANSACTION_BYTES:
            raise LimitExceeded("A transaction writes at most 5,000,000 bytes.")

    def exclude_time(self, seconds: float) -> None:
        """Excludes a wait from the time limit."""
        self._deadline += seconds

    def check_time(self) -> None:
        """Raises `LimitExceeded` after `TRANSACTION_SECONDS`."""
        if self._clock() > self._deadline:
            raise LimitExceeded("A transaction takes at most 5 seconds.")


def counted(value: bytes | None) -> int:
    """Returns the number in a value of `Write.add`; 0 for an absent one."""
    return 0 if value is None else int(_COUNTER.unpack(value)[0])


def added(value: bytes | None, delta: int) -> bytes:
    """Returns the value of a counter after `Write.add`, as FoundationDB computes it."""
    old = 0 if value is None else int.from_bytes(value[:8], "little")
    return ((old + delta) % _WRAP).to_bytes(8, "little")


def check_delta(delta: int) -> None:
    """Raises `LimitExceeded` for a number that does not fit into 8 bytes."""
    if not -(_WRAP >> 1) <= delta < _WRAP >> 1:
        raise LimitExceeded("A counter is changed by a signed number of 8 bytes.")
