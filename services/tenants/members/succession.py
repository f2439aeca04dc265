"""Every organization keeps an owner, however many of its members leave at the same time.

The transaction that removes an owner reads the owners, so two concurrent removals conflict, and the
second one sees the first.
"""

from datetime import datetime
from uuid import UUID

from kernel.identity.callers import Role
from kernel.storage import Read, Write
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry
from services.tenants.members.errors import LastOwner
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import Member
from services.tenants.revocations import repository as revocations

_CANDIDATES = 100  # members looked at where there is no admin


async def require_another(tx: Read, tenant_id: UUID) -> None:
    """Raises `LastOwner` if the organization has one owner only."""
    if len(await memberships.members_with_role(tx, tenant_id, Role.OWNER, 2)) < 2:  # noqa: PLR2004
        raise LastOwner


async def remove_erased_member(tx: Write, tenant_id: UUID, user_id: UUID, now: datetime) -> bool:
    """Removes a user whose account is deleted from an organization.

    This cannot fail: if the last owner leaves, the longest-serving admin becomes owner. Without an
    admin it is the longest-serving of the first hundred members in the order of their ids. An
    organization without members is deleted, unless an operator has suspended it: that keeps it, with
    its log, until an operator resumes it. The audit log gets an entry without the user.

    Returns:
        Whether the organization was deleted.
    """
    member = await memberships.MEMBERS.get(tx, tenant_id, user_id)
    if member is None:  # the row that led here leads nowhere
        tx.clear(memberships.MEMBER_BY_USER.key(user_id, tenant_id))
    else:
        await memberships.MEMBERS.clear(tx, member)
    tenant = await memberships.ALL_TENANTS.get(tx, tenant_id)
    if tenant is None:  # deleted, and a sweep removes its rows
        return False
    successor = None
    if not await memberships.members_with_role(tx, tenant_id, Role.OWNER, 1):
        successor = await _successor(tx, tenant_id)
        if successor is None and not tenant.suspended_by_operator:
            await memberships.clear_organization(tx, tenant)
            await revocations.revoke_access(tx, tenant_id, None, end_sessions=True)
            return True
    audit.append(tx, tenant_id, AuditEntry.unsigned(now, "member.erased"))
    await revocations.revoke_access(tx, tenant_id, user_id, end_sessions=True)
    if successor is not None:
        await _promote(tx, successor, now)
    return False


async def _promote(tx: Write, successor: Member, now: datetime) -> None:
    owner = successor.with_role(Role.OWNER)
    await memberships.MEMBERS.put(tx, owner)
    await revocations.revoke_access(tx, owner.tenant_id, owner.user_id, end_sessions=False)
    entry = AuditEntry.unsigned(now, "member.role_changed", owner.user_id, str(owner.role))
    audit.append(tx, owner.tenant_id, entry)


async def _successor(tx: Read, tenant_id: UUID) -> Member | None:
    admins = await memberships.members_with_role(tx, tenant_id, Role.ADMIN, 1)
    successor = await memberships.MEMBERS.get(tx, tenant_id, admins[0]) if admins else None
    if successor is not None:
        return successor
    first = await memberships.MEMBERS.page(tx, tenant_id, after=None, limit=_CANDIDATES)
    return min(first.items, key=lambda member: member.join_time, default=None)
