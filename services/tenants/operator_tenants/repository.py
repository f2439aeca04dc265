"""Reads tenants for operators."""

from collections.abc import Sequence
from uuid import UUID

from kernel.errors import TenantNotFound
from kernel.identity.callers import Role
from kernel.storage import Read, counted
from kernel.storage.recipes.paging import Page
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.errors import SelfTenantImmutable
from services.tenants.memberships.model import ORGANIZATION, Member, Tenant
from services.tenants.operator_tenants.model import OWNERS_SHOWN, OperatedTenant


async def require_tenant(tx: Read, tenant_id: UUID) -> Tenant:
    """A tenant. Raises `TenantNotFound`."""
    tenant = await memberships.ALL_TENANTS.get(tx, tenant_id)
    if tenant is None:
        raise TenantNotFound
    return tenant


async def require_organization(tx: Read, tenant_id: UUID) -> Tenant:
    """An organization. Raises `TenantNotFound`, `SelfTenantImmutable`."""
    tenant = await require_tenant(tx, tenant_id)
    if tenant.kind != ORGANIZATION:
        raise SelfTenantImmutable
    return tenant


async def all_counted(tx: Read, tenants: Sequence[Tenant]) -> list[OperatedTenant]:
    """Each tenant with the number of its members."""
    keys = [memberships.MEMBER_COUNT.key(tenant.tenant_id) for tenant in tenants]
    counts = map(counted, await tx.get_many(keys))
    # Those of self-tenants are not counted: each has one.
    return [
        OperatedTenant(tenant, count if tenant.kind == ORGANIZATION else 1)
        for tenant, count in zip(tenants, counts, strict=True)
    ]


async def with_owners(tx: Read, tenant: Tenant) -> OperatedTenant:
    """A tenant with the number of its members, and its owners."""
    (found,) = await all_counted(tx, [tenant])
    tenant_id = tenant.tenant_id
    if tenant.kind == ORGANIZATION:
        owners = await memberships.members_with_role(tx, tenant_id, Role.OWNER, OWNERS_SHOWN)
    else:
        only = await memberships.MEMBERS.page(tx, tenant_id, after=None, limit=1)
        owners = [member.user_id for member in only.items]
    return found._replace(owner_ids=owners)


async def of_slug(tx: Read, slug: str) -> Page[Tenant]:
    """The organization with a slug, if there is one, as a list."""
    tenant = await memberships.ALL_TENANTS.find(tx, memberships.SLUG, slug)
    return Page([] if tenant is None else [tenant], None)


async def of_user(tx: Read, user_id: UUID, *, after: bytes | None, limit: int) -> Page[Tenant]:
    """The tenants of a user in the order of their ids."""
    found = await memberships.memberships(tx, user_id, after=after, limit=limit)
    return found.map(lambda membership: membership.tenant)


async def members(tx: Read, tenant_id: UUID, *, after: bytes | None, limit: int) -> Page[Member]:
    """The members of a tenant in the order of their ids."""
    return await memberships.MEMBERS.page(tx, tenant_id, after=after, limit=limit)
