"""What always holds between the rows of several contexts.

Auth commits first and tells the others afterwards: until they have done it, its outbox has a task
about the user, which excuses what does not hold yet. So do the news of tenants about a deletion.
"""

from collections.abc import Sequence
from uuid import UUID

from kernel.self_tenant import self_tenant_id
from kernel.storage import Read
from kernel.storage.invariants import Invariant, Row, agrees
from services.auth import keys as auth
from services.auth.invariants import without_task
from services.sessions import keys as sessions
from services.tenants import keys as tenants
from services.tenants.invariants import is_owner, without_news


async def _user_told(tx: Read, rows: Sequence[Row]) -> list[Row]:
    return await without_task(tx, rows, [row.elements[0] for row in rows])


async def _member_told(tx: Read, rows: Sequence[Row]) -> list[Row]:
    return await without_task(tx, rows, [row.elements[1] for row in rows])


async def _session_told(tx: Read, rows: Sequence[Row]) -> list[Row]:
    return await without_task(tx, rows, [UUID(row.record.user_id) for row in rows])


async def _session_or_tenant_told(tx: Read, rows: Sequence[Row]) -> list[Row]:
    left = await _session_told(tx, rows)
    return await without_news(tx, left, [row.elements[0] for row in left])


def _has_own_tenant(_: Row, values: Sequence[bytes | None]) -> bool:
    tenant, member = values
    return tenant is not None and member is not None and is_owner(member)


def _exists(_: Row, values: Sequence[bytes | None]) -> bool:
    return values[0] is not None


INVARIANTS: tuple[Invariant, ...] = (
    agrees(
        auth.USER,
        "has no self-tenant that the user owns, and no task that makes it",
        lambda row: [
            tenants.TENANT.key(self_tenant_id(row.elements[0])),
            tenants.MEMBER.key(self_tenant_id(row.elements[0]), row.elements[0]),
        ],
        _has_own_tenant,
        _user_told,
    ),
    agrees(
        tenants.MEMBER,
        "has no user, and no task that erases it",
        lambda row: [auth.USER.key(row.elements[1])],
        _exists,
        _member_told,
    ),
    agrees(
        sessions.SESSION,
        "has no user, and no task that erases it",
        lambda row: [auth.USER.key(UUID(row.record.user_id))],
        _exists,
        _session_told,
    ),
    agrees(
        sessions.SESSION,
        "has no tenant, no task about its user and no news of a deletion",
        lambda row: [tenants.TENANT.key(row.elements[0])],
        _exists,
        _session_or_tenant_told,
    ),
)
