"""How the audit log is stored: entries in the order of the commits, found by user and by day."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from coditect.tenants.records.v1 import audit_pb2
from kernel.clock import datetime_of, day_of, timestamp
from kernel.identity.devices import Device
from kernel.identity.programs import Program
from kernel.storage import Read, Write
from kernel.storage.families import (
    COMMIT_BYTES,
    EMPTY,
    Commit,
    Family,
    Part,
    Value,
    commit,
    commit_at,
    commit_bytes,
    record,
    uuid,
)
from kernel.storage.recipes.paging import Page, page
from kernel.storage.recipes.table import Table
from services.tenants.audit.model import ABOUT_MEMBERS, AuditEntry, LogEntry, LoggedEvent
from services.tenants.keys import TENANTS

AUDIT = Family[UUID, Commit](
    TENANTS["audit"],
    uuid("tenant_id"),
    commit("commit"),
    value=record("coditect.tenants.records.v1.AuditRecord", 6_500),
    life="AUDIT_DAYS, at most as the tenant",
)
# Which users are named in the log of which tenant, as two indexes: one to take a deleted user out of
# all logs, and one to remove the rows of a deleted organization.
AUDIT_BY_USER = Family[UUID, UUID](
    TENANTS["audit_by_user"],
    uuid("user_id"),
    uuid("tenant_id"),
    value=Value("the key of the last entry that a deleted user is taken out of", AUDIT.key_bytes),
    life="until the user or the organization is deleted",
    of=AUDIT,
)
AUDIT_USER = Family[UUID, UUID](
    TENANTS["audit_user"],
    uuid("tenant_id"),
    uuid("user_id"),
    value=EMPTY,
    life="until the user or the organization is deleted",
    of=AUDIT,
)
# The key of an entry is known only after the commit, so no index can hold it. One row for each day
# of a tenant is enough to find old entries.
AUDIT_BY_DAY = Family[int, UUID](
    TENANTS["audit_by_day"],
    Part("day", int, 5),
    uuid("tenant_id"),
    value=EMPTY,
    life="as the entries of that day",
    of=AUDIT,
)
# A row says that a log has new entries, until the webhooks of its tenant are due.
AUDIT_CHANGED = Family[UUID](
    TENANTS["audit_changed"],
    uuid("tenant_id"),
    value=EMPTY,
    life="until the webhooks of the tenant are due, a second",
    of=AUDIT,
)
AUDIT_REMOVED = Family[UUID](
    TENANTS["audit_removed"],
    uuid("tenant_id"),
    value=Value("the commit of the last entry that was removed for its age", COMMIT_BYTES),
    life="as the tenant",
    of=AUDIT,
)


def _fill_event(record: audit_pb2.AuditEventRecord, new: LoggedEvent) -> None:
    record.event_id = str(new.event_id)
    record.expire_time.CopyFrom(timestamp(new.expire_time))


def _parse_event(record: audit_pb2.AuditEventRecord) -> LoggedEvent:
    return LoggedEvent(UUID(record.event_id), datetime_of(record.expire_time))


AUDIT_EVENT = Family[UUID](
    TENANTS["audit_event"],
    uuid("event_id"),
    value=record("coditect.tenants.records.v1.AuditEventRecord", 60),
    life="30 days",
)
AUDIT_EVENTS = Table(
    AUDIT_EVENT,
    audit_pb2.AuditEventRecord,
    key=lambda event: (event.event_id,),
    fill=_fill_event,
    parse=_parse_event,
)
"""Events of other services that are in a log."""
AUDIT_EVENT_EXPIRY = AUDIT_EVENTS.expiry(
    TENANTS["audit_event_expiry"], lambda event: event.expire_time
)

_ABOUT_CALLER: tuple[
    Literal["user_id", "login_id", "address", "user_agent", "client_id", "token_id", "agent"], ...
] = ("user_id", "login_id", "address", "user_agent", "client_id", "token_id", "agent")


def append(tx: Write, tenant_id: UUID, entry: AuditEntry) -> None:
    """Adds an entry about what this transaction does, in the order of the commits."""
    record = audit_pb2.AuditRecord(
        time=timestamp(entry.time),
        user_id=_text(entry.user_id),
        login_id=_text(entry.login_id),
        action=entry.action,
        target=_text(entry.target),
        detail=entry.detail,
        address=entry.device.address,
        user_agent=entry.device.user_agent,
        client_id=entry.program.client_id,
        token_id=_text(entry.program.token_id),
        agent=entry.program.agent,
        by_service_account=entry.by_service_account,
        target_name=entry.target_name,
        log_time=None if entry.log_time is None else timestamp(entry.log_time),
        by_operator=entry.by_operator,
    )
    tx.set_versionstamped_key(AUDIT.space[tenant_id].prefix, record.SerializeToString())
    tx.set(AUDIT_BY_DAY.key(day_of_entry(record), tenant_id), b"")
    tx.set(AUDIT_CHANGED.key(tenant_id), b"")
    for user_id in entry.users:
        tx.set(AUDIT_BY_USER.key(user_id, tenant_id), b"")
        tx.set(AUDIT_USER.key(tenant_id, user_id), b"")


async def entries(
    tx: Read, tenant_id: UUID, *, after: bytes | None, limit: int, newest_first: bool = False
) -> Page[AuditEntry]:
    """The log of a tenant in the order of the commits or against it, at most `limit` entries.

    Raises `PageTokenInvalid` if the key `after` is not of this list.
    """
    found = await page(tx, *AUDIT.range(tenant_id), after=after, limit=limit, reverse=newest_first)
    return found.map(lambda row: parse_entry(row[1]))


async def entries_after(tx: Read, tenant_id: UUID, commit: bytes, limit: int) -> list[LogEntry]:
    """The entries behind a place in the log, in the order of the commits, at most `limit`.

    Args:
        tx: The transaction.
        tenant_id: Whose log it is.
        commit: The place; empty for the beginning.
        limit: The maximum number of entries.
    """
    begin, end = AUDIT.range(tenant_id)
    rows = await tx.get_range(
        entry_key(tenant_id, commit) + b"\x00" if commit else begin, end, limit=limit
    )
    return [_log_entry(tenant_id, row) for row in rows]


async def entry_at(tx: Read, tenant_id: UUID, commit: bytes) -> LogEntry | None:
    """The entry at a place in the log."""
    key = entry_key(tenant_id, commit)
    value = await tx.get(key)
    return None if value is None else _log_entry(tenant_id, (key, value))


async def last_commit(tx: Read, tenant_id: UUID) -> bytes:
    """The place of the last entry of the log; empty if there is none."""
    rows = await tx.get_range(*AUDIT.range(tenant_id), limit=1, reverse=True)
    return commit_of(rows[0][0]) if rows else b""


async def last_removed(tx: Read, tenant_id: UUID) -> bytes:
    """The place of the last entry that was removed for its age; empty if none was."""
    return await tx.get(AUDIT_REMOVED.key(tenant_id)) or b""


def entry_key(tenant_id: UUID, commit: bytes) -> bytes:
    """The key of the entry at a place in the log."""
    return AUDIT.key(tenant_id, commit_at(commit))


def commit_of(key: bytes) -> bytes:
    """The place in the log of an entry with that key."""
    return commit_bytes(AUDIT.unpack(key)[1])


class Removed(NamedTuple):
    """What `clear_old_entries` has removed.

    Attributes:
        tenant_id: Whose log it was; None if nothing was old.
        commits: The places of the entries.
    """

    tenant_id: UUID | None
    commits: Sequence[bytes]


async def clear_old_entries(tx: Write, before: datetime, limit: int) -> Removed:
    """Removes the entries of whole days before that time from one log, `limit` at most."""
    end = AUDIT_BY_DAY.space.pack((day_of(before),))
    days = await tx.get_range(AUDIT_BY_DAY.range()[0], end, limit=1)
    if not days:
        return Removed(None, ())
    day, tenant_id = AUDIT_BY_DAY.unpack(days[0][0])
    rows = await tx.get_range(*AUDIT.range(tenant_id), limit=limit)
    # The clocks of replicas differ, so times may be slightly out of order. An old entry behind a newer
    # one is removed when the newer one is old.
    old = [key for key, value in rows if _day(value) <= day]
    for key in old:
        tx.clear(key)
    if old:
        last = max(await last_removed(tx, tenant_id), commit_of(old[-1]))
        tx.set(AUDIT_REMOVED.key(tenant_id), last)
    if len(old) < limit:
        tx.clear(days[0][0])
    return Removed(tenant_id, [commit_of(key) for key in old])


async def forget(tx: Write, user_id: UUID, limit: int) -> bool:
    """Takes a user out of the log entries; looks at `limit` entries at most.

    The entries stay. Continues where the last call ended; returns False once nothing is left.
    """
    rows = await tx.get_range(*AUDIT_BY_USER.range(user_id), limit=1)
    if not rows:
        return False
    key, last = rows[0]
    _, tenant_id = AUDIT_BY_USER.unpack(key)
    begin, end = AUDIT.range(tenant_id)
    entries = await tx.get_range(last + b"\x00" if last else begin, end, limit=limit)
    for entry, value in entries:
        if str(user_id).encode() in value:  # much faster than parsing the record
            tx.set(entry, _without(value, str(user_id)))
    if len(entries) < limit:
        tx.clear(key)
        tx.clear(AUDIT_USER.key(tenant_id, user_id))
    else:
        tx.set(key, entries[-1][0])
    return True


async def clear_entries(tx: Write, tenant_id: UUID, limit: int) -> int:
    """Removes the log of a deleted organization, `limit` rows at most; returns how many."""
    entries = await tx.get_range(*AUDIT.range(tenant_id), limit=limit)
    for key, _ in entries:
        tx.clear(key)
    if len(entries) == limit:
        return limit
    tx.clear(AUDIT_CHANGED.key(tenant_id))
    tx.clear(AUDIT_REMOVED.key(tenant_id))
    users = await tx.get_range(*AUDIT_USER.range(tenant_id), limit=limit)
    for key, _ in users:
        tx.clear(key)
        tx.clear(AUDIT_BY_USER.key(AUDIT_USER.unpack(key)[-1], tenant_id))
    return len(users)


def day_of_entry(record: audit_pb2.AuditRecord) -> int:
    """The day (UTC, counted from 1970) by which an entry is found when it is old."""
    late = record.HasField("log_time")
    return day_of(datetime_of(record.log_time if late else record.time))


def parse_entry(value: bytes) -> AuditEntry:
    """Reads an entry from its row."""
    record = audit_pb2.AuditRecord.FromString(value)
    return AuditEntry(
        time=datetime_of(record.time),
        user_id=UUID(record.user_id) if record.user_id else None,
        login_id=UUID(record.login_id) if record.login_id else None,
        action=record.action,
        target=UUID(record.target) if record.target else None,
        detail=record.detail,
        device=Device(record.user_agent, record.address),
        program=Program(
            record.client_id, UUID(record.token_id) if record.token_id else None, record.agent
        ),
        by_service_account=record.by_service_account,
        target_name=record.target_name,
        log_time=datetime_of(record.log_time) if record.HasField("log_time") else None,
        by_operator=record.by_operator,
    )


def _log_entry(tenant_id: UUID, row: tuple[bytes, bytes]) -> LogEntry:
    return LogEntry(tenant_id, commit_of(row[0]), parse_entry(row[1]))


def _day(value: bytes) -> int:
    return day_of_entry(audit_pb2.AuditRecord.FromString(value))


def _without(value: bytes, user_id: str) -> bytes:
    record = audit_pb2.AuditRecord.FromString(value)
    if record.user_id == user_id:
        for field in _ABOUT_CALLER:
            record.ClearField(field)
    if record.target == user_id and record.action.startswith(ABOUT_MEMBERS):
        record.ClearField("target")
    return record.SerializeToString()


def _text(one: UUID | None) -> str:
    return "" if one is None else str(one)
