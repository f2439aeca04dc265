"""How security logs are stored: in the order of the commits, runs in one row, and bounded."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from coditect.auth.records.v1.security_log_pb2 import SecurityEventRecord
from kernel.identity.devices import Device
from kernel.storage import Store, Write
from kernel.storage.recipes.sweeping import BATCH
from ops.doctor.catalogue import Catalogue
from ops.doctor.examination import examine
from ops.doctor.report import Finding, Report
from services.auth.keys import AUTH
from services.auth.security_log import repository as security_log
from services.auth.security_log.model import Event, Outcome, SecurityEvent
from services.auth.users.repository import USERS
from tests.services.auth.harness import user
from tests.support.clock import START
from tests.support.store import rows_between

DEVICE = Device("agent", "192.0.2.1")
OTHER_DEVICE = Device("other agent", "198.51.100.1")
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
async def ada(store: Store) -> UUID:
    """The id of a user."""
    return await add_user(store)


async def add_user(store: Store) -> UUID:
    """Stores a user, and returns the id."""
    one = user(email=f"{uuid4()}@example.com")
    await store.write(lambda tx: USERS.put(tx, one))
    return one.user_id


def event(user_id: UUID, time: datetime, kind: Event = Event.LOGIN_STARTED) -> SecurityEvent:
    """An event that succeeded."""
    return SecurityEvent.done(user_id, kind, time, DEVICE, uuid4())


async def append(store: Store, *events: SecurityEvent) -> None:
    """Appends events in one transaction."""

    async def write(tx: Write) -> None:
        for one in events:
            security_log.append(tx, one)

    await store.write(write)


async def fail(
    store: Store, user_id: UUID, time: datetime, device: Device = DEVICE
) -> SecurityEvent:
    """Counts a failed login."""
    return await store.write(lambda tx: security_log.append_failure(tx, user_id, device, time))


async def log_of(store: Store, user_id: UUID) -> list[SecurityEvent]:
    """The newest 2,000 events of a user, the newest first."""
    page = await store.read(lambda tx: security_log.events(tx, user_id, after=None, limit=2_000))
    return page.items


async def sound(store: Store) -> bool:
    """Whether the doctor finds nothing wrong with security logs."""
    found: list[Finding] = []
    await examine(store, Catalogue(), Report(found.append))
    return not [one for one in found if "security_log" in str(one)]


async def log_rows(store: Store) -> int:
    """The number of rows of all security logs."""
    rows = await rows_between(store, *AUTH.range())
    return len([1 for key, _ in rows if b"security_log" in key])


async def test_events_are_listed_newest_first(store: Store, ada: UUID) -> None:
    """The order is that of the commits, and inside a transaction that of the calls, reversed."""
    first, second, third = (event(ada, START - MINUTE * number) for number in range(3))
    await append(store, first)
    await append(store, second, third)
    assert await log_of(store, ada) == [third, second, first]
    assert await log_of(store, uuid4()) == []
    assert await sound(store)


async def test_pages_continue_behind_the_oldest_event_shown(store: Store, ada: UUID) -> None:
    """Pages of two give every event once, although another one is added meanwhile."""
    events = [event(ada, START + MINUTE * number) for number in range(5)]
    await append(store, *events)
    seen: list[SecurityEvent] = []
    after: bytes | None = None
    for _ in range(3):
        page = await store.read(
            lambda tx, after=after: security_log.events(tx, ada, after=after, limit=2)
        )
        seen, after = seen + page.items, page.last_key
        await append(store, event(ada, START))
    assert (seen, after) == (events[::-1], None)


async def test_an_event_of_a_later_version(store: Store, ada: UUID) -> None:
    """It is left out, begins no run and ends one, and is removed with its day."""
    old = event(ada, START - DAY)
    await append(store, old)
    rows = await rows_between(store, *security_log.SECURITY_LOG.range(ada))
    later = SecurityEventRecord.FromString(rows[0][1])
    later.event = "later"

    async def rename(tx: Write) -> None:
        tx.set(rows[0][0], later.SerializeToString())

    await store.write(rename)
    failure = await fail(store, ada, START)
    assert await log_of(store, ada) == [failure]
    assert await store.write(lambda tx: security_log.clear_old_events(tx, START, 10)) == 10
    assert await log_of(store, ada) == [failure]
    assert await sound(store)


async def test_a_run_of_failures_is_one_row(store: Store, ada: UUID) -> None:
    """Failures within an hour count up in place; the row tells the last one and the first time."""
    for minute in range(60):
        failure = await fail(store, ada, START + MINUTE * minute, OTHER_DEVICE)
        assert failure.count == 1
    (run,) = await log_of(store, ada)
    assert (run.event, run.outcome, run.count) == (Event.LOGIN_FAILED, Outcome.FAILURE, 60)
    assert (run.first_time, run.time) == (START, START + MINUTE * 59)
    assert run.device == OTHER_DEVICE
    assert await sound(store)


async def test_a_run_ends_after_an_hour(store: Store, ada: UUID) -> None:
    """A failure an hour after the first one begins another run, even on the next day."""
    for hours in (0, 1, 20):
        await fail(store, ada, START + timedelta(hours=hours))
    assert [one.count for one in await log_of(store, ada)] == [1, 1, 1]
    assert await sound(store)


async def test_a_run_goes_on_over_midnight(store: Store, ada: UUID) -> None:
    """A run stays one entry, of the day on which it began."""
    midnight = START.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    await fail(store, ada, midnight - MINUTE)
    await fail(store, ada, midnight + MINUTE)
    assert [one.count for one in await log_of(store, ada)] == [2]
    assert await sound(store)


async def test_another_event_ends_a_run(store: Store, ada: UUID) -> None:
    """A failure after another event is a new row, so that the order stays true."""
    await fail(store, ada, START)
    await append(store, event(ada, START))
    await fail(store, ada, START)
    await store.write(
        lambda tx: security_log.append_failure(tx, ada, DEVICE, START, event=Event.REAUTHENTICATED)
    )
    assert [one.event for one in await log_of(store, ada)] == [
        Event.REAUTHENTICATED, Event.LOGIN_FAILED, Event.LOGIN_STARTED, Event.LOGIN_FAILED,
    ]  # fmt: skip


async def test_failures_at_once_are_all_counted(store: Store, ada: UUID) -> None:
    """Thirty failures at the same time are one row that says thirty."""
    await asyncio.gather(*(fail(store, ada, START) for _ in range(30)))
    assert [one.count for one in await log_of(store, ada)] == [30]


async def test_events_at_once_are_all_kept(store: Store, ada: UUID) -> None:
    """Thirty events and ten failures at the same time are all there, and the counts are right."""
    await asyncio.gather(
        *(append(store, event(ada, START)) for _ in range(30)),
        *(fail(store, ada, START) for _ in range(10)),
    )
    assert sum(one.count for one in await log_of(store, ada)) == 40
    assert await sound(store)


async def test_a_failure_of_a_deleted_user_is_not_stored(store: Store) -> None:
    """No row appears for a user who does not exist."""
    await fail(store, uuid4(), START)
    assert await log_rows(store) == 0


async def test_an_erased_log_leaves_no_row(store: Store, ada: UUID) -> None:
    """Nothing of the user is left; the log of another user stays."""
    other = await add_user(store)
    await append(store, event(ada, START), event(ada, START + timedelta(days=3)))
    await append(store, event(other, START))
    await store.write(lambda tx: security_log.erase(tx, ada))
    assert (await log_of(store, ada), len(await log_of(store, other))) == ([], 1)
    rows = await rows_between(store, *AUTH.range())
    assert not [key for key, _ in rows if ada.bytes in key and b"security_log" in key]


async def test_events_of_old_days_are_removed(store: Store, ada: UUID) -> None:
    """Whole days before the time go, with their counts; a late event of an old day goes too."""
    other = await add_user(store)
    days = [START + timedelta(days=number) for number in range(3)]
    await append(store, *(event(ada, day) for day in (days[0], days[2], days[1], days[0])))
    await append(store, event(other, days[0]))
    while await store.write(lambda tx: security_log.clear_old_events(tx, days[1] + MINUTE, BATCH)):
        pass
    assert [one.time for one in await log_of(store, ada)] == [days[1], days[2]]
    assert await log_of(store, other) == []
    assert await sound(store)


async def test_old_events_are_removed_in_bounded_pieces(store: Store, ada: UUID) -> None:
    """One transaction removes no more events than it may."""
    await append(store, *(event(ada, START) for _ in range(25)))
    tomorrow = START + timedelta(days=1)
    left = []
    for _ in range(3):
        await store.write(lambda tx: security_log.clear_old_events(tx, tomorrow, 10))
        left.append(len(await log_of(store, ada)))
    assert left == [15, 5, 0]


async def test_the_oldest_events_over_the_limit_are_removed(store: Store, ada: UUID) -> None:
    """The sweeper leaves the newest 1,000 events of a user, and looks at no user twice."""
    events = [event(ada, START + timedelta(seconds=number)) for number in range(1_120)]
    for begin in range(0, len(events), 100):
        await append(store, *events[begin : begin + 100])
    rounds = 0
    while await store.write(lambda tx: security_log.trim(tx, BATCH)):
        rounds += 1
    assert rounds == 2
    kept = await log_of(store, ada)
    assert (len(kept), kept[-1], kept[0]) == (1_000, events[120], events[-1])
    assert await sound(store)


async def test_an_event_survives_its_row(store: Store, ada: UUID) -> None:
    """Every field comes back, also where there is no login."""
    full = replace(event(ada, START, Event.TENANT_SWITCHED), device=OTHER_DEVICE)
    bare = SecurityEvent(ada, Event.GUESSES_STOPPED, Outcome.FAILURE, START, Device("", ""))
    await append(store, full, bare)
    assert await log_of(store, ada) == [bare, full]
