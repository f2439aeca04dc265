"""How it is stored what was done in a tenant, and by and to whom."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from coditect.tenants.records.v1 import audit_pb2
from kernel.clock import datetime_of, timestamp
from kernel.identity.devices import Device
from kernel.storage import Read, Write
from kernel.storage.recipes.paging import page
from services.tenants import keys
from services.tenants.memberships.model import ABOUT_MEMBERS, AuditEntry, AuditPage, UserPage

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


def append_audit(tx: Write, tenant_id: UUID, entry: AuditEntry) -> None:
    """Notes what is done in this transaction; its place is that of the commit."""
    record = audit_pb2.AuditRecord(
        time=timestamp(entry.time),
        user_id=_text(entry.user_id),
        login_id=_text(entry.login_id),
        action=entry.action,
        target=_text(entry.target),
        detail=entry.detail,
        address=entry.device.address,
        user_agent=entry.device.user_agent,
    )
    tx.set_versionstamped_key(keys.AUDIT.space[tenant_id].prefix, record.SerializeToString())
    tx.set(keys.AUDIT_DAY.key(day_of(entry.time), tenant_id), b"")
    for user_id in entry.users:
        tx.set(keys.AUDIT_OF.key(user_id, tenant_id), b"")
        tx.set(keys.AUDIT_USER.key(tenant_id, user_id), b"")


async def audit(tx: Read, tenant_id: UUID, *, after: bytes | None, limit: int) -> AuditPage:
    """What was done in a tenant in the order of the commits, at most `limit` entries.

    Raises `PageTokenInvalid` if the key `after` is not of this list.
    """
    found = await page(tx, *keys.AUDIT.range(tenant_id), after=after, limit=limit)
    return AuditPage([parse_entry(value) for _, value in found.rows], found.last_key)


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
    old = [key for key, value in rows if day_of(parse_entry(value).time) <= day]
    for key in old:
        tx.clear(key)
    if len(old) < limit:
        tx.clear(days[0][0])
    return limit  # there may be another


def begin_of(user_id: UUID) -> bytes:
    """Behind which the entries about a user begin."""
    return keys.AUDIT_OF.range(user_id)[0]


async def audit_of(tx: Read, user_id: UUID, *, after: bytes, limit: int) -> UserPage:
    """What was done by a user or to it, of one tenant at a time; looks at `limit` entries at most.

    A page may be empty and not the last.

    Args:
        tx: The transaction.
        user_id: The user.
        after: Behind which key of an entry to begin, or of a tenant in the list of the user's.
        limit: How many entries to look at.
    """
    last: bytes | None = None
    if after in keys.AUDIT.space:
        tenant_id, last = keys.AUDIT.unpack(after)[0], after
    else:
        _, end = keys.AUDIT_OF.range(user_id)
        rows = await tx.get_range(after + b"\x00", end, limit=1)
        if not rows:
            return UserPage(None)
        _, tenant_id = keys.AUDIT_OF.unpack(rows[0][0])
    found = await page(tx, *keys.AUDIT.range(tenant_id), after=last, limit=limit)
    entries = [parse_entry(value) for _, value in found.rows if str(user_id).encode() in value]
    return UserPage(
        found.last_key or keys.AUDIT_OF.key(user_id, tenant_id),
        tenant_id=tenant_id,
        entries=[entry for entry in entries if user_id in entry.users],
    )


async def forget(tx: Write, user_id: UUID, limit: int) -> bool:
    """Takes a user out of what was done; looks at `limit` entries at most.

    That they were done stays. Begins where the last time has ended; says whether there was
    anything left to look at.
    """
    rows = await tx.get_range(*keys.AUDIT_OF.range(user_id), limit=1)
    if not rows:
        return False
    key, last = rows[0]
    _, tenant_id = keys.AUDIT_OF.unpack(key)
    begin, end = keys.AUDIT.range(tenant_id)
    entries = await tx.get_range(last + b"\x00" if last else begin, end, limit=limit)
    for entry, value in entries:
        if str(user_id).encode() in value:  # much quicker than reading the record
            tx.set(entry, _without(value, str(user_id)))
    if len(entries) < limit:
        tx.clear(key)
        tx.clear(keys.AUDIT_USER.key(tenant_id, user_id))
    else:
        tx.set(key, entries[-1][0])
    return True


async def clear_audit(tx: Write, tenant_id: UUID, limit: int) -> int:
    """Removes what was done in a deleted organization, `limit` rows at most, and says how many."""
    entries = await tx.get_range(*keys.AUDIT.range(tenant_id), limit=limit)
    for key, _ in entries:
        tx.clear(key)
    if len(entries) == limit:
        return limit
    users = await tx.get_range(*keys.AUDIT_USER.range(tenant_id), limit=limit)
    for key, _ in users:
        tx.clear(key)
        tx.clear(keys.AUDIT_OF.key(keys.AUDIT_USER.unpack(key)[-1], tenant_id))
    return len(users)


def day_of(time: datetime) -> int:
    """The number of a day, from 1970 on."""
    return (time - _EPOCH) // _DAY


def rest_of_day(time: datetime) -> timedelta:
    """How long its day goes on."""
    return _DAY - (time - _EPOCH) % _DAY


def parse_entry(value: bytes) -> AuditEntry:
    """An entry, from its row."""
    record = audit_pb2.AuditRecord.FromString(value)
    return AuditEntry(
        time=datetime_of(record.time),
        user_id=UUID(record.user_id) if record.user_id else None,
        login_id=UUID(record.login_id) if record.login_id else None,
        action=record.action,
        target=UUID(record.target) if record.target else None,
        detail=record.detail,
        device=Device(record.user_agent, record.address),
    )


def _without(value: bytes, user_id: str) -> bytes:
    record = audit_pb2.AuditRecord.FromString(value)
    if record.user_id == user_id:
        for field in ("user_id", "login_id", "address", "user_agent"):
            record.ClearField(field)
    if record.target == user_id and record.action.startswith(ABOUT_MEMBERS):
        record.ClearField("target")
    return record.SerializeToString()


def _text(one: UUID | None) -> str:
    return "" if one is None else str(one)
