"""Retries of a write get the first answer: a key's record commits together with the write itself.

A key belongs to one caller and one method. The record stores a keyed digest of the request, so that
a different request under the same key is rejected, and the data to answer again; no secrets.
"""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Generic, NamedTuple, TypeVar

from coditect.storage.v1 import storage_pb2
from kernel.errors import IdempotencyKeyReused
from kernel.idempotent_request import IdempotentRequest
from kernel.storage.families import AnyFamily, Family, Part, record
from kernel.storage.keys import Subspace
from kernel.storage.port import Read, Store, Write
from kernel.storage.recipes.expiry import Expiry, sweep

T = TypeVar("T")

LIFE = timedelta(days=1)

_PLAIN_CHARS = 64  # longer parts of a storage key are hashed
_PART_BYTES = _PLAIN_CHARS + 2  # 32 bytes of hash take as many if all are zero
_OWN_BYTES = 60  # of a record besides its answer: digest, time and tags


class Answer(NamedTuple, Generic[T]):
    """How an answer is stored for retries.

    Attributes:
        pack: Makes the bytes that the record stores; they must not contain secrets.
        parse: The inverse of `pack`.
    """

    pack: Callable[[T], bytes]
    parse: Callable[[bytes], T]


NOTHING: Answer[None] = Answer(lambda _: b"", lambda _: None)
"""The answer of a write without a result."""


class Idempotency:
    """The idempotency records of one context.

    Args:
        space: Where they are: ("record", caller, method, key), and their expiry rows.
        answer_bytes: The maximum bytes of an answer.

    Attributes:
        records: The family of the records.
        expiry: Their expiry index.
        families: All families.
    """

    def __init__(self, space: Subspace, answer_bytes: int) -> None:
        self.records = Family[str | bytes, str | bytes, str | bytes](
            space["record"],
            *(Part(name, str | bytes, _PART_BYTES) for name in ("caller", "method", "key")),
            value=record("coditect.storage.v1.IdempotencyRecord", answer_bytes + _OWN_BYTES),
            life="a day",
        )
        self.expiry = Expiry(space["expiry"], of=self.records)
        self.families: tuple[AnyFamily, ...] = (self.records, self.expiry.entries)

    async def write(
        self,
        store: Store,
        request: IdempotentRequest | None,
        now: datetime,
        answer: Answer[T],
        action: Callable[[Write], Coroutine[Any, Any, T]],
        *,
        essential: bool = False,
    ) -> T:
        """Runs the action in a transaction; a retry of the request gets the first answer instead.

        Args:
            store: Where the action writes.
            request: None without an idempotency key: then the action just runs.
            now: The time of the call.
            answer: How the answer is stored; used only with a key.
            action: The write itself; it may run more than once, but only one run is committed.
            essential: See `Store.write`.

        Raises:
            IdempotencyKeyReused: The key was used before with a different request.
        """
        if request is None:
            return await store.write(action, essential=essential)

        async def write(tx: Write) -> bytes:
            async def run() -> bytes:
                return answer.pack(await action(tx))

            return await self.once(tx, request, now, run)

        return answer.parse(await store.write(write, essential=essential))

    async def once(
        self,
        tx: Write,
        request: IdempotentRequest | None,
        now: datetime,
        action: Callable[[], Coroutine[Any, Any, bytes]],
    ) -> bytes:
        """Returns the stored answer of a retry, or runs the action and stores its answer.

        Args:
            tx: The transaction of the write.
            request: None if the caller sent no key: then the action just runs.
            now: The time of the call.
            action: The write itself, in the same transaction; returns the data to answer again.

        Raises:
            IdempotencyKeyReused: The key was used before with a different request.
        """
        seen = await self.find(tx, request, now)
        if seen is not None:
            return seen
        answer = await action()
        if request is None:
            return answer
        key = self._key(request)
        record = _record(await tx.get(key))
        if record is not None:
            self.expiry.clear(tx, _expire_time(record), key)
        self._store(tx, key, request.digest, answer, now + LIFE)
        return answer

    async def find(
        self, tx: Read, request: IdempotentRequest | None, now: datetime
    ) -> bytes | None:
        """Returns the stored answer of a retry; None for a first call or without a key.

        Raises:
            IdempotencyKeyReused: The key was used before with a different request.
        """
        if request is None:
            return None
        record = _record(await tx.get(self._key(request)))
        if record is None or _expire_time(record) <= now:
            return None
        if not any(compare_digest(record.request_digest, digest) for digest in request.digests):
            raise IdempotencyKeyReused
        return record.answer

    async def sweep(self, tx: Write, now: datetime, limit: int) -> int:
        """Removes at most `limit` expired records; returns how many."""
        return await sweep(tx, self.expiry, now, limit)

    def _store(self, tx: Write, key: bytes, digest: bytes, answer: bytes, end: datetime) -> None:
        record = storage_pb2.IdempotencyRecord(request_digest=digest, answer=answer)
        record.expire_time.FromDatetime(end)
        tx.set(key, record.SerializeToString())
        self.expiry.put(tx, end, key)

    def _key(self, request: IdempotentRequest) -> bytes:
        parts = request.caller, request.method, request.key
        return self.records.key(*(_short(part) for part in parts))


def _short(part: str) -> str | bytes:
    # Text and bytes differ in a key, so that no chosen key can look like a digest.
    return part if len(part) <= _PLAIN_CHARS and part.isascii() else sha256(part.encode()).digest()


def _record(value: bytes | None) -> storage_pb2.IdempotencyRecord | None:
    return None if value is None else storage_pb2.IdempotencyRecord.FromString(value)


def _expire_time(record: storage_pb2.IdempotencyRecord) -> datetime:
    return record.expire_time.ToDatetime(UTC)
