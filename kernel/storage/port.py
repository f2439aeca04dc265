"""The storage port: what every backend does, and all that the rest of the product knows of it.

A transaction is a coroutine function that takes the transaction first and awaits nothing but that
transaction's own reads. The store runs it, maybe more than once, so whatever must not change
between two runs (ids, times, random bytes) is made outside and handed in. Nobody can wait for a
call, a hash or a clock inside one: the store drives the coroutine itself and refuses the rest.

Drivers raise `kernel.errors.StorageUnavailable` and `kernel.errors.StorageConflict` and no error
of their own. The errors below are mistakes of the program, and none of them is for a caller's eyes.
"""

from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class LimitExceeded(ValueError):
    """A key, a value or a transaction is beyond what every backend can take."""


class ForeignAwait(RuntimeError):
    """A transaction waited for something that is not one of its own reads."""


class TransactionEnded(RuntimeError):
    """A transaction was used after its end."""


class StoreOpenFailed(Exception):
    """The store cannot be opened; the text says where it is and what the system answered."""


class Read(Protocol):
    r"""A transaction that reads: one snapshot of the whole store.

    A key is 1 to `KEY_BYTES` bytes and sorts before `b"\xfe"`.
    """

    async def get(self, key: bytes) -> bytes | None:
        """Gives the value of a key, or None."""

    async def get_many(self, keys: Iterable[bytes]) -> list[bytes | None]:
        """Gives the values of the keys, in their order; faster than one after the other."""

    async def get_range(
        self, begin: bytes, end: bytes, *, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        r"""Gives rows with `begin` <= key < `end`, in the order of their keys.

        Args:
            begin: The first key; may be empty.
            end: The key behind the last one; at most `b"\xfe"`.
            limit: The most rows to give, 1 to `RANGE_ROWS`.
            reverse: Whether to begin with the last row.
        """


class Write(Read, Protocol):
    """A transaction that also writes; its reads see what it wrote.

    All of it is committed when the function returns, nothing if it raises.
    """

    def set(self, key: bytes, value: bytes) -> None:
        """Sets a key to a value of at most `VALUE_BYTES`."""

    def clear(self, key: bytes) -> None:
        """Removes a key, if there is one."""

    def clear_range(self, begin: bytes, end: bytes) -> None:
        """Removes every key with `begin` <= key < `end`."""

    def add(self, key: bytes, delta: int) -> None:
        """Adds to a counter without reading it, so that adding never conflicts.

        The value is a signed number of 8 bytes, little-endian, that wraps around; an absent key
        counts as 0. `counted` reads it.
        """

    def set_versionstamped_key(self, prefix: bytes, value: bytes, suffix: bytes = b"") -> None:
        """Sets a key that sorts behind every key stamped by an earlier commit.

        The key is `prefix`, the byte 0x33, 10 bytes in the order of commits, 2 bytes that count
        within the transaction, `suffix`: packed by a `Subspace`, it unpacks to a
        `fdb.tuple.Versionstamp`. The row is there after the commit, not before: reads of its own
        transaction must not touch it.
        """


class Store(Protocol):
    """An ordered map of bytes with transactions that look as if they ran one after the other."""

    async def read(self, fn: Callable[[Read], Coroutine[Any, Any, T]]) -> T:
        """Runs `fn` on one snapshot and gives what it returns."""

    async def write(self, fn: Callable[[Write], Coroutine[Any, Any, T]]) -> T:
        """Runs `fn` and commits; what is returned is on disk.

        An exception of `fn` undoes its writes and comes out unchanged. A caller that is cancelled
        while it waits does not know whether the transaction took place.
        """

    async def watch(self, key: bytes, seen: bytes | None) -> bytes | None:
        """Waits until the value of a key is not `seen`, and gives it.

        Values that come and go between two looks may be missed. Can be cancelled at any time.
        """

    async def advance(self, stamp: bytes) -> None:
        """Makes every later versionstamp sort behind this one; takes as long as it takes.

        For rows that were stamped by another store and are moved into this one. A stamp that the
        store is beyond already changes nothing.

        Args:
            stamp: The 10 bytes in the order of commits, of a store of any kind.

        Raises:
            LimitExceeded: It is not 10 bytes, or begins with 0x7f or more, as no commit's does: a
                cluster that is sent that far has no versions left to live on.
        """

    async def ping(self) -> None:
        """Raises `StorageUnavailable` unless the store takes reads and writes now."""

    async def close(self) -> None:
        """Ends what was accepted and frees the store; later calls raise `StorageUnavailable`."""
