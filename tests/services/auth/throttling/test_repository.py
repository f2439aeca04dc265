"""How failures are stored, and how they are swept."""

from datetime import timedelta
from uuid import uuid4

import pytest

from kernel.storage import Store, Write
from services.auth.keys import AUTH
from services.auth.sweeper import sweeper
from services.auth.throttling.model import Lane, LaneId
from services.auth.throttling.repository import (
    WINDOW,
    count_network,
    elements_of,
    look,
    rest_of_window,
    table_of,
)
from tests.services.auth.harness import keeps_unknown_fields, make_settings
from tests.support.clock import START, FixedClock
from tests.support.store import rows_between

ADDRESS = LaneId(email_mac=b"\0" * 16)
DEVICE = LaneId(user_id=uuid4(), device_id=uuid4())
MAC = b"m" * 16


def lane(lane_id: LaneId) -> Lane:
    """A lane with every value, which expires after a month."""
    return Lane(lane_id, 7, START, START + timedelta(days=30), notified=True)


async def rows(store: Store) -> int:
    """The rows of the throttle."""
    return len(await rows_between(store, *AUTH["throttling"].range()))


@pytest.mark.parametrize("lane_id", [ADDRESS, DEVICE])
async def test_a_lane_is_read_as_it_was_written(store: Store, lane_id: LaneId) -> None:
    """Also by the read of a login; unknown fields of a newer version stay."""
    table, new = table_of(lane_id), lane(lane_id)
    key = table.family.key(*elements_of(lane_id))
    assert await keeps_unknown_fields(store, key, lambda tx: table.put(tx, new))
    found, failures = await store.read(lambda tx: look(tx, [lane_id], MAC, START))
    assert (found, failures) == ([new], 0)


async def test_a_network_is_counted_by_the_hour(store: Store) -> None:
    """A failure counts until the hour ends."""

    async def count(tx: Write) -> None:
        count_network(tx, MAC, START)

    await store.write(count)
    await store.write(count)
    rest = rest_of_window(START)
    for later, failures in ((timedelta(0), 2), (rest - timedelta(milliseconds=1), 2), (rest, 0)):
        now = START + later
        assert (await store.read(lambda tx, now=now: look(tx, [], MAC, now)))[1] == failures
    assert (START + rest).minute == 0
    assert timedelta(0) < rest <= WINDOW


async def test_what_has_expired_is_swept(store: Store, clock: FixedClock) -> None:
    """A counter goes an hour after its hour, a lane when it is forgotten."""

    async def fill(tx: Write) -> None:
        count_network(tx, MAC, START)
        for lane_id in (ADDRESS, DEVICE):
            await table_of(lane_id).put(tx, lane(lane_id))

    await store.write(fill)
    sweeping, left = sweeper(store, clock, make_settings()), []
    for time in (timedelta(0), timedelta(hours=1), timedelta(hours=1), timedelta(days=30)):
        clock.advance(seconds=time.total_seconds())
        for _ in range(62):  # until the settled time has followed
            clock.advance(minutes=1)
            await sweeping.sweep()
        left.append(await rows(store))
    assert left == [5, 4, 4, 0]
