"""The rules of members: who sees them, changes their roles and removes them."""

from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from kernel.clock import Clock
from kernel.errors import RoleMissing
from kernel.identity.callers import Role, TenantCall
from kernel.seal import Seal
from kernel.storage import Read, Store, Write
from kernel.storage.recipes.paging import PageTokens, list_name
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry
from services.tenants.members import succession
from services.tenants.members.errors import MemberNotFound
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.authorization import Authorization, authorize
from services.tenants.memberships.model import Act, Member, MemberPage
from services.tenants.memberships.self_tenant import SelfTenants
from services.tenants.revocations import repository as revocations
from services.tenants.revocations.settle import Change, once_enforced
from services.tenants.settings import TenantsSettings


class MemberListing(NamedTuple):
    """One page of a list, as the caller gets it."""

    members: list[Member]
    next_page_token: str


class Members:
    """The use cases around a member of an organization."""

    def __init__(self, store: Store, clock: Clock, seal: Seal, settings: TenantsSettings) -> None:
        self._store = store
        self._clock = clock
        self._self_tenants = SelfTenants(store)
        self._settle_seconds = settings.settle_seconds
        self._page_tokens = PageTokens(seal)

    async def list(self, call: TenantCall, limit: int, token: str) -> MemberListing:
        """A page of a tenant's members, in the order of their ids.

        Raises what `authorize` raises, `PageTokenInvalid`.
        """
        name = list_name("members", str(call.tenant_id), str(call.caller.user_id))
        after = self._page_tokens.read(token, name=name)

        async def read(tx: Read) -> MemberPage:
            await authorize(tx, call, while_suspended=True)
            return await memberships.members(tx, call.tenant_id, after=after, limit=limit)

        await self._self_tenants.ensure_callers(call, self._clock.now())
        page = await self._store.read(read)
        return MemberListing(list(page.members), self._page_tokens.make(page.last_key, name=name))

    async def update(self, call: TenantCall, act: Act, user_id: UUID, role: Role) -> Member:
        """Gives a member another role.

        Raises what `authorize` raises, `SelfTenantImmutable`, `MemberNotFound`, `RoleMissing` for a role
        above the caller's, `LastOwner`, `IdempotencyKeyReused`.
        """
        now = self._clock.now()

        async def update(tx: Write) -> Change:
            authorization = await authorize(tx, call)
            member = await _manageable(tx, authorization, user_id, role)
            if member.role == role:
                return Change(memberships.pack_member(member), revoked=False)
            if member.role == Role.OWNER:
                await succession.require_another(tx, call.tenant_id)
            member = replace(member, role=role)
            await memberships.put_member(tx, member)
            await revocations.revoke_access(tx, call.tenant_id, user_id, end_sessions=False)
            entry = AuditEntry.by(
                call.caller, act.device, now, "member.role_changed", user_id, str(role)
            )
            audit.append(tx, call.tenant_id, entry)
            return Change(memberships.pack_member(member), revoked=True)

        return memberships.parse_member(
            await once_enforced(self._store, act.replay, now, update, self._settle_seconds)
        )

    async def remove(self, call: TenantCall, act: Act, user_id: UUID) -> None:
        """Removes a member; every member may leave.

        Raises what `authorize` raises, `SelfTenantImmutable`, `MemberNotFound`, `RoleMissing` for a
        member with a higher role than the caller's, `LastOwner`, `IdempotencyKeyReused`.
        """
        now = self._clock.now()
        leaving = user_id == call.caller.user_id

        async def remove(tx: Write) -> Change:
            authorization = await authorize(tx, call)
            if not leaving and not authorization.may_manage_others:
                raise RoleMissing
            member = await _manageable(tx, authorization, user_id, Role.MEMBER, leaving=leaving)
            if member.role == Role.OWNER:
                await succession.require_another(tx, call.tenant_id)
            await memberships.clear_member(tx, call.tenant_id, user_id)
            await revocations.revoke_access(tx, call.tenant_id, user_id, end_sessions=True)
            action = "member.left" if leaving else "member.removed"
            entry = AuditEntry.by(call.caller, act.device, now, action, user_id)
            audit.append(tx, call.tenant_id, entry)
            return Change(b"", revoked=True)

        await once_enforced(self._store, act.replay, now, remove, self._settle_seconds)


async def _manageable(
    tx: Read, authorization: Authorization, user_id: UUID, role: Role, *, leaving: bool = False
) -> Member:
    """The member, if the caller's role may manage it and give it the role `role`."""
    authorization.require_organization()
    member = await memberships.member(tx, authorization.tenant.tenant_id, user_id)
    if member is None:
        raise MemberNotFound
    if not leaving:
        authorization.require(max(member.role, role))
    return member
