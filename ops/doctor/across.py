"""What always holds between the rows of several contexts.

Auth commits first and tells the others afterwards: until they have done it, its outbox has a task
about the user, which excuses what does not hold yet. So do the news that tenants has for sessions,
of a member who is none any more and of a deletion.
"""

from collections.abc import Sequence
from uuid import UUID

from google.protobuf.message import DecodeError

from kernel.self_tenant import self_tenant_id
from kernel.storage import Read
from kernel.storage.recipes.invariants import Invariant, Row, agrees
from kernel.storage.recipes.tombstones import is_gone
from services.auth.outbox import invariants as auth_outbox
from services.auth.users import repository as auth_users
from services.sessions import keys as sessions
from services.tenants.audit import repository as audit
from services.tenants.audit.repository import parse_entry
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.invariants import is_owner
from services.tenants.revocations import invariants as revocations

_NOBODY = UUID(int=0)  # about whom there is no task and no news


def _user_of(session: Row) -> UUID:
    """The user of a session; nobody if that cannot be read."""
    try:
        return UUID(session.record.user_id)
    except ValueError:
        return _NOBODY


async def _user_told(tx: Read, rows: Sequence[Row]) -> list[Row]:
    return await auth_outbox.not_excused_by_outbox(tx, rows, [row.elements[0] for row in rows])


async def _member_told(tx: Read, rows: Sequence[Row]) -> list[Row]:
    return await auth_outbox.not_excused_by_outbox(tx, rows, [row.elements[1] for row in rows])


async def _session_told(tx: Read, rows: Sequence[Row]) -> list[Row]:
    return await auth_outbox.not_excused_by_outbox(tx, rows, [_user_of(row) for row in rows])


async def _session_or_tenant_told(tx: Read, rows: Sequence[Row]) -> list[Row]:
    left = await _session_told(tx, rows)
    return await revocations.not_excused_by_outbox(tx, left, [row.elements[0] for row in left])


async def _end_told(tx: Read, rows: Sequence[Row]) -> list[Row]:
    tenant_ids = [row.elements[0] for row in rows]
    return await revocations.not_excused_by_outbox(
        tx, rows, tenant_ids, [_user_of(row) for row in rows]
    )


async def _session_or_end_told(tx: Read, rows: Sequence[Row]) -> list[Row]:
    return await _end_told(tx, await _session_told(tx, rows))


def _has_own_tenant(_: Row, values: Sequence[bytes | None]) -> bool:
    tenant, member = values
    return tenant is not None and member is not None and is_owner(member)


def _exists(_: Row, values: Sequence[bytes | None]) -> bool:
    return values[0] is not None


def _membership(session: Row) -> list[bytes]:
    """That of a session's user, where it can end; the user's own tenant is looked at elsewhere."""
    tenant_id, user_id = session.elements[0], UUID(session.record.user_id)
    return (
        [] if tenant_id == self_tenant_id(user_id) else [memberships.MEMBER.key(tenant_id, user_id)]
    )


def _ends(session: Row) -> list[bytes]:
    tenant_id, user_id = session.elements[0], UUID(session.record.user_id)
    return [
        sessions.REMOVED_MEMBERS.key(tenant_id, user_id),
        sessions.DELETED_TENANTS.key(tenant_id),
    ]


def _came_later(session: Row, values: Sequence[bytes | None]) -> bool:
    return not any(is_gone(value, session.record.tenant_epoch) for value in values)


async def _names_nobody(tx: Read, entries: Sequence[Row]) -> list[Row]:
    """Those that name somebody who is no user and whom nothing erases."""
    named = [(row, user_id) for row in entries for user_id in _named(row)]
    users = await tx.get_many(auth_users.USER.key(user_id) for _, user_id in named)
    missing = [pair for pair, value in zip(named, users, strict=True) if value is None]
    if not missing:
        return []
    rows, user_ids = zip(*missing, strict=True)
    left = await auth_outbox.not_excused_by_outbox(tx, rows, user_ids)
    return list({row.key: row for row in left}.values())  # one that names two is one


def _named(entry: Row) -> set[UUID]:
    try:
        return parse_entry(entry.value).users
    except (ValueError, DecodeError):  # found where the entry is looked at by itself
        return set()


_OF_SESSION: tuple[Invariant, ...] = (
    agrees(
        sessions.SESSION,
        "has no user, and no task that erases it",
        lambda row: [auth_users.USER.key(UUID(row.record.user_id))],
        _exists,
        _session_told,
    ),
    agrees(
        sessions.SESSION,
        "has no tenant, no task about its user and no news of a deletion",
        lambda row: [memberships.TENANT.key(row.elements[0])],
        _exists,
        _session_or_tenant_told,
    ),
    agrees(
        sessions.SESSION,
        "has no membership of its user, no task about the user and no news of its end",
        _membership,
        lambda _, values: None not in values,
        _session_or_end_told,
    ),
    agrees(
        sessions.SESSION,
        "is from before an end that is known, and there is no news of it",
        _ends,
        _came_later,
        _end_told,
    ),
)
INVARIANTS: tuple[Invariant, ...] = (
    agrees(
        auth_users.USER,
        "has no self-tenant that the user owns, and no task that makes it",
        lambda row: [
            memberships.TENANT.key(self_tenant_id(row.elements[0])),
            memberships.MEMBER.key(self_tenant_id(row.elements[0]), row.elements[0]),
        ],
        _has_own_tenant,
        _user_told,
    ),
    agrees(
        memberships.MEMBER,
        "has no user, and no task that erases it",
        lambda row: [auth_users.USER.key(row.elements[1])],
        _exists,
        _member_told,
    ),
    *_OF_SESSION,
    Invariant(audit.AUDIT, "names somebody who is no user, with no task left", _names_nobody),
)
