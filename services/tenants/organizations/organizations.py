"""The rules of organizations: who creates, renames, suspends, resumes and deletes one."""

from dataclasses import replace
from uuid import UUID

from kernel import log
from kernel.clock import Clock
from kernel.identity.callers import Caller, Role, TenantCall
from kernel.ids import Ids
from kernel.storage import Read, Store, Write
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.authorization import authorize
from services.tenants.memberships.limits import check_tenant_limit
from services.tenants.memberships.model import ACTIVE, ORGANIZATION, Act, Member, Membership, Tenant
from services.tenants.memberships.profiles import MemberProfiles, Profiles
from services.tenants.organizations.errors import SlugTaken
from services.tenants.organizations.model import TenantUpdate
from services.tenants.organizations.slugs import slugs_for
from services.tenants.revocations import repository as revocations
from services.tenants.revocations.settle import Change, once, once_enforced, wait_until_enforced
from services.tenants.settings import TenantsSettings

_logger = log.get(__name__)


class Organizations:
    """The use cases around an organization."""

    def __init__(
        self, store: Store, clock: Clock, ids: Ids, profiles: Profiles, settings: TenantsSettings
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._profiles = profiles
        self._member_profiles = MemberProfiles(store, profiles)
        self._limit = settings.tenants_per_user
        self._settle_seconds = settings.settle_seconds

    async def create(self, caller: Caller, act: Act, name: str, slug: str | None) -> Membership:
        """Creates an organization that the caller owns.

        Raises `SlugTaken`, `TenantLimitReached`, `ProfileUnavailable`, `IdempotencyKeyReused`;
        `AccessTokenRevoked` if the user has been deleted meanwhile.
        """
        now, tenant_id = self._clock.now(), self._ids.uuid()
        profile = await self._profiles.profile(caller.user_id)
        owner = Member(tenant_id, caller.user_id, Role.OWNER, now, profile)
        slugs = slugs_for(name, tenant_id) if slug is None else [slug]

        async def create(tx: Write) -> bytes:
            await check_tenant_limit(tx, caller.user_id, self._limit)
            free = await _first_free(tx, slugs)
            tenant = Tenant(tenant_id, name, free, ORGANIZATION, ACTIVE, now)
            await memberships.put_tenant(tx, tenant)
            await memberships.put_member(tx, owner)
            _note(tx, tenant_id, AuditEntry.by(caller, act.device, now, "tenant.created"))
            return memberships.pack_membership(Membership(tenant, owner))

        made = memberships.parse_membership(await once(self._store, act.replay, now, create))
        await self._member_profiles.catch_up(made.member)
        return made

    async def update(self, call: TenantCall, act: Act, changes: TenantUpdate) -> Membership:
        """Changes the name or the state of an organization.

        Raises what `authorize` raises, `SelfTenantImmutable`, `IdempotencyKeyReused`.
        """
        now = self._clock.now()

        async def update(tx: Write) -> Change:
            authorization = await authorize(tx, call, while_suspended=changes.state == ACTIVE)
            authorization.require_organization()
            tenant = _changed(authorization.tenant, changes)
            await memberships.put_tenant(tx, tenant)
            for action, detail in _what_changed(authorization.tenant, tenant):
                entry = AuditEntry.by(call.caller, act.device, now, action, detail=detail)
                _note(tx, tenant.tenant_id, entry)
            revoked = tenant.state != authorization.tenant.state
            if revoked:  # also when it is resumed: a token says whether its tenant is suspended
                await revocations.revoke_access(tx, tenant.tenant_id, None, end_sessions=False)
            member = await memberships.member(tx, tenant.tenant_id, call.caller.user_id)
            assert member is not None, "authorize has seen the membership"
            return Change(memberships.pack_membership(Membership(tenant, member)), revoked)

        return memberships.parse_membership(
            await once_enforced(self._store, act.replay, now, update, self._settle_seconds)
        )

    async def delete(self, call: TenantCall, act: Act) -> None:
        """Deletes an organization. Nobody finds it from now on; a sweep removes its rows.

        Raises what `authorize` raises, `SelfTenantImmutable`, `IdempotencyKeyReused`.
        """
        tenant_id, user_id = str(call.tenant_id), str(call.caller.user_id)

        async def delete(tx: Write) -> bytes:
            authorization = await authorize(tx, call, while_suspended=True)
            authorization.require_organization()
            memberships.clear_organization(tx, authorization.tenant)
            await revocations.revoke_access(tx, call.tenant_id, None, end_sessions=True)
            return b""

        await once(self._store, act.replay, self._clock.now(), delete)
        # The audit log is deleted with it, so the service's log says who did it, before the wait.
        _logger.info("organization deleted", tenant_id=tenant_id, user_id=user_id)
        await wait_until_enforced(self._store, self._settle_seconds)


async def _first_free(tx: Read, slugs: list[str]) -> str:
    for slug in slugs:
        if not await memberships.slug_is_taken(tx, slug):
            return slug
    raise SlugTaken


def _changed(tenant: Tenant, changes: TenantUpdate) -> Tenant:
    return replace(
        tenant,
        name=tenant.name if changes.name is None else changes.name,
        state=tenant.state if changes.state is None else changes.state,
    )


def _what_changed(old: Tenant, new: Tenant) -> list[tuple[str, str]]:
    """The actions to note, each with its detail."""
    found = [("tenant.renamed", new.name)] if new.name != old.name else []
    if new.state != old.state:
        found.append(("tenant.resumed" if new.state == ACTIVE else "tenant.suspended", ""))
    return found


def _note(tx: Write, tenant_id: UUID, entry: AuditEntry) -> None:
    audit.append(tx, tenant_id, entry)
