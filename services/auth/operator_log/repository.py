"""How the operator log is stored: acts in the order of the commits."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from coditect.auth.records.v1 import operators_pb2
from kernel.clock import datetime_of, timestamp
from kernel.identity.devices import Device
from kernel.storage import Read, Write
from kernel.storage.families import Commit, Family, commit, record, uuid
from kernel.storage.recipes.paging import Page, filled, page
from kernel.storage.recipes.table import Table
from services.auth.keys import AUTH
from services.auth.operator_log.model import Act, OperatorAct, ReceivedEvent

OPERATOR_LOG = Family[Commit](
    AUTH["operator_log"],
    commit("commit"),
    value=record("coditect.auth.records.v1.OperatorActRecord", 3_500),
    life="OPERATOR_LOG_DAYS",
)
OPERATOR_EVENT = Family[UUID](
    AUTH["operator_event"],
    uuid("event_id"),
    value=record("coditect.auth.records.v1.OperatorEventRecord", 60),
    life="30 days",
)


def _fill_event(record: operators_pb2.OperatorEventRecord, new: ReceivedEvent) -> None:
    record.event_id = str(new.event_id)
    record.expire_time.CopyFrom(timestamp(new.expire_time))


def _parse_event(record: operators_pb2.OperatorEventRecord) -> ReceivedEvent:
    return ReceivedEvent(UUID(record.event_id), datetime_of(record.expire_time))


OPERATOR_EVENTS = Table(
    OPERATOR_EVENT,
    operators_pb2.OperatorEventRecord,
    key=lambda event: (event.event_id,),
    fill=_fill_event,
    parse=_parse_event,
)
"""Acts of other services that are in the log."""
OPERATOR_EVENT_EXPIRY = OPERATOR_EVENTS.expiry(
    AUTH["operator_event_expiry"], lambda event: event.expire_time
)


def append(tx: Write, act: OperatorAct) -> None:
    """Adds an act, in its own transaction and in the order of the commits. Reads nothing."""
    record = operators_pb2.OperatorActRecord(
        time=timestamp(act.time),
        operator_id=_bytes(act.operator_id),
        act=act.act,
        user_id=_bytes(act.user_id),
        tenant_id=_bytes(act.tenant_id),
        reason=act.reason,
        user_agent=act.device.user_agent,
        address=act.device.address,
    )
    tx.set_versionstamped_key(OPERATOR_LOG.space.prefix, record.SerializeToString())


async def acts(
    tx: Read, only: Callable[[OperatorAct], bool], *, after: bytes | None, limit: int
) -> Page[OperatorAct]:
    """The acts that `only` chooses, the newest first, at most `limit` of them.

    Acts that only a later version knows are left out. Raises `PageTokenInvalid` if the key `after`
    is not of this list.
    """
    begin, end = OPERATOR_LOG.range()

    async def read(last_key: bytes | None, number: int) -> Page[OperatorAct]:
        rows = await page(tx, begin, end, after=last_key, limit=number, reverse=True)
        found = (_known(value) for _, value in rows.items)
        return Page([one for one in found if one is not None and only(one)], rows.last_key)

    return await filled(read, after=after, limit=limit)


async def clear_old_acts(tx: Write, before: datetime, limit: int) -> int:
    """Removes the acts before that time, `limit` at most; says how many.

    The clocks of replicas differ, and acts on tenants come late: an old act behind a newer one is
    removed when the newer one is old.
    """
    rows = await tx.get_range(*OPERATOR_LOG.range(), limit=limit)
    for number, (key, value) in enumerate(rows):
        if datetime_of(operators_pb2.OperatorActRecord.FromString(value).time) >= before:
            return number
        tx.clear(key)
    return len(rows)


def parse_act(value: bytes) -> OperatorAct:
    """Reads an act from its row. Raises `ValueError` for one that only a later version knows."""
    record = operators_pb2.OperatorActRecord.FromString(value)
    return OperatorAct(
        time=datetime_of(record.time),
        operator_id=_id(record.operator_id),
        act=Act(record.act),
        device=Device(record.user_agent, record.address),
        user_id=_id(record.user_id),
        tenant_id=_id(record.tenant_id),
        reason=record.reason,
    )


def _known(value: bytes) -> OperatorAct | None:
    try:
        return parse_act(value)
    except ValueError:
        return None


def _bytes(one: UUID | None) -> bytes:
    return b"" if one is None else one.bytes


def _id(value: bytes) -> UUID | None:
    return UUID(bytes=value) if value else None
