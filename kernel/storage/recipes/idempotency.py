"""Repeats of a write change nothing: a key's record commits together with the write itself.

A key belongs to one caller and one method. The record holds a keyed digest of the request, so that
a different request under the same key is rejected, and what finds the result again, such as the id
of what was created: not the result, and no secret. So a repeat is answered from the store as it is
by then (AIP-155), and under the rules that hold by then: a caller who has lost a role gets nothing
from the past. A caller has a limited number of records.
"""

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Generic, NamedTuple, TypeVar

from coditect.storage.v1 import storage_pb2
from kernel.errors import IdempotencyKeyReused, IdempotencyLimitReached
from kernel.idempotent_request import IdempotentRequest
from kernel.storage.families import Family, digest, record, time
from kernel.storage.keys import Subspace
from kernel.storage.limits import counted
from kernel.storage.port import Read, Store, Write
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.table import Table

T = TypeVar("T")

LIFE = timedelta(days=1)
KEYS_PER_CALLER = 10_000
"""The most records of a caller in one context: about 4 MB, and a write every 9 seconds."""

_DIGEST_BYTES = 16
_OWN_BYTES = 100  # of a record besides what it keeps: three digests, a time and their tags
_BATCH = 100  # expired records that a caller's write removes


class Repeat(NamedTuple, Generic[T]):
    """How a repeat is answered.

    Attributes:
        answer: Reads the result again, from what the record keeps. It makes sure that the caller
            may have the result now, and raises if not, or if the result is gone. It raises
            `CountsAsNew` if the request is to run as if it came for the first time.
        keep: What the record keeps of the result: nothing that the request says, and no secret.
    """

    answer: Callable[[Read, bytes], Coroutine[Any, Any, T]]
    keep: Callable[[T], bytes] = lambda _: b""


class CountsAsNew(Exception):
    """What a record is about is gone, and the same request may run once more."""


class Answered(NamedTuple, Generic[T]):
    """The answer to a repeat."""

    value: T


async def _nothing(_: Read, __: bytes) -> None:
    pass


NOTHING: Repeat[None] = Repeat(_nothing)
"""The repeat of a write without a result, after which nothing is left that a caller may not see."""


class _Record(NamedTuple):
    caller: bytes
    key: bytes
    request_digest: bytes
    kept: bytes
    expire_time: int


class Idempotency:
    """The idempotency records of one context.

    Args:
        space: Where they are: ("record", caller, key), and the rows that find and count them.
        kept_bytes: The maximum bytes that a record keeps of a result.
        limit: The maximum records of a caller; expired ones do not count.

    Attributes:
        records: The family of the records.
        expiry: Their expiry index.
        by_time: The records of a caller in the order in which they expire.
        counts: How many a caller has.
    """

    def __init__(self, space: Subspace, kept_bytes: int, limit: int = KEYS_PER_CALLER) -> None:
        self._limit = limit
        caller = digest("caller_digest", _DIGEST_BYTES)
        key = digest("key_digest", _DIGEST_BYTES)
        self.records = Family[bytes, bytes](
            space["record"],
            caller,
            key,
            value=record("coditect.storage.v1.IdempotencyRecord", kept_bytes + _OWN_BYTES),
            life="a day",
        )
        self._table: Table[_Record] = Table(
            self.records,
            storage_pb2.IdempotencyRecord,
            key=lambda one: (one.caller, one.key),
            fill=_fill,
            parse=_parse,
        )
        self.expiry = self._table.expiry(space["expiry"], lambda one: one.expire_time)
        self.by_time = self._table.index(
            space["caller"],
            caller,
            time("expire_time"),
            key,
            keys=lambda one: [(one.caller, one.expire_time, one.key)],
            life="as the record",
        )
        self.counts = self._table.count(
            space["count"],
            caller,
            keys=lambda one: [(one.caller,)],
            life="as the caller's records",
            checked_at_once=10,
        )

    async def write(
        self,
        store: Store,
        request: IdempotentRequest | None,
        now: datetime,
        action: Callable[[Write], Coroutine[Any, Any, T]],
        repeat: Repeat[T],
        *,
        essential: bool = False,
    ) -> T:
        """Runs the action in a transaction of its own, see `once`.

        The action may run more than once, but only one run is committed. For `essential` see
        `Store.write`.
        """
        return await store.write(
            lambda tx: self.once(tx, request, now, action, repeat), essential=essential
        )

    async def once(
        self,
        tx: Write,
        request: IdempotentRequest | None,
        now: datetime,
        action: Callable[[Write], Coroutine[Any, Any, T]],
        repeat: Repeat[T],
    ) -> T:
        """Runs the action in a transaction; a repeat of the request is answered instead.

        Args:
            tx: The transaction.
            request: None without an idempotency key: then the action just runs.
            now: The time of the call.
            action: The write itself.
            repeat: How a repeat is answered.

        Raises:
            IdempotencyKeyReused: The key was used before with a different request.
            IdempotencyLimitReached: The caller has as many records as one may have.
        """
        if request is None:
            return await action(tx)
        answered = await self.find(tx, request, now, repeat)
        if answered is not None:
            return answered.value
        caller, key = _names(request)
        await self._require_room(tx, caller, milliseconds(now))
        result = await action(tx)
        end, kept = milliseconds(now + LIFE), repeat.keep(result)
        await self._table.put(tx, _Record(caller, key, request.digest, kept, end))
        return result

    async def find(
        self, tx: Read, request: IdempotentRequest | None, now: datetime, repeat: Repeat[T]
    ) -> Answered[T] | None:
        """Returns the answer to a repeat; None for a first call or without a key.

        Raises:
            IdempotencyKeyReused: The key was used before with a different request.
        """
        if request is None:
            return None
        found = await self._table.get(tx, *_names(request))
        if found is None or found.expire_time <= milliseconds(now):
            return None
        if not any(compare_digest(found.request_digest, one) for one in request.digests):
            raise IdempotencyKeyReused
        try:
            return Answered(await repeat.answer(tx, found.kept))
        except CountsAsNew:
            return None

    async def sweep(self, tx: Write, now: datetime, limit: int) -> int:
        """Removes at most `limit` expired records; returns how many."""
        return await self._table.clear_expired(tx, now, limit)

    async def _require_room(self, tx: Write, caller: bytes, now: int) -> None:
        """Removes expired records of a caller who has too many. Raises `IdempotencyLimitReached`."""
        used = counted(await tx.get(self.counts.key(caller)))
        if used < self._limit:
            return
        rows = await tx.get_range(*self.by_time.range(caller), limit=_BATCH)
        found = [self.by_time.unpack(key) for key, _ in rows]
        expired = [(caller, key) for _, expire_time, key in found if expire_time <= now]
        if used - len(expired) >= self._limit:
            wait = max(found[0][1] - now, 1000) / 1000
            raise IdempotencyLimitReached({"limit": str(self._limit)}, retry_after=wait)
        for one in await self._table.get_many(tx, expired):
            await self._table.clear(tx, one)


def _names(request: IdempotentRequest) -> tuple[bytes, bytes]:
    """The caller and the key of a request, as a key of the store holds them."""
    return _digest(request.caller), _digest(request.scope, request.method, request.key)


def _digest(*parts: str) -> bytes:
    # With the lengths, so that no two sequences of parts are the same text.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return sha256(text.encode()).digest()[:_DIGEST_BYTES]


def _fill(record: storage_pb2.IdempotencyRecord, new: _Record) -> None:
    record.caller_digest = new.caller
    record.key_digest = new.key
    record.request_digest = new.request_digest
    record.kept = new.kept
    record.expire_time.FromMilliseconds(new.expire_time)


def _parse(record: storage_pb2.IdempotencyRecord) -> _Record:
    return _Record(
        record.caller_digest,
        record.key_digest,
        record.request_digest,
        record.kept,
        record.expire_time.ToMilliseconds(),
    )
