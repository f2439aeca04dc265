"""How security logs are stored: entries in the order of the commits, found and counted by day."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from coditect.auth.records.v1 import security_log_pb2
from kernel.clock import datetime_of, day_of, timestamp
from kernel.identity.devices import Device
from kernel.identity.programs import Program
from kernel.storage import Read, Write
from kernel.storage.families import (
    COUNTER,
    EMPTY,
    Commit,
    Family,
    Part,
    commit,
    record,
    uuid,
)
from kernel.storage.limits import counted
from kernel.storage.recipes.paging import Page, filled, page
from services.auth.keys import AUTH
from services.auth.security_log.model import Event, Outcome, SecurityEvent
from services.auth.users.repository import USER

MOST = 1_000
"""The entries of a user that the sweeper leaves; the oldest ones go."""
RUN = timedelta(hours=1)
"""A failure counts in the newest entry if that is a run of failures that began this long ago."""

_MOST_DAYS = 10_000  # more than a setting allows
_SCANNED = 2 * MOST  # the clocks of replicas differ, so an old entry may stand behind newer ones

SECURITY_LOG = Family[UUID, Commit](
    AUTH["security_log"],
    uuid("user_id"),
    commit("commit"),
    value=record("coditect.auth.records.v1.SecurityEventRecord", 4_500),
    life="SECURITY_LOG_DAYS, the newest 1,000 of a user, at most as the user",
)
# The key of an entry is known only after the commit, so no index can hold it. One row for each day of
# a user is enough to find old entries, and one counter to find users with too many.
SECURITY_LOG_BY_DAY = Family[int, UUID](
    AUTH["security_log_by_day"],
    Part("day", int, 5),
    uuid("user_id"),
    value=EMPTY,
    life="as the entries of that day",
    of=SECURITY_LOG,
)
SECURITY_LOG_COUNT = Family[UUID, int](
    AUTH["security_log_count"],
    uuid("user_id"),
    Part("day", int, 5),
    value=COUNTER,
    life="as the entries of that day",
    of=SECURITY_LOG,
)
SECURITY_LOG_GROWN = Family[UUID](
    AUTH["security_log_grown"],
    uuid("user_id"),
    value=EMPTY,
    life="until the sweeper has counted the entries of the user",
    of=SECURITY_LOG,
)


def append(tx: Write, event: SecurityEvent) -> None:
    """Adds an event to the log of its user, in the order of the commits. Reads nothing.

    The caller's transaction has read that the user exists, or makes the user.
    """
    user_id = event.user_id
    assert user_id is not None, "an event without an account is not stored"
    day = day_of(event.begin_time)
    tx.set_versionstamped_key(SECURITY_LOG.space[user_id].prefix, _pack(event))
    tx.set(SECURITY_LOG_BY_DAY.key(day, user_id), b"")
    tx.add(SECURITY_LOG_COUNT.key(user_id, day), 1)
    tx.set(SECURITY_LOG_GROWN.key(user_id), b"")


async def append_failure(
    tx: Write,
    user_id: UUID,
    device: Device,
    now: datetime,
    *,
    event: Event = Event.LOGIN_FAILED,
    login_id: UUID | None = None,
    count: int = 1,
) -> SecurityEvent:
    """Counts failures in the newest entry if that is a run of them, or else begins a run.

    Nothing is stored for a user who has been deleted. In a transaction that also appends, call this
    first: it reads the newest entry.

    Returns:
        This failure alone, to be reported after the commit.
    """
    failure = SecurityEvent(user_id, event, Outcome.FAILURE, now, device, login_id)
    if await tx.get(USER.key(user_id)) is None:
        return failure
    newest = await tx.get_range(*SECURITY_LOG.range(user_id), limit=1, reverse=True)
    for key, value in newest:
        run = _known_event(user_id, value)
        if run is not None and run.event == event and abs(now - run.begin_time) < RUN:
            # Its day is that of its begin, so what finds and counts it stays right.
            tx.set(key, _pack(replace(failure, count=run.count + count, first_time=run.begin_time)))
            return failure
    append(tx, replace(failure, count=count))
    return failure


async def events(
    tx: Read, user_id: UUID, *, after: bytes | None, limit: int
) -> Page[SecurityEvent]:
    """The log of a user, the newest event first, at most `limit` of them.

    Events that only a later version knows are left out. Raises `PageTokenInvalid` if the key `after`
    is not of this list.
    """
    begin, end = SECURITY_LOG.range(user_id)

    async def read(last_key: bytes | None, number: int) -> Page[SecurityEvent]:
        rows = await page(tx, begin, end, after=last_key, limit=number, reverse=True)
        found = (_known_event(user_id, value) for _, value in rows.items)
        return Page([one for one in found if one is not None], rows.last_key)

    return await filled(read, after=after, limit=limit)


async def first_event(tx: Read, user_id: UUID) -> SecurityEvent | None:
    """The oldest event in the log of a user that is kept; None without one, or of a later version."""
    rows = await tx.get_range(*SECURITY_LOG.range(user_id), limit=1)
    return _known_event(user_id, rows[0][1]) if rows else None


async def erase(tx: Write, user_id: UUID) -> None:
    """Removes the log of a user, in the transaction that deletes the user."""
    days = await tx.get_range(*SECURITY_LOG_COUNT.range(user_id), limit=_MOST_DAYS)
    for key, _ in days:
        tx.clear(SECURITY_LOG_BY_DAY.key(SECURITY_LOG_COUNT.unpack(key)[1], user_id))
        tx.clear(key)
    tx.clear(SECURITY_LOG_GROWN.key(user_id))
    tx.clear_range(*SECURITY_LOG.range(user_id))


async def clear_old_events(tx: Write, before: datetime, limit: int) -> int:
    """Removes the events of whole days before that time, `limit` at most.

    Looks at the days of `limit` users at most. Returns `limit` if there may be more, else 0.
    """
    begin, _ = SECURITY_LOG_BY_DAY.range()
    end = SECURITY_LOG_BY_DAY.space.pack((day_of(before),))
    days, left = await tx.get_range(begin, end, limit=limit), limit
    for key, _ in days:
        day, user_id = SECURITY_LOG_BY_DAY.unpack(key)
        old = await _of_day(tx, user_id, day, left)
        await _clear(tx, user_id, old)
        if not old:  # an entry that cannot be found must not stop the sweeper
            tx.clear(key)
            tx.clear(SECURITY_LOG_COUNT.key(user_id, day))
        left -= len(old)
        if left <= 0:
            break
    return limit if days else 0


async def trim(tx: Write, limit: int) -> int:
    """Removes the oldest events of users who have more than `MOST`, `limit` at most.

    Looks at `limit` users at most. Returns `limit` if there may be more, else the number of users
    that it has looked at.
    """
    grown = await tx.get_range(*SECURITY_LOG_GROWN.range(), limit=limit)
    for key, _ in grown:
        (user_id,) = SECURITY_LOG_GROWN.unpack(key)
        days = await tx.get_range(*SECURITY_LOG_COUNT.range(user_id), limit=_MOST_DAYS)
        surplus = sum(counted(value) for _, value in days) - MOST
        if surplus > 0:
            rows = await tx.get_range(*SECURITY_LOG.range(user_id), limit=min(surplus, limit))
            await _clear(tx, user_id, _days(rows))
        if surplus <= limit:
            tx.clear(key)
        if surplus > 0:
            return limit
    return len(grown)


async def _of_day(tx: Read, user_id: UUID, day: int, limit: int) -> list[tuple[bytes, int]]:
    """The entries of a day that is over, `limit` at most: the first ones, if clocks agree."""
    count = counted(await tx.get(SECURITY_LOG_COUNT.key(user_id, day)))
    wanted = min(count, limit)
    for scanned in (max(wanted, 1), _SCANNED):
        rows = await tx.get_range(*SECURITY_LOG.range(user_id), limit=scanned)
        found = [one for one in _days(rows) if one[1] == day]
        if len(found) >= wanted:
            break
    return found[:limit]


async def _clear(tx: Write, user_id: UUID, old: list[tuple[bytes, int]]) -> None:
    """Removes entries, which are given with their days, and what finds and counts them."""
    for key, day in old:
        tx.clear(key)
        counter = SECURITY_LOG_COUNT.key(user_id, day)
        if counted(await tx.get(counter)) > 1:
            tx.add(counter, -1)
        else:
            tx.clear(counter)
            tx.clear(SECURITY_LOG_BY_DAY.key(day, user_id))


def parse_event(user_id: UUID, value: bytes) -> SecurityEvent:
    """Reads an event from its row. Raises `ValueError` for one that only a later version knows."""
    record = security_log_pb2.SecurityEventRecord.FromString(value)
    first = datetime_of(record.first_time) if record.HasField("first_time") else None
    return SecurityEvent(
        user_id=user_id,
        event=Event(record.event),
        outcome=Outcome(record.outcome),
        time=datetime_of(record.time),
        device=Device(record.user_agent, record.address),
        login_id=UUID(bytes=record.login_id) if record.login_id else None,
        count=record.count,
        first_time=first,
        program=Program(
            record.client_id,
            UUID(bytes=record.token_id) if record.token_id else None,
            record.agent,
        ),
        operated=record.by_operator,
    )


def _pack(event: SecurityEvent) -> bytes:
    return security_log_pb2.SecurityEventRecord(
        time=timestamp(event.time),
        event=event.event,
        outcome=event.outcome,
        count=event.count,
        login_id=b"" if event.login_id is None else event.login_id.bytes,
        user_agent=event.device.user_agent,
        address=event.device.address,
        first_time=None if event.first_time is None else timestamp(event.first_time),
        client_id=event.program.client_id,
        token_id=b"" if event.program.token_id is None else event.program.token_id.bytes,
        agent=event.program.agent,
        by_operator=event.operated,
    ).SerializeToString()


def _known_event(user_id: UUID, value: bytes) -> SecurityEvent | None:
    """Reads an event from its row; None for one that only a later version knows."""
    try:
        return parse_event(user_id, value)
    except ValueError:
        return None


def _days(rows: list[tuple[bytes, bytes]]) -> list[tuple[bytes, int]]:
    """The keys of entries with their days."""
    parse = security_log_pb2.SecurityEventRecord.FromString
    return [(key, day_of_entry(parse(value))) for key, value in rows]


def day_of_entry(record: security_log_pb2.SecurityEventRecord) -> int:
    """The day (UTC, counted from 1970) that counts and finds an entry: the one of its begin."""
    begin = record.first_time if record.HasField("first_time") else record.time
    return day_of(datetime_of(begin))
