"""The export of organizations and memberships as lines that an import takes."""

from kernel.identity.callers import Role
from kernel.storage import Read
from kernel.storage.recipes.paging import Page
from services.tenants.importing.lines import MembershipLine, OrganizationLine, PolicyLine
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import ORGANIZATION, SUSPENDED, Member, Policy, Tenant


async def organization_lines(
    tx: Read, *, after: bytes | None, limit: int
) -> Page[OrganizationLine]:
    """Organizations in the order of their ids, of `limit` tenants; self-tenants are left out."""
    page = await memberships.ALL_TENANTS.page(tx, after=after, limit=limit)
    lines = [await _organization(tx, one) for one in page.items if one.kind == ORGANIZATION]
    return Page([line for line in lines if line is not None], page.last_key)


async def membership_lines(tx: Read, *, after: bytes | None, limit: int) -> Page[MembershipLine]:
    """Memberships in organizations that are not deleted, of `limit` memberships."""
    page = await memberships.MEMBERS.page(tx, after=after, limit=limit)
    shared = [one for one in page.items if not one.in_self_tenant]
    keys = [memberships.TENANT.key(one.tenant_id) for one in shared]
    tenants = await tx.get_many(keys)
    pairs = zip(shared, tenants, strict=True)
    return Page([_membership(one) for one, tenant in pairs if tenant is not None], page.last_key)


async def _organization(tx: Read, tenant: Tenant) -> OrganizationLine | None:
    owners = await memberships.members_with_role(tx, tenant.tenant_id, Role.OWNER, 1)
    owner = await memberships.MEMBERS.get(tx, tenant.tenant_id, owners[0]) if owners else None
    if owner is None:  # the doctor reports it
        return None
    return OrganizationLine(
        kind="organization",
        id=tenant.tenant_id,
        slug=tenant.slug,
        name=tenant.name,
        owner_id=owner.user_id,
        owner_join_time=owner.join_time,
        suspended=tenant.state == SUSPENDED,
        suspended_by_operator=tenant.suspended_by_operator,
        policy=_policy(tenant.policy),
        create_time=tenant.create_time,
    )


def _policy(policy: Policy) -> PolicyLine:
    return PolicyLine(
        second_factor_required=policy.second_factor_required,
        email_domains=policy.email_domains,
        login_idle_seconds=policy.login_idle_seconds,
        login_life_seconds=policy.login_life_seconds,
        programs_allowed=policy.programs_allowed,
        max_token_days=policy.max_token_days,
    )


def _membership(member: Member) -> MembershipLine:
    return MembershipLine.model_validate(
        {
            "kind": "membership",
            "organization_id": member.tenant_id,
            "user_id": member.user_id,
            "role": str(member.role),
            "create_time": member.join_time,
        }
    )
