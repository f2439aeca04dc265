"""The invariants between the rows of several contexts.

Auth commits first and notifies the others afterwards. Until they have followed, its outbox has a
task about the user, which excuses a broken invariant. So do the session revocations in the outbox
of tenants, for a removed member or a deleted tenant, and the notices in the outbox of sessions, for the
tokens of a session that has ended.
"""

from collections.abc import Sequence
from uuid import UUID

from google.protobuf.message import DecodeError

from kernel.self_tenant import self_tenant_id
from kernel.storage import Read
from kernel.storage.recipes.invariants import Invariant, Row, agrees
from kernel.storage.recipes.tombstones import is_gone
from services.auth.outbox import invariants as auth_outbox
from services.auth.service_accounts.repository import SERVICE_ACCOUNT
from services.auth.users import repository as auth_users
from services.auth.workspace_tokens.repository import WORKSPACE_TOKEN
from services.sessions import invariants as session_invariants
from services.sessions import keys as sessions
from services.tenants.audit import repository as audit
from services.tenants.audit.repository import parse_entry
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.invariants import is_owner
from services.tenants.revocations import invariants as revocations

_NO_USER = UUID(int=0)  # no task and no revocation is about this id


def _user_of(session: Row) -> UUID:
    """The user of a session; `_NO_USER` if the id is unreadable."""
    try:
        return UUID(session.record.user_id)
    except ValueError:
        return _NO_USER


async def _user_without_task(tx: Read, rows: Sequence[Row]) -> list[Row]:
    return await auth_outbox.not_excused_by_outbox(tx, rows, [row.elements[0] for row in rows])


async def _member_without_task(tx: Read, rows: Sequence[Row]) -> list[Row]:
    return await auth_outbox.not_excused_by_outbox(tx, rows, [row.elements[1] for row in rows])


async def _session_without_task(tx: Read, rows: Sequence[Row]) -> list[Row]:
    return await auth_outbox.not_excused_by_outbox(tx, rows, [_user_of(row) for row in rows])


async def _without_task_or_deletion(tx: Read, rows: Sequence[Row]) -> list[Row]:
    left = await _session_without_task(tx, rows)
    return await revocations.not_excused_by_outbox(tx, left, [row.elements[0] for row in left])


async def _without_revocation(tx: Read, rows: Sequence[Row]) -> list[Row]:
    tenant_ids = [row.elements[0] for row in rows]
    return await revocations.not_excused_by_outbox(
        tx, rows, tenant_ids, [_user_of(row) for row in rows]
    )


async def _without_task_or_revocation(tx: Read, rows: Sequence[Row]) -> list[Row]:
    return await _without_revocation(tx, await _session_without_task(tx, rows))


def _has_self_tenant(_: Row, values: Sequence[bytes | None]) -> bool:
    tenant, member = values
    return tenant is not None and member is not None and is_owner(member)


def _exists(_: Row, values: Sequence[bytes | None]) -> bool:
    return values[0] is not None


def _membership(session: Row) -> list[bytes]:
    """The membership of a session's user.

    None in the self-tenant, which another check covers, and none of a service account.
    """
    tenant_id, user_id = session.elements[0], UUID(session.record.user_id)
    if session.record.of_service_account or tenant_id == self_tenant_id(user_id):
        return []
    return [memberships.MEMBER.key(tenant_id, user_id)]


def _owner(session: Row) -> list[bytes]:
    """The user or service account of a session."""
    user_id = UUID(session.record.user_id)
    if session.record.of_service_account:
        return [SERVICE_ACCOUNT.key(session.elements[0], user_id)]
    return [auth_users.USER.key(user_id)]


def _session_of_token(token: Row) -> list[bytes]:
    return [sessions.SESSION.key(UUID(token.record.tenant_id), token.elements[1])]


def _knows_of_token(token: Row, values: Sequence[bytes | None]) -> bool:
    return session_invariants.has_tokens_of(values[0], token.record.user_id)


async def _token_without_notice(tx: Read, rows: Sequence[Row]) -> list[Row]:
    return await session_invariants.not_excused_by_notice(
        tx, rows, [row.elements[1] for row in rows]
    )


def _tombstones(session: Row) -> list[bytes]:
    tenant_id, user_id = session.elements[0], UUID(session.record.user_id)
    return [
        sessions.REMOVED_MEMBERS.key(tenant_id, user_id),
        sessions.DELETED_TENANTS.key(tenant_id),
    ]


def _is_newer(session: Row, values: Sequence[bytes | None]) -> bool:
    return not any(is_gone(value, session.record.tenant_epoch) for value in values)


async def _names_missing_user(tx: Read, entries: Sequence[Row]) -> list[Row]:
    """The entries that name a missing user whom no task erases."""
    named = [(row, user_id) for row in entries for user_id in _named(row)]
    users = await tx.get_many(auth_users.USER.key(user_id) for _, user_id in named)
    missing = [pair for pair, value in zip(named, users, strict=True) if value is None]
    if not missing:
        return []
    rows, user_ids = zip(*missing, strict=True)
    left = await auth_outbox.not_excused_by_outbox(tx, rows, user_ids)
    return list({row.key: row for row in left}.values())  # an entry may name two


def _named(entry: Row) -> set[UUID]:
    try:
        return parse_entry(entry.value).users
    except (ValueError, DecodeError):  # the entry's own check reports it
        return set()


_OF_SESSION: tuple[Invariant, ...] = (
    agrees(
        sessions.SESSION,
        "has no user, and no task that erases it",
        _owner,
        _exists,
        _session_without_task,
    ),
    agrees(
        sessions.SESSION,
        "has no tenant, no task about its user and no pending deletion",
        lambda row: [memberships.TENANT.key(row.elements[0])],
        _exists,
        _without_task_or_deletion,
    ),
    agrees(
        sessions.SESSION,
        "has no membership of its user, no task about the user and no pending revocation",
        _membership,
        lambda _, values: None not in values,
        _without_task_or_revocation,
    ),
    agrees(
        sessions.SESSION,
        "is older than a tombstone, and has no pending revocation",
        _tombstones,
        _is_newer,
        _without_revocation,
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
        _has_self_tenant,
        _user_without_task,
    ),
    agrees(
        memberships.MEMBER,
        "has no user, and no task that erases it",
        lambda row: [auth_users.USER.key(row.elements[1])],
        _exists,
        _member_without_task,
    ),
    *_OF_SESSION,
    agrees(
        WORKSPACE_TOKEN,
        "has no session that knows of it, and no notice of its end",
        _session_of_token,
        _knows_of_token,
        _token_without_notice,
    ),
    Invariant(audit.AUDIT, "names a missing user, and no task erases it", _names_missing_user),
)
