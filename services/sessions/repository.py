"""The only file that knows how sessions are stored: records, keys and indexes.

Every function takes a transaction. One setter per record writes it with all its index rows; what a
newer version has added to a record survives a write by this one.
"""

import zlib
from collections.abc import Sequence
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from coditect.sessions.records.v1 import sessions_pb2
from kernel.storage import Read, Write, counted
from kernel.storage.recipes.paging import page
from kernel.storage.recipes.tombstones import is_gone
from services.sessions import keys
from services.sessions.model import Session, SessionPage, SessionQuota

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
    value = await tx.get(keys.SESSION.key(tenant_id, session_id))
    return None if value is None else parse_session(value)


async def sessions_of_user(
    tx: Read, tenant_id: UUID, user_id: UUID, *, after: bytes | None, limit: int
) -> SessionPage:
    """A user's sessions in a tenant in the order of their ids, at most `limit` of them.

    Raises `PageTokenInvalid` if the key `after` is not of this list.
    """
    begin, end = keys.OF_USER.range(tenant_id, user_id)
    pages = _Pages(limit)
    while pages.more:
        found = await page(tx, begin, end, after=after, limit=pages.rows_wanted)
        found_keys = [key for key, _ in found.rows]
        records = [keys.SESSION.key(tenant_id, keys.OF_USER.unpack(key)[-1]) for key in found_keys]
        pages.take(found_keys, await tx.get_many(records), found.last_key)
        after = pages.last_key
    return SessionPage(pages.sessions, pages.last_key)


async def sessions_of_tenant(
    tx: Read, tenant_id: UUID, *, after: bytes | None, limit: int
) -> SessionPage:
    """Everybody's sessions in a tenant in the order of their ids, at most `limit` of them.

    Raises `PageTokenInvalid` if the key `after` is not of this list.
    """
    begin, end = keys.SESSION.range(tenant_id)
    pages = _Pages(limit)
    while pages.more:
        found = await page(tx, begin, end, after=after, limit=pages.rows_wanted)
        found_keys = [key for key, _ in found.rows]
        pages.take(found_keys, [value for _, value in found.rows], found.last_key)
        after = pages.last_key
    return SessionPage(pages.sessions, pages.last_key)


async def sessions_everywhere(
    tx: Read, user_id: UUID, *, after: bytes | None, limit: int
) -> SessionPage:
    """A user's sessions in the order of their tenants' ids and then their own, at most `limit`."""
    pages = _Pages(limit)
    found = await _rows_everywhere(tx, user_id, after, limit + 1)
    while pages.more:
        begin = len(pages.sessions)
        end = begin + pages.rows_wanted
        piece = found[begin:end]
        ids = [keys.OF_USER.unpack(key) for key in piece]
        records = [keys.SESSION.key(tenant_id, session_id) for tenant_id, _, session_id in ids]
        last_key = piece[-1] if end < len(found) else None
        pages.take(piece, await tx.get_many(records), last_key)
    return SessionPage(pages.sessions, pages.last_key)


async def session_quota(
    tx: Read, tenant_id: UUID, user_id: UUID, tenant_epoch: int
) -> SessionQuota:
    """What decides whether the user may have one more session in the tenant.

    With a token of that epoch: what has gone may have come back since.
    """
    count, *stones = await tx.get_many(
        [
            keys.COUNT.key(user_id, tenant_id),
            keys.DELETED_USERS.key(user_id),
            keys.REMOVED_MEMBERS.key(tenant_id, user_id),
            keys.DELETED_TENANTS.key(tenant_id),
        ]
    )
    return SessionQuota(counted(count), any(is_gone(stone, tenant_epoch) for stone in stones))


async def put_session(tx: Write, new: Session) -> None:
    """Writes a session with its place, the rows that find it, and its user's count."""
    key = keys.SESSION.key(new.tenant_id, new.session_id)
    old = await tx.get(key)
    record = sessions_pb2.SessionRecord.FromString(old or b"")
    if old is None:
        tx.set(keys.SESSION_OWNER.key(new.session_id), _pack_place(new))
        tx.set(keys.OF_USER.key(new.tenant_id, new.user_id, new.session_id), b"")
        tx.add(keys.COUNT.key(new.user_id, new.tenant_id), 1)
    else:
        keys.EXPIRY.clear(tx, _milliseconds(record.expire_time), key)
    _fill(record, new)
    tx.set(key, record.SerializeToString())
    keys.EXPIRY.put(tx, new.expire_time, key)


async def clear_session(tx: Write, old: Session) -> None:
    """Removes a session and all that `put_session` wrote."""
    session_key = keys.SESSION.key(old.tenant_id, old.session_id)
    tx.clear(session_key)
    tx.clear(keys.SESSION_OWNER.key(old.session_id))
    tx.clear(keys.OF_USER.key(old.tenant_id, old.user_id, old.session_id))
    keys.EXPIRY.clear(tx, old.expire_time, session_key)
    key = keys.COUNT.key(old.user_id, old.tenant_id)
    if counted(await tx.get(key)) > 1:
        tx.add(key, -1)
    else:
        tx.clear(key)


async def clear_sessions_of_user(tx: Write, tenant_id: UUID, user_id: UUID, limit: int) -> bool:
    """Removes sessions of a user in a tenant, `limit` at most; says whether none is left."""
    begin, end = keys.OF_USER.range(tenant_id, user_id)
    rows = await tx.get_range(begin, end, limit=limit + 1)
    found = [keys.SESSION.key(tenant_id, keys.OF_USER.unpack(key)[-1]) for key, _ in rows[:limit]]
    for value in await tx.get_many(found):
        assert value is not None, "a row of a user has its session"
        await clear_session(tx, parse_session(value))
    return len(rows) <= limit


async def clear_sessions_before(
    tx: Write,
    tenant_id: UUID,
    user_id: UUID | None,
    epoch: int,
    *,
    after: bytes | None,
    limit: int,
) -> bytes | None:
    """Removes sessions from before an epoch of their tenant, a user's or everybody's.

    Looks at those behind the key `after`, at `limit` of them at most. Gives the key behind which
    there are more to look at; None if there are none.
    """
    begin, end = keys.OF_USER.range(*(one for one in (tenant_id, user_id) if one is not None))
    found = await page(tx, begin, end, after=after, limit=limit)
    ids = [keys.OF_USER.unpack(key)[-1] for key, _ in found.rows]
    for value in await tx.get_many(keys.SESSION.key(tenant_id, one) for one in ids):
        assert value is not None, "a row of a user has its session"
        old = parse_session(value)
        if old.tenant_epoch < epoch:
            await clear_session(tx, old)
    return found.last_key


async def tenant_of_user(tx: Read, user_id: UUID) -> UUID | None:
    """A tenant in which the user has sessions, if there is one."""
    rows = await tx.get_range(*keys.COUNT.range(user_id), limit=1)
    return keys.COUNT.unpack(rows[0][0])[-1] if rows else None


async def clear_expired(tx: Write, now: int, limit: int) -> int:
    """Removes sessions that have expired, `limit` at most, and says how many."""
    due = await keys.EXPIRY.due(tx, now, limit)
    for row in due:
        tx.clear(row.entry)
    for value in await tx.get_many(row.key for row in due):
        if value is not None:
            await clear_session(tx, parse_session(value))
    return len(due)


def pack_session(packed: Session) -> bytes:
    """A session as its idempotency record keeps it."""
    record = sessions_pb2.SessionRecord()
    _fill(record, packed)
    return record.SerializeToString()


def parse_session(value: bytes) -> Session:
    """The other way round of `pack_session`; also a session from the row of a list."""
    record = sessions_pb2.SessionRecord.FromString(value)
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
        tenant_epoch=record.tenant_epoch,
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


async def _rows_everywhere(tx: Read, user_id: UUID, after: bytes | None, limit: int) -> list[bytes]:
    """The rows of a user in every tenant behind one of them, at most `limit`."""
    begin, end = keys.COUNT.range(user_id)
    if after is not None:
        begin = keys.COUNT.key(user_id, keys.OF_USER.unpack(after)[0])
    found: list[bytes] = []
    # Who is counted in a tenant has a session there: no more of them are needed than of these.
    for key, _ in await tx.get_range(begin, end, limit=limit):
        first, last = keys.OF_USER.range(keys.COUNT.unpack(key)[-1], user_id)
        if after is not None and first <= after < last:
            first = after + b"\x00"
        rows = await tx.get_range(first, last, limit=limit - len(found))
        found += [row for row, _ in rows]
        if len(found) == limit:
            break
    return found


def _fill(record: sessions_pb2.SessionRecord, new: Session) -> None:
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
    record.tenant_epoch = new.tenant_epoch


def _pack_place(new: Session) -> bytes:
    place = sessions_pb2.SessionOwner(tenant_id=str(new.tenant_id), user_id=str(new.user_id))
    return place.SerializeToString()


def _milliseconds(stamp: Timestamp) -> int:
    # Timestamp.ToMilliseconds checks the range first, which takes longer than the read of a row.
    return stamp.seconds * 1000 + stamp.nanos // 1_000_000


def _deflated(state: bytes) -> bytes:
    return zlib.compress(state, 1) if len(state) > _PLAIN_STATE_BYTES else state


def _inflated(state: bytes) -> bytes:
    return zlib.decompress(state) if state.startswith(_DEFLATED) else state
