"""The only file that knows how sessions are stored: records, keys and indexes.

Every function takes a transaction. A write keeps what a newer version has added to a record.
"""

import zlib
from collections.abc import Callable, Sequence
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from coditect.sessions.records.v1 import sessions_pb2
from kernel.ids import uuid_of
from kernel.storage import Read, Write, counted
from kernel.storage.families import time, uuid
from kernel.storage.recipes.paging import Page, page
from kernel.storage.recipes.table import Table
from kernel.storage.recipes.tombstones import is_gone
from services.sessions import keys
from services.sessions.model import Cleared, EndedSession, Session, SessionQuota, StoredSession

PAGE_BYTES = 1 << 18
"""A page ends early behind so many bytes. The gateway turns them into JSON on its only thread, in a
tenth of a second for each megabyte of the worst states."""

_ROWS_AT_ONCE = 50
# A state of 65,536 bytes of JSON can be five times that as a message, and a value has at most
# 100,000: long ones are deflated (RFC 1950), which leaves less than 45,000 of the worst.
_PLAIN_STATE_BYTES = 65_536
_DEFLATED = b"\x78"  # a zlib stream begins with it; a Struct is empty or begins with 0x0a


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
    record.has_tokens = new.has_tokens
    record.of_service_account = new.of_service_account


def _parse(record: sessions_pb2.SessionRecord) -> Session:
    return Session(
        session_id=uuid_of(record.session_id),
        tenant_id=uuid_of(record.tenant_id),
        user_id=uuid_of(record.user_id),
        name=record.name,
        workspace_path=record.workspace_path,
        state=_inflated(record.state),
        revision=record.revision,
        create_time=_milliseconds(record.create_time),
        update_time=_milliseconds(record.update_time),
        last_active_time=_milliseconds(record.last_active_time),
        expire_time=_milliseconds(record.expire_time),
        tenant_epoch=record.tenant_epoch,
        has_tokens=record.has_tokens,
        of_service_account=record.of_service_account,
    )


def _milliseconds(stamp: Timestamp) -> int:
    # Timestamp.ToMilliseconds checks the range first, which takes longer than the read of a row.
    return stamp.seconds * 1000 + stamp.nanos // 1_000_000


def _deflated(state: bytes) -> bytes:
    return zlib.compress(state, 1) if len(state) > _PLAIN_STATE_BYTES else state


def _inflated(state: bytes) -> bytes:
    return zlib.decompress(state) if state.startswith(_DEFLATED) else state


SESSIONS: Table[Session] = Table(
    keys.SESSION,
    sessions_pb2.SessionRecord,
    key=lambda session: (session.tenant_id, session.session_id),
    fill=_fill,
    parse=_parse,
)
SESSION_BY_USER = SESSIONS.index(
    keys.SESSIONS["user"],
    uuid("tenant_id"),
    uuid("user_id"),
    uuid("session_id"),
    keys=lambda session: [(session.tenant_id, session.user_id, session.session_id)],
    life="as the session",
)
# Moves with every heartbeat, so it is only for the list of one user. With the time at which the
# session ends, so that expired sessions are passed over without being read.
SESSION_BY_ACTIVITY = SESSIONS.index(
    keys.SESSIONS["activity"],
    uuid("tenant_id"),
    uuid("user_id"),
    time("last_active_time"),
    time("expire_time"),
    uuid("session_id"),
    keys=lambda session: [
        (
            session.tenant_id,
            session.user_id,
            session.last_active_time,
            session.expire_time,
            session.session_id,
        )
    ],
    life="as the session, until its next change or heartbeat",
)
SESSION_EXPIRY = SESSIONS.expiry(keys.SESSIONS["expiry"], lambda session: session.expire_time)
# Begins with the user, so that all tenants of a user are found together.
SESSION_COUNT = SESSIONS.count(
    keys.SESSIONS["count"],
    uuid("user_id"),
    uuid("tenant_id"),
    keys=lambda session: [(session.user_id, session.tenant_id)],
    life="as the user's sessions in the tenant",
)


async def session(tx: Read, tenant_id: UUID, session_id: UUID) -> Session | None:
    """The session of that id, if it is in the tenant."""
    return await SESSIONS.get(tx, tenant_id, session_id)


async def stored_session(tx: Read, tenant_id: UUID, session_id: UUID) -> StoredSession | None:
    """The session of that id, if it is in the tenant, as it is stored."""
    value = await tx.get(keys.SESSION.key(tenant_id, session_id))
    if value is None:
        return None
    record = sessions_pb2.SessionRecord.FromString(value)
    if record.state.startswith(_DEFLATED):
        record.state = _inflated(record.state)
        value = record.SerializeToString()
    user_id, expire_time = uuid_of(record.user_id), _milliseconds(record.expire_time)
    return StoredSession(session_id, user_id, expire_time, value)


def whole(stored: StoredSession) -> Session:
    """All of a session."""
    return SESSIONS.parse(stored.message)


async def recent_sessions_of_user(
    tx: Read, tenant_id: UUID, user_id: UUID, *, after: bytes | None, limit: int, now: int
) -> Page[Session]:
    """A user's living sessions in a tenant, the last active first, at most `limit` of them.

    Raises `PageTokenInvalid` if the key `after` is not of this list.
    """
    begin, end = SESSION_BY_ACTIVITY.range(tenant_id, user_id)
    pages = _Pages(limit, now)
    while pages.more:
        found = await page(tx, begin, end, after=after, limit=pages.rows_wanted, reverse=True)
        rows = [(key, *SESSION_BY_ACTIVITY.unpack(key)[-2:]) for key, _ in found.items]
        living = [(key, session_id) for key, expire_time, session_id in rows if expire_time > now]
        records = [keys.SESSION.key(tenant_id, session_id) for _, session_id in living]
        pages.take([key for key, _ in living], await tx.get_many(records), found.last_key)
        after = pages.last_key
    return Page(pages.sessions, pages.last_key)


async def sessions_of_user(
    tx: Read, tenant_id: UUID, user_id: UUID, *, after: bytes | None, limit: int, now: int
) -> Page[Session]:
    """A user's living sessions in a tenant in the order of their ids, at most `limit` of them.

    Raises `PageTokenInvalid` if the key `after` is not of this list.
    """
    begin, end = SESSION_BY_USER.range(tenant_id, user_id)
    pages = _Pages(limit, now)
    while pages.more:
        found = await page(tx, begin, end, after=after, limit=pages.rows_wanted)
        found_keys = [key for key, _ in found.items]
        records = [
            keys.SESSION.key(tenant_id, SESSION_BY_USER.unpack(key)[-1]) for key in found_keys
        ]
        pages.take(found_keys, await tx.get_many(records), found.last_key)
        after = pages.last_key
    return Page(pages.sessions, pages.last_key)


async def sessions_of_tenant(
    tx: Read, tenant_id: UUID, *, after: bytes | None, limit: int, now: int
) -> Page[Session]:
    """The living sessions of all users in a tenant in the order of their ids, at most `limit`.

    Raises `PageTokenInvalid` if the key `after` is not of this list.
    """
    begin, end = keys.SESSION.range(tenant_id)
    pages = _Pages(limit, now)
    while pages.more:
        found = await page(tx, begin, end, after=after, limit=pages.rows_wanted)
        found_keys = [key for key, _ in found.items]
        pages.take(found_keys, [value for _, value in found.items], found.last_key)
        after = pages.last_key
    return Page(pages.sessions, pages.last_key)


async def sessions_everywhere(
    tx: Read, user_id: UUID, *, after: bytes | None, limit: int, now: int
) -> Page[Session]:
    """A user's living sessions in the order of their tenants' ids and then their own.

    Of `limit` rows, so it may be fewer.
    """
    pages = _Pages(limit, now)
    found = await _rows_everywhere(tx, user_id, after, limit + 1)
    end = 0
    while pages.more and end < limit:
        begin, end = end, min(end + pages.rows_wanted, limit)
        piece = found[begin:end]
        ids = [SESSION_BY_USER.unpack(key) for key in piece]
        records = [keys.SESSION.key(tenant_id, session_id) for tenant_id, _, session_id in ids]
        last_key = piece[-1] if end < len(found) else None
        pages.take(piece, await tx.get_many(records), last_key)
    return Page(pages.sessions, pages.last_key)


async def session_quota(
    tx: Read, tenant_id: UUID, user_id: UUID, tenant_epoch: int
) -> SessionQuota:
    """What decides whether a user with a token of that epoch may have one more session."""
    count, *tombstones = await tx.get_many(
        [
            SESSION_COUNT.key(user_id, tenant_id),
            keys.DELETED_USERS.key(user_id),
            keys.REMOVED_MEMBERS.key(tenant_id, user_id),
            keys.DELETED_TENANTS.key(tenant_id),
        ]
    )
    return SessionQuota(
        counted(count), any(is_gone(tombstone, tenant_epoch) for tombstone in tombstones)
    )


async def clear_expired_of_user(
    tx: Write, tenant_id: UUID, user_id: UUID, now: int, limit: int
) -> int:
    """Removes expired sessions of a user in a tenant, `limit` at most, and says how many.

    It looks at the sessions that have been inactive for longest.
    """
    rows = await tx.get_range(*SESSION_BY_ACTIVITY.range(tenant_id, user_id), limit=limit)
    found = [SESSION_BY_ACTIVITY.unpack(key)[-2:] for key, _ in rows]
    expired = [(tenant_id, session_id) for expire_time, session_id in found if expire_time <= now]
    for old in await SESSIONS.get_many(tx, expired):
        await clear_session(tx, old)
    return len(expired)


async def put_session(tx: Write, new: Session) -> None:
    """Writes a session, and the row that finds its tenant and user."""
    if await SESSIONS.put(tx, new) is None:
        owner = sessions_pb2.SessionOwner(tenant_id=str(new.tenant_id), user_id=str(new.user_id))
        tx.set(keys.SESSION_OWNER.key(new.session_id), owner.SerializeToString())


async def update_session(
    tx: Write, tenant_id: UUID, session_id: UUID, change: Callable[[Session | None], Session]
) -> Session:
    """Writes what `change` makes of a stored session; it raises if there is none."""
    return await SESSIONS.update(tx, tenant_id, session_id, change=change)


async def clear_session(tx: Write, old: Session) -> None:
    """Removes a session and all that `put_session` wrote.

    If it has tokens, this queues a notice for auth.
    """
    await SESSIONS.clear(tx, old)
    tx.clear(keys.SESSION_OWNER.key(old.session_id))
    if old.has_tokens:
        notice = sessions_pb2.EndedSessionRecord(
            user_id=str(old.user_id), session_id=str(old.session_id)
        )
        keys.ENDED_SESSIONS.put(tx, notice.SerializeToString())


def parse_ended(value: bytes) -> EndedSession:
    """Reads a notice for auth."""
    record = sessions_pb2.EndedSessionRecord.FromString(value)
    return EndedSession(UUID(record.user_id), UUID(record.session_id))


async def clear_sessions_of_user(tx: Write, tenant_id: UUID, user_id: UUID, limit: int) -> Cleared:
    """Removes sessions of a user in a tenant, `limit` at most."""
    begin, end = SESSION_BY_USER.range(tenant_id, user_id)
    rows = await tx.get_range(begin, end, limit=limit + 1)
    found = [
        keys.SESSION.key(tenant_id, SESSION_BY_USER.unpack(key)[-1]) for key, _ in rows[:limit]
    ]
    had_tokens = False
    for value in await tx.get_many(found):
        assert value is not None, "a row of a user has its session"
        await clear_session(tx, old := SESSIONS.parse(value))
        had_tokens |= old.has_tokens
    return Cleared(len(rows) <= limit, had_tokens)


async def clear_sessions_before(
    tx: Write,
    tenant_id: UUID,
    user_id: UUID | None,
    epoch: int,
    *,
    after: bytes | None,
    limit: int,
) -> bytes | None:
    """Removes sessions from before an epoch of their tenant, of one user or of all.

    Checks at most `limit` sessions after the key `after`. Returns the key after which more remain
    to be checked; None if none remain.
    """
    begin, end = SESSION_BY_USER.range(*(one for one in (tenant_id, user_id) if one is not None))
    found = await page(tx, begin, end, after=after, limit=limit)
    ids = [SESSION_BY_USER.unpack(key)[-1] for key, _ in found.items]
    for value in await tx.get_many(keys.SESSION.key(tenant_id, one) for one in ids):
        assert value is not None, "a row of a user has its session"
        old = SESSIONS.parse(value)
        if old.tenant_epoch < epoch:
            await clear_session(tx, old)
    return found.last_key


async def tenant_of_user(tx: Read, user_id: UUID) -> UUID | None:
    """A tenant in which the user has sessions, if there is one."""
    rows = await tx.get_range(*SESSION_COUNT.range(user_id), limit=1)
    return SESSION_COUNT.unpack(rows[0][0])[-1] if rows else None


async def clear_expired(tx: Write, now: int, limit: int) -> int:
    """Removes sessions that have expired, `limit` at most, and says how many."""
    due = await SESSION_EXPIRY.due(tx, now, limit)
    for row in due:
        tx.clear(row.entry)
    for value in await tx.get_many(row.key for row in due):
        if value is not None:
            await clear_session(tx, SESSIONS.parse(value))
    return len(due)


class _Pages:
    """Gathers a page of living sessions from pieces that are read one after the other."""

    def __init__(self, limit: int, now: int) -> None:
        self.sessions: list[Session] = []
        self.last_key: bytes | None = None
        self.more = True
        self._limit = limit
        self._now = now
        self._room = PAGE_BYTES

    @property
    def rows_wanted(self) -> int:
        """How many rows the next piece may have."""
        return min(self._limit - len(self.sessions), _ROWS_AT_ONCE)

    def take(
        self, found: Sequence[bytes], values: Sequence[bytes | None], last_key: bytes | None
    ) -> None:
        """Adds the living sessions of a piece, as many as there is room for."""
        for key, value in zip(found, values, strict=True):
            assert value is not None, "a row of a user has its session"
            taken = SESSIONS.parse(value)
            if taken.expire_time > self._now:
                self.sessions.append(taken)
            # What is stored and what it becomes: never less than the message takes.
            self._room -= len(value) + len(taken.state)
            if self._room <= 0 and key != found[-1]:
                last_key = key
                break
        self.last_key = last_key
        self.more = last_key is not None and self._room > 0 and self.rows_wanted > 0


async def _rows_everywhere(tx: Read, user_id: UUID, after: bytes | None, limit: int) -> list[bytes]:
    """The rows of a user in every tenant behind one of them, at most `limit`."""
    begin, end = SESSION_COUNT.range(user_id)
    if after is not None:
        begin = SESSION_COUNT.key(user_id, SESSION_BY_USER.unpack(after)[0])
    found: list[bytes] = []
    # Who is counted in a tenant has a session there: no more of them are needed than of these.
    for key, _ in await tx.get_range(begin, end, limit=limit):
        first, last = SESSION_BY_USER.range(SESSION_COUNT.unpack(key)[-1], user_id)
        if after is not None and first <= after < last:
            first = after + b"\x00"
        rows = await tx.get_range(first, last, limit=limit - len(found))
        found += [row for row, _ in rows]
        if len(found) == limit:
            break
    return found
