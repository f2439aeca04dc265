"""The storage port: the interface of every backend, and all that the rest of the product uses.

A transaction is a coroutine function that takes the transaction first and awaits only that
transaction's own reads. The store may run it more than once, so values that must not change between
two runs (ids, times, random bytes) are made outside and passed in. A transaction cannot wait for a
call, a hash or a clock: the store drives the coroutine itself and rejects any other await.

Backends raise `kernel.errors.StorageUnavailable`, its `StorageFull`, and `StorageConflict`, and no
errors of their own. The errors below are mistakes of the program; callers of a service never see them.
"""

from collections.abc import Callable, Coroutine, Iterable
from typing import Any, NamedTuple, Protocol, TypeVar

T = TypeVar("T")


class LimitExceeded(ValueError):
    """A key, a value or a transaction exceeds a limit of the port."""


class ForeignAwait(RuntimeError):
    """A transaction waited for something that is not one of its own reads."""


class TransactionEnded(RuntimeError):
    """A transaction was used after its end."""


class StoreOpenFailed(Exception):
    """The store cannot be opened; the text names its place and the system's error."""


class Usage(NamedTuple):
    """How full a store is, in bytes.

    Attributes:
        used: What rows take up.
        limit: What ordinary writes may use at most, on the disk as it is now.
    """

    used: int
    limit: int


class Read(Protocol):
    r"""A transaction that reads: one snapshot of the whole store.

    A key is 1 to `KEY_BYTES` bytes and sorts before `b"\xfe"`.
    """

    async def get(self, key: bytes) -> bytes | None:
        """Returns the value of a key, or None."""

    async def get_many(self, keys: Iterable[bytes]) -> list[bytes | None]:
        """Returns the values of the keys, in their order; faster than one after the other."""

    async def get_range(
        self, begin: bytes, end: bytes, *, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        r"""Returns rows with `begin` <= key < `end`, in the order of their keys.

        Args:
            begin: The first key; may be empty.
            end: The key after the last one; at most `b"\xfe"`.
            limit: The maximum rows to return, 1 to `RANGE_ROWS`.
            reverse: Whether to begin with the last row.
        """


class Write(Read, Protocol):
    """A transaction that also writes; its reads see what it wrote.

    All its writes are committed when the function returns, and none if it raises.
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
        """Sets a key that sorts after every key stamped by an earlier commit.

        The key is `prefix`, the byte 0x33, 10 bytes in the order of commits, 2 bytes that count
        within the transaction, `suffix`: packed by a `Subspace`, it unpacks to a
        `fdb.tuple.Versionstamp`. The row exists only after the commit: reads of its own transaction
        must not touch it.
        """


class Store(Protocol):
    """An ordered map of bytes with serializable transactions."""

    async def read(self, fn: Callable[[Read], Coroutine[Any, Any, T]]) -> T:
        """Runs `fn` on one snapshot and returns its result."""

    async def write(
        self, fn: Callable[[Write], Coroutine[Any, Any, T]], *, essential: bool = False
    ) -> T:
        """Runs `fn`, commits, and returns its result once the writes are on disk.

        An exception of `fn` rolls its writes back and propagates unchanged. A caller that is
        cancelled while it waits does not know whether the transaction was committed.

        Args:
            fn: The transaction.
            essential: Whether it may use the room that is kept back in a store that is nearly full.
                For what must go on then: revocations, removals, and work that ends with one, such
                as deliveries. Never for what users can make more of without end.

        Raises:
            StorageFull: It would use room that is kept back, or there is none left at all.
        """

    async def watch(self, key: bytes, seen: bytes | None) -> bytes | None:
        """Waits until the value of a key differs from `seen`, and returns it.

        A value that is soon replaced may be missed. Can be cancelled at any time.
        """

    async def advance(self, stamp: bytes) -> None:
        """Makes every later versionstamp sort after this one; has no time limit.

        For rows that were stamped by another store and are copied into this one. A stamp that the
        store has already passed changes nothing.

        Args:
            stamp: The 10 bytes in the order of commits, from a store of any kind.

        Raises:
            LimitExceeded: It is not 10 bytes, or begins with 0x7f or more, which no commit's does:
                a cluster that is advanced so far has no versions left to use.
        """

    async def ping(self) -> None:
        """Raises `StorageUnavailable` unless the store takes reads and ordinary writes now."""

    def usage(self) -> Usage | None:
        """How full the store is; None for a cluster, which has its own metrics and limits."""

    async def backup_age(self) -> float | None:
        """How many seconds ago the store had the state that its newest backup restores; None if unknown.

        Takes a moment on a cluster: for a timer, never for a call.
        """

    async def close(self) -> None:
        """Finishes running calls and frees the store; later calls raise `StorageUnavailable`."""
