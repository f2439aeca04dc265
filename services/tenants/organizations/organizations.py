"""The rules of organizations: who creates, renames, suspends, resumes and deletes one."""

from dataclasses import replace
from uuid import UUID

from kernel import log
from kernel.errors import TenantNotFound
from kernel.fields import Fields
from kernel.identity.callers import Call, Role
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from kernel.storage.recipes.idempotency import NOTHING, Repeat
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry
from services.tenants.keys import IDEMPOTENCY
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.authorization import authorize
from services.tenants.memberships.limits import check_tenant_limit
from services.tenants.memberships.model import ACTIVE, ORGANIZATION, Member, Membership, Tenant
from services.tenants.memberships.profiles import MemberProfiles, Profiles
from services.tenants.organizations.errors import SlugTaken, TenantSuspendedByOperator
from services.tenants.organizations.model import TenantUpdate
from services.tenants.organizations.slugs import check_slug, slugs_for
from services.tenants.revocations import repository as revocations
from services.tenants.revocations.settle import Change, wait_until_enforced, write_enforced
from services.tenants.settings import TenantsSettings

_logger = log.get(__name__)


class Organizations:
    """The use cases of an organization."""

    def __init__(self, runtime: Runtime, profiles: Profiles, settings: TenantsSettings) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._ids = runtime.ids
        self._profiles = profiles
        self._member_profiles = MemberProfiles(runtime.store, profiles)
        self._limit = settings.tenants_per_user
        self._settle_seconds = settings.settle_seconds

    async def create(self, call: Call, name: str, slug: str | None) -> Membership:
        """Creates an organization that the caller owns.

        Without a slug it derives one from the name. Raises `InvalidRequest` for a bad slug, `SlugTaken`,
        `TenantLimitReached`, `ProfileUnavailable`, `IdempotencyKeyReused`; `AccessTokenRevoked` if
        the user has been deleted meanwhile; in a repeat `TenantNotFound` if the organization has
        been deleted since, or the caller is no longer a member.
        """
        now, tenant_id, user_id = self._clock.now(), self._ids.uuid(), call.caller.user_id
        slugs = slugs_for(name, tenant_id) if slug is None else [_checked(slug)]
        profile, _ = await self._profiles.profile(user_id)
        owner = Member(tenant_id, user_id, Role.OWNER, now, profile)

        async def create(tx: Write) -> Membership:
            await check_tenant_limit(tx, user_id, self._limit)
            free = await _first_free(tx, slugs)
            tenant = Tenant(tenant_id, name, free, ORGANIZATION, ACTIVE, now)
            await memberships.ALL_TENANTS.put(tx, tenant)
            await memberships.MEMBERS.put(tx, owner)
            audit.append(tx, tenant_id, AuditEntry.by(call, now, "tenant.created"))
            return Membership(tenant, owner)

        async def again(tx: Read, kept: bytes) -> Membership:
            found = await memberships.membership(tx, UUID(bytes=kept), user_id)
            if found is None:
                raise TenantNotFound
            return found

        repeat = Repeat(again, keep=lambda made: made.tenant.tenant_id.bytes)
        made = await IDEMPOTENCY.write(self._store, call.idempotency, now, create, repeat)
        await self._member_profiles.catch_up(made.member)
        return made

    async def update(self, call: Call, changes: TenantUpdate) -> Membership:
        """Changes the name or the state of an organization.

        Raises what `authorize` raises, `SelfTenantImmutable`, `TenantSuspendedByOperator`,
        `IdempotencyKeyReused`.
        """
        now = self._clock.now()

        async def update(tx: Write) -> Change[Membership]:
            authorization = await authorize(tx, call, while_suspended=changes.state == ACTIVE)
            authorization.require_organization()
            _require_not_suspended_by_operator(authorization.tenant)
            tenant = _changed(authorization.tenant, changes)
            await memberships.ALL_TENANTS.put(tx, tenant)
            for action, detail in _what_changed(authorization.tenant, tenant):
                audit.append(tx, tenant.tenant_id, AuditEntry.by(call, now, action, detail=detail))
            revoked = tenant.state != authorization.tenant.state
            if revoked:  # also if it is resumed: a token says whether its tenant is suspended
                await revocations.revoke_access(tx, tenant.tenant_id, None, end_sessions=False)
            return Change(Membership(tenant, authorization.member), revoked)

        async def again(tx: Read, _: bytes) -> Membership:
            authorization = await authorize(tx, call, while_suspended=True)
            return Membership(authorization.tenant, authorization.member)

        return await write_enforced(
            self._store,
            call,
            now,
            update,
            Repeat(again),
            self._settle_seconds,
            essential=changes.state is not None,
        )

    async def delete(self, call: Call) -> None:
        """Deletes an organization. It is gone for its members at once; a sweep removes its rows later.

        Raises what `authorize` raises, `SelfTenantImmutable`, `TenantSuspendedByOperator`,
        `IdempotencyKeyReused`.
        """
        tenant_id, user_id = str(call.tenant_id), str(call.caller.user_id)

        async def delete(tx: Write) -> None:
            authorization = await authorize(tx, call, while_suspended=True)
            authorization.require_organization()
            _require_not_suspended_by_operator(authorization.tenant)
            await memberships.clear_organization(tx, authorization.tenant)
            await revocations.revoke_access(tx, call.tenant_id, None, end_sessions=True)

        # There is nothing left that a repeat could ask admission to.
        await IDEMPOTENCY.write(
            self._store, call.idempotency, self._clock.now(), delete, NOTHING, essential=True
        )
        # The audit log is deleted too, so the service's log says who did it; before the wait.
        _logger.info("organization deleted", tenant_id=tenant_id, user_id=user_id)
        await wait_until_enforced(self._store, self._settle_seconds)


def _checked(slug: str) -> str:
    """The slug that a caller has chosen. Raises `InvalidRequest`."""
    fields = Fields()
    check_slug(fields, slug)
    fields.check()
    return slug


async def _first_free(tx: Read, slugs: list[str]) -> str:
    for slug in slugs:
        if not await memberships.slug_is_taken(tx, slug):
            return slug
    raise SlugTaken


def _require_not_suspended_by_operator(tenant: Tenant) -> None:
    """Raises `TenantSuspendedByOperator`: what an operator has stopped, its owners do not remove."""
    if tenant.suspended_by_operator:
        raise TenantSuspendedByOperator


def _changed(tenant: Tenant, changes: TenantUpdate) -> Tenant:
    return replace(
        tenant,
        name=tenant.name if changes.name is None else changes.name,
        state=tenant.state if changes.state is None else changes.state,
    )


def _what_changed(old: Tenant, new: Tenant) -> list[tuple[str, str]]:
    """The actions for the audit log, each with its detail."""
    found = [("tenant.renamed", new.name)] if new.name != old.name else []
    if new.state != old.state:
        found.append(("tenant.resumed" if new.state == ACTIVE else "tenant.suspended", ""))
    return found
