"""How failures are stored: lanes with their expiry rows, and the counters of networks."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from coditect.auth.records.v1 import throttling_pb2
from kernel.clock import datetime_of, timestamp
from kernel.storage import Read, Write, counted
from kernel.storage.families import COUNTER, Family, digest, record, time, uuid
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.table import Table
from services.auth.keys import AUTH
from services.auth.throttling.model import Lane, LaneId

MAC_BYTES = 16
WINDOW = timedelta(hours=1)
"""The failures of a network are counted by the hour."""

_RECORD = record("coditect.auth.records.v1.LaneRecord", 130)
_ALL = 1000  # lanes of one user's devices that are removed with the account


def _fill(record: throttling_pb2.LaneRecord, new: Lane) -> None:
    key = new.lane_id
    record.email_mac = key.email_mac
    record.user_id = "" if key.user_id is None else str(key.user_id)
    record.device_id = "" if key.device_id is None else str(key.device_id)
    record.failures = new.failures
    record.fail_time.CopyFrom(timestamp(new.fail_time))
    record.expire_time.CopyFrom(timestamp(new.expire_time))
    record.notified = new.notified


def _parse(record: throttling_pb2.LaneRecord) -> Lane:
    return Lane(
        lane_id=LaneId(
            record.email_mac,
            UUID(record.user_id) if record.user_id else None,
            UUID(record.device_id) if record.device_id else None,
        ),
        failures=record.failures,
        fail_time=datetime_of(record.fail_time),
        expire_time=datetime_of(record.expire_time),
        notified=record.notified,
    )


def elements_of(key: LaneId) -> tuple[Any, ...]:
    """The elements of the key of a lane."""
    if key.user_id is None:
        return (key.email_mac,)
    return (key.user_id,) if key.device_id is None else (key.user_id, key.device_id)


def _key(lane: Lane) -> tuple[Any, ...]:
    return elements_of(lane.lane_id)


ADDRESS_LANE = Family[bytes](
    AUTH["throttling"]["address"],
    digest("email_mac", MAC_BYTES),
    value=_RECORD,
    life="until a login; 30 days after the last failure, 400 days if no password is taken",
)
ADDRESS_LANES = Table(ADDRESS_LANE, throttling_pb2.LaneRecord, key=_key, fill=_fill, parse=_parse)
ADDRESS_LANES.expiry(AUTH["throttling"]["address_expiry"], lambda lane: lane.expire_time)

DEVICE_LANE = Family[UUID, UUID](
    AUTH["throttling"]["device"],
    uuid("user_id"),
    uuid("device_id"),
    value=_RECORD,
    life="as of an address; with the account at the latest",
)
DEVICE_LANES = Table(DEVICE_LANE, throttling_pb2.LaneRecord, key=_key, fill=_fill, parse=_parse)
DEVICE_LANES.expiry(AUTH["throttling"]["device_expiry"], lambda lane: lane.expire_time)

SECOND_FACTOR_LANE = Family[UUID](
    AUTH["throttling"]["second_factor"],
    uuid("user_id"),
    value=_RECORD,
    life="as of an address; with the account at the latest",
)
SECOND_FACTOR_LANES = Table(
    SECOND_FACTOR_LANE, throttling_pb2.LaneRecord, key=_key, fill=_fill, parse=_parse
)
SECOND_FACTOR_LANES.expiry(
    AUTH["throttling"]["second_factor_expiry"], lambda lane: lane.expire_time
)

NETWORK = Family[int, bytes](
    AUTH["throttling"]["network"],
    time("window_time"),
    digest("network_mac", MAC_BYTES),
    value=COUNTER,
    life="an hour after the hour that it counts",
)


def table_of(key: LaneId) -> Table[Lane]:
    """The table of a lane."""
    if key.user_id is None:
        return ADDRESS_LANES
    return SECOND_FACTOR_LANES if key.device_id is None else DEVICE_LANES


async def look(
    tx: Read, keys: list[LaneId], network_mac: bytes, now: datetime
) -> tuple[list[Lane | None], int]:
    """The lanes that have failures on record, and the failures of a network in this hour."""
    tables = [table_of(key) for key in keys]
    rows = [t.family.key(*elements_of(key)) for t, key in zip(tables, keys, strict=True)]
    *values, count = await tx.get_many([*rows, NETWORK.key(_window(now), network_mac)])
    lanes = [None if v is None else t.parse(v) for t, v in zip(tables, values, strict=True)]
    return lanes, counted(count)


def count_network(tx: Write, network_mac: bytes, now: datetime) -> None:
    """Counts a failure of a network; never conflicts with others."""
    tx.add(NETWORK.key(_window(now), network_mac), 1)


async def clear_networks(tx: Write, now: datetime, limit: int) -> int:
    """Removes counters of hours before the last one, `limit` at most; returns how many."""
    begin, _ = NETWORK.range()
    end = NETWORK.space.pack((_window(now - WINDOW),))
    rows = await tx.get_range(begin, end, limit=limit)
    for key, _ in rows:
        tx.clear(key)
    return len(rows)


async def clear_address_lane(tx: Write, email_mac: bytes) -> None:
    """Removes the lane of an address."""
    lane = await ADDRESS_LANES.get(tx, email_mac)
    if lane is not None:
        await ADDRESS_LANES.clear(tx, lane)


async def clear_lanes(tx: Write, email_mac: bytes, user_id: UUID) -> None:
    """Removes the lane of an address, and those of a user's devices."""
    await clear_address_lane(tx, email_mac)
    await DEVICE_LANES.clear_some(tx, user_id, limit=_ALL)


async def clear_second_factor_lane(tx: Write, user_id: UUID) -> None:
    """Removes the lane of a user's second factor."""
    lane = await SECOND_FACTOR_LANES.get(tx, user_id)
    if lane is not None:
        await SECOND_FACTOR_LANES.clear(tx, lane)


def rest_of_window(now: datetime) -> timedelta:
    """The time until the count of a network's failures starts again at zero."""
    return timedelta(milliseconds=_window(now) - milliseconds(now)) + WINDOW


def _window(now: datetime) -> int:
    """The beginning of an hour, as a number for a key."""
    whole = WINDOW // timedelta(milliseconds=1)
    return milliseconds(now) // whole * whole
