"""How it is stored what was done in a tenant, and what others have yet to learn of it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from coditect.tenants.records.v1 import records_pb2
from kernel.clock import datetime_of, timestamp
from kernel.identity.devices import Device
from kernel.storage import Read, Write
from kernel.storage.paging import page
from services.tenants import keys
from services.tenants.model import AuditEntry, AuditPage, Member

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


def append_audit(tx: Write, tenant_id: UUID, entry: AuditEntry) -> None:
    """Notes what is done in this transaction; its place is that of the commit."""
    record = records_pb2.AuditRecord(
        time=timestamp(entry.time),
        user_id=str(entry.user_id),
        login_id="" if entry.login_id is None else str(entry.login_id),
        action=entry.action,
        target="" if entry.target is None else str(entry.target),
        detail=entry.detail,
        address=entry.device.address,
        user_agent=entry.device.user_agent,
    )
    tx.set_versionstamped_key(keys.AUDIT.space[tenant_id].prefix, record.SerializeToString())
    tx.set(keys.AUDIT_DAY.key(day_of(entry.time), tenant_id), b"")


async def audit(tx: Read, tenant_id: UUID, *, after: bytes | None, limit: int) -> AuditPage:
    """What was done in a tenant in the order of the commits, at most `limit` entries.

    Raises `PageTokenInvalid` if the key `after` is not of this list.
    """
    found = await page(tx, *keys.AUDIT.range(tenant_id), after=after, limit=limit)
    return AuditPage([_entry(value) for _, value in found.rows], found.last_key)


async def clear_old_audit(tx: Write, before: datetime, limit: int) -> int:
    """Removes what was done on whole days before that time, `limit` entries at most.

    Gives how many rows it has removed at least, 0 if there was nothing to do.
    """
    end = keys.AUDIT_DAY.space.pack((day_of(before),))
    days = await tx.get_range(keys.AUDIT_DAY.range()[0], end, limit=1)
    if not days:
        return 0
    day, tenant_id = keys.AUDIT_DAY.unpack(days[0][0])
    rows = await tx.get_range(*keys.AUDIT.range(tenant_id), limit=limit)
    # Clocks differ, so times may be a little out of order. One that waits behind a later one goes
    # with that one, whose own day comes too.
    old = [key for key, value in rows if day_of(_entry(value).time) <= day]
    for key in old:
        tx.clear(key)
    if len(old) < limit:
        tx.clear(days[0][0])
    return limit  # there may be another


def day_of(time: datetime) -> int:
    """The number of a day, from 1970 on."""
    return (time - _EPOCH) // _DAY


def tell_changed(tx: Write, member: Member) -> None:
    """Has others learn that a member has another role."""
    news = records_pb2.MembershipChanged(
        tenant_id=str(member.tenant_id), user_id=str(member.user_id), role=str(member.role)
    )
    _tell(tx, records_pb2.OutboxRecord(membership_changed=news))


def tell_ended(tx: Write, member: Member) -> None:
    """Has others learn that a user is no member any more."""
    news = records_pb2.MembershipEnded(tenant_id=str(member.tenant_id), user_id=str(member.user_id))
    _tell(tx, records_pb2.OutboxRecord(membership_ended=news))


def tell_suspended(tx: Write, tenant_id: UUID) -> None:
    """Has others learn that nobody may work in a tenant."""
    news = records_pb2.TenantSuspended(tenant_id=str(tenant_id))
    _tell(tx, records_pb2.OutboxRecord(tenant_suspended=news))


def tell_deleted(tx: Write, tenant_id: UUID) -> None:
    """Has others learn that a tenant is no more."""
    news = records_pb2.TenantDeleted(tenant_id=str(tenant_id))
    _tell(tx, records_pb2.OutboxRecord(tenant_deleted=news))


def _tell(tx: Write, record: records_pb2.OutboxRecord) -> None:
    keys.OUTBOX.put(tx, record.SerializeToString())


def _entry(value: bytes) -> AuditEntry:
    record = records_pb2.AuditRecord.FromString(value)
    return AuditEntry(
        time=datetime_of(record.time),
        user_id=UUID(record.user_id),
        login_id=UUID(record.login_id) if record.login_id else None,
        action=record.action,
        target=UUID(record.target) if record.target else None,
        detail=record.detail,
        device=Device(record.user_agent, record.address),
    )
