"""The only file that knows how sessions are stored: records, keys and indexes.

Every function takes a transaction. One setter per record writes it with all its index rows; what a
newer version has added to a record survives a write by this one.
"""

import zlib
from collections.abc import Sequence
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from coditect.sessions.records.v1 import records_pb2
from kernel.storage import Read, Write, counted
from kernel.storage.paging import page
from services.sessions import keys
from services.sessions.model import Session, SessionPage

PAGE_BYTES = 1 << 20
"""A page ends early behind so many bytes. gRPC clients take messages of at most 4 MiB, and the
gateway answers of 8 MiB, in which JSON can write one byte as six."""

_ROWS_AT_ONCE = 50
# A state of 65,536 bytes of JSON can be five times that as a message, and a value has at most
# 100,000: long ones are deflated (RFC 1950), which leaves less than 45,000 of the worst.
_PLAIN_STATE_BYTES = 65_536
_DEFLATED = b"\x78"  # a zlib stream begins with it; a Struct is empty or begins with 0x0a


async def session(tx: Read, tenant_id: UUID, session_id: UUID) -> Session | None:
    """The session of that id, if it is in the tenant."""
    value = await tx.get(keys.session(tenant_id, session_id))
    return None if value is None else parse_session(value)


async def sessions_of_user(
    tx: Read, tenant_id: UUID, user_id: UUID, *, after: bytes | None, limit: int
) -> SessionPage:
    """A user's sessions in a tenant in the order of their ids, at most `limit` of them.

    Raises `PageTokenInvalid` if the key `after` is not of this list.
    """
    begin, end = keys.sessions_of_user(tenant_id, user_id)
    pages = _Pages(limit)
    while pages.more:
        found = await page(tx, begin, end, after=after, limit=pages.rows_wanted)
        found_keys = [key for key, _ in found.rows]
        records = [keys.session(tenant_id, keys.session_id_of(key)) for key in found_keys]
        pages.take(found_keys, await tx.get_many(records), found.last_key)
        after = pages.last_key
    return SessionPage(pages.sessions, pages.last_key)


async def sessions_of_tenant(
    tx: Read, tenant_id: UUID, *, after: bytes | None, limit: int
) -> SessionPage:
    """Everybody's sessions in a tenant in the order of their ids, at most `limit` of them.

    Raises `PageTokenInvalid` if the key `after` is not of this list.
    """
    begin, end = keys.sessions_of_tenant(tenant_id)
    pages = _Pages(limit)
    while pages.more:
        found = await page(tx, begin, end, after=after, limit=pages.rows_wanted)
        found_keys = [key for key, _ in found.rows]
        pages.take(found_keys, [value for _, value in found.rows], found.last_key)
        after = pages.last_key
    return SessionPage(pages.sessions, pages.last_key)


async def count(tx: Read, tenant_id: UUID, user_id: UUID) -> int:
    """How many sessions the user has in the tenant, those included that wait to be swept."""
    return counted(await tx.get(keys.count(user_id, tenant_id)))


async def put_session(tx: Write, new: Session) -> None:
    """Writes a session with its place, the rows that find it, and its user's count."""
    key = keys.session(new.tenant_id, new.session_id)
    old = await tx.get(key)
    record = records_pb2.SessionRecord.FromString(old or b"")
    if old is None:
        tx.set(keys.place(new.session_id), _pack_place(new))
        tx.set(keys.of_user(new.tenant_id, new.user_id, new.session_id), b"")
        tx.add(keys.count(new.user_id, new.tenant_id), 1)
    else:
        tx.clear(keys.expiry(_milliseconds(record.expire_time), new.session_id))
    _fill(record, new)
    tx.set(key, record.SerializeToString())
    tx.set(keys.expiry(new.expire_time, new.session_id), b"")


async def clear_session(tx: Write, old: Session) -> None:
    """Removes a session and all that `put_session` wrote."""
    tx.clear(keys.session(old.tenant_id, old.session_id))
    tx.clear(keys.place(old.session_id))
    tx.clear(keys.of_user(old.tenant_id, old.user_id, old.session_id))
    tx.clear(keys.expiry(old.expire_time, old.session_id))
    key = keys.count(old.user_id, old.tenant_id)
    if counted(await tx.get(key)) > 1:
        tx.add(key, -1)
    else:
        tx.clear(key)


async def clear_sessions_of_user(tx: Write, tenant_id: UUID, user_id: UUID, limit: int) -> bool:
    """Removes sessions of a user in a tenant, `limit` at most; says whether none is left."""
    begin, end = keys.sessions_of_user(tenant_id, user_id)
    rows = await tx.get_range(begin, end, limit=limit + 1)
    found = [keys.session(tenant_id, keys.session_id_of(key)) for key, _ in rows[:limit]]
    for value in await tx.get_many(found):
        assert value is not None, "a row of a user has its session"
        await clear_session(tx, parse_session(value))
    return len(rows) <= limit


async def tenant_of_user(tx: Read, user_id: UUID) -> UUID | None:
    """A tenant in which the user has sessions, if there is one."""
    rows = await tx.get_range(*keys.COUNT.range((user_id,)), limit=1)
    return keys.COUNT.unpack(rows[0][0])[-1] if rows else None


async def clear_expired(tx: Write, now: int, limit: int) -> int:
    """Removes sessions that have expired, `limit` at most, and says how many."""
    begin, _ = keys.EXPIRY.range()
    rows = await tx.get_range(begin, keys.EXPIRY.pack((now + 1,)), limit=limit)
    ids = [keys.EXPIRY.unpack(key)[-1] for key, _ in rows]
    places = await tx.get_many([keys.place(session_id) for session_id in ids])
    found = [
        keys.session(_tenant_of(place), session_id)
        for session_id, place in zip(ids, places, strict=True)
        if place is not None
    ]
    for key, _ in rows:
        tx.clear(key)
    for value in await tx.get_many(found):
        if value is not None:
            await clear_session(tx, parse_session(value))
    return len(rows)


def pack_session(packed: Session) -> bytes:
    """A session as its idempotency record keeps it."""
    record = records_pb2.SessionRecord()
    _fill(record, packed)
    return record.SerializeToString()


def parse_session(value: bytes) -> Session:
    """The other way round of `pack_session`; also a session from the row of a list."""
    record = records_pb2.SessionRecord.FromString(value)
    return Session(
        session_id=UUID(record.session_id),
        tenant_id=UUID(record.tenant_id),
        user_id=UUID(record.user_id),
        name=record.name,
        workspace_path=record.workspace_path,
        state=_inflated(record.state),
        revision=record.revision,
        create_time=_milliseconds(record.create_time),
        update_time=_milliseconds(record.update_time),
        last_active_time=_milliseconds(record.last_active_time),
        expire_time=_milliseconds(record.expire_time),
    )


class _Pages:
    """Gathers a page of sessions from pieces that are read one after the other."""

    def __init__(self, limit: int) -> None:
        self.sessions: list[Session] = []
        self.last_key: bytes | None = None
        self.more = True
        self._limit = limit
        self._room = PAGE_BYTES

    @property
    def rows_wanted(self) -> int:
        """How many rows the next piece may have."""
        return min(self._limit - len(self.sessions), _ROWS_AT_ONCE)

    def take(
        self, found: Sequence[bytes], values: Sequence[bytes | None], last_key: bytes | None
    ) -> None:
        """Adds the sessions of a piece, as many as there is room for."""
        for key, value in zip(found, values, strict=True):
            assert value is not None, "a row of a user has its session"
            self.sessions.append(taken := parse_session(value))
            # What is stored and what it becomes: never less than the message takes.
            self._room -= len(value) + len(taken.state)
            if self._room <= 0 and key != found[-1]:
                last_key = key
                break
        self.last_key = last_key
        self.more = last_key is not None and self._room > 0 and self.rows_wanted > 0


def _fill(record: records_pb2.SessionRecord, new: Session) -> None:
    record.session_id = str(new.session_id)
    record.tenant_id = str(new.tenant_id)
    record.user_id = str(new.user_id)
    record.name = new.name
    record.workspace_path = new.workspace_path
    record.state = _deflated(new.state)
    record.revision = new.revision
    record.create_time.FromMilliseconds(new.create_time)
    record.update_time.FromMilliseconds(new.update_time)
    record.last_active_time.FromMilliseconds(new.last_active_time)
    record.expire_time.FromMilliseconds(new.expire_time)


def _pack_place(new: Session) -> bytes:
    place = records_pb2.SessionPlace(tenant_id=str(new.tenant_id), user_id=str(new.user_id))
    return place.SerializeToString()


def _tenant_of(place: bytes) -> UUID:
    return UUID(records_pb2.SessionPlace.FromString(place).tenant_id)


def _milliseconds(stamp: Timestamp) -> int:
    # Timestamp.ToMilliseconds checks the range first, which takes longer than the read of a row.
    return stamp.seconds * 1000 + stamp.nanos // 1_000_000


def _deflated(state: bytes) -> bytes:
    return zlib.compress(state, 1) if len(state) > _PLAIN_STATE_BYTES else state


def _inflated(state: bytes) -> bytes:
    return zlib.decompress(state) if state.startswith(_DEFLATED) else state
