"""The rules of members: who sees them, changes their roles and removes them."""

from uuid import UUID

from kernel.errors import RoleMissing
from kernel.identity.callers import Call, Role
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from kernel.storage.recipes.idempotency import Repeat
from kernel.storage.recipes.paging import Listing, Page, PageTokens, list_name
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry
from services.tenants.members import succession
from services.tenants.members.errors import MemberNotFound
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.authorization import Authorization, authorize
from services.tenants.memberships.model import Member
from services.tenants.memberships.self_tenant import SelfTenants
from services.tenants.revocations import repository as revocations
from services.tenants.revocations.settle import Change, write_enforced
from services.tenants.settings import TenantsSettings


class Members:
    """The use cases of a member of an organization."""

    def __init__(self, runtime: Runtime, settings: TenantsSettings) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._self_tenants = SelfTenants(runtime.store)
        self._page_tokens = PageTokens(runtime.seal)
        self._settle_seconds = settings.settle_seconds

    async def list(self, call: Call, limit: int, token: str) -> Listing[Member]:
        """A page of a tenant's members, in the order of their ids.

        Raises what `authorize` raises, `PageTokenInvalid`.
        """
        name = list_name("members", str(call.tenant_id), str(call.caller.user_id))

        async def read(tx: Read, after: bytes | None) -> Page[Member]:
            await authorize(tx, call, while_suspended=True)
            return await memberships.MEMBERS.page(tx, call.tenant_id, after=after, limit=limit)

        await self._self_tenants.ensure_callers(call, self._clock.now())
        return await self._page_tokens.list(self._store, name, token, read)

    async def update(self, call: Call, user_id: UUID, role: Role) -> Member:
        """Gives a member another role, in place of a promised one, too.

        Raises what `authorize` raises, `SelfTenantImmutable`, `MemberNotFound`, `RoleMissing` for a role
        above the caller's, `LastOwner`, `IdempotencyKeyReused`.
        """
        now = self._clock.now()

        async def update(tx: Write) -> Change[Member]:
            authorization = await authorize(tx, call)
            member = await _manageable(tx, authorization, user_id, role)
            changed = member.with_role(role)
            if changed == member:
                return Change(member, revoked=False)
            if member.role == Role.OWNER:
                await succession.require_another(tx, call.tenant_id)
            await memberships.MEMBERS.put(tx, changed)
            # The same role, given to a member who waits for a promised one: nothing is revoked.
            revoked = changed.role != member.role
            if revoked:
                await revocations.revoke_access(tx, call.tenant_id, user_id, end_sessions=False)
            entry = AuditEntry.by(call, now, "member.role_changed", user_id, str(role))
            audit.append(tx, call.tenant_id, entry)
            return Change(changed, revoked)

        async def again(tx: Read, _: bytes) -> Member:
            return await _manageable(tx, await authorize(tx, call), user_id, role)

        return await write_enforced(
            self._store, call, now, update, Repeat(again), self._settle_seconds
        )

    async def remove(self, call: Call, user_id: UUID) -> None:
        """Removes a member. Every member may leave, also without a second factor.

        Raises what `authorize` raises, `SelfTenantImmutable`, `MemberNotFound`, `RoleMissing` for a
        member with a higher role than the caller's, `LastOwner`, `IdempotencyKeyReused`.
        """
        now = self._clock.now()
        leaving = user_id == call.caller.user_id

        async def authorized(tx: Read) -> Authorization:
            # Who cannot or will not set up a second factor must be able to leave.
            authorization = await authorize(tx, call, with_one_factor=leaving)
            if not leaving and not authorization.may_manage_others:
                raise RoleMissing
            return authorization

        async def remove(tx: Write) -> Change[None]:
            authorization = await authorized(tx)
            member = await _manageable(tx, authorization, user_id, Role.MEMBER, leaving=leaving)
            if member.role == Role.OWNER:
                await succession.require_another(tx, call.tenant_id)
            await memberships.MEMBERS.clear(tx, member)
            await revocations.revoke_access(tx, call.tenant_id, user_id, end_sessions=True)
            action = "member.left" if leaving else "member.removed"
            entry = AuditEntry.by(call, now, action, user_id)
            audit.append(tx, call.tenant_id, entry)
            return Change(None, revoked=True)

        async def again(tx: Read, _: bytes) -> None:
            if not leaving:  # who has left may no longer do anything there
                await authorized(tx)

        await write_enforced(self._store, call, now, remove, Repeat(again), self._settle_seconds)


async def _manageable(
    tx: Read, authorization: Authorization, user_id: UUID, role: Role, *, leaving: bool = False
) -> Member:
    """The member, if the caller's role may manage it and give it the role `role`."""
    authorization.require_organization()
    member = await memberships.MEMBERS.get(tx, authorization.tenant.tenant_id, user_id)
    if member is None:
        raise MemberNotFound
    if not leaving:
        authorization.require(max(member.role, role))
    return member
