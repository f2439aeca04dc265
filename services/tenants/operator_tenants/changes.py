"""Suspends, resumes and hands over organizations, for operators.

The transaction of a change writes it, the entry of the organization's audit log, and the event for
the operator log. What changes nothing is no act: a call that is made again adds no second entry.
"""

from dataclasses import replace
from uuid import UUID

from kernel.errors import UserIsOperator
from kernel.identity.callers import Call, Role
from kernel.runtime import Runtime
from kernel.storage import Write
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry
from services.tenants.members.errors import MemberNotFound
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import ACTIVE, SUSPENDED, Member, Tenant
from services.tenants.operator_events import repository as operator_events
from services.tenants.operator_events.model import OperatorEvent, TenantAct
from services.tenants.operator_tenants import repository
from services.tenants.operator_tenants.model import OperatedTenant
from services.tenants.revocations import repository as revocations
from services.tenants.revocations.settle import wait_until_enforced
from services.tenants.settings import TenantsSettings


class OperatorChanges:
    """The use cases of an operator who changes an organization."""

    def __init__(self, runtime: Runtime, settings: TenantsSettings) -> None:
        self._runtime = runtime
        self._settle_seconds = settings.settle_seconds

    async def suspend(self, call: Call, tenant_id: UUID, reason: str) -> OperatedTenant:
        """Suspends an organization until an operator resumes it.

        Raises `TenantNotFound`, `SelfTenantImmutable`.
        """
        event = self._event(call, TenantAct.TENANT_SUSPENDED, tenant_id, reason)
        return await self._set_state(event, tenant_id, SUSPENDED)

    async def resume(self, call: Call, tenant_id: UUID, reason: str) -> OperatedTenant:
        """Resumes an organization, also one that its owner has suspended.

        One whose last member was erased meanwhile is deleted instead.

        Raises `TenantNotFound`, `SelfTenantImmutable`.
        """
        event = self._event(call, TenantAct.TENANT_RESUMED, tenant_id, reason)
        return await self._set_state(event, tenant_id, ACTIVE)

    async def hand_over(self, call: Call, tenant_id: UUID, user_id: UUID, reason: str) -> Member:
        """Makes a member an owner, but not the operator who calls.

        Raises `UserIsOperator`, `TenantNotFound`, `SelfTenantImmutable`, `MemberNotFound`.
        """
        if user_id == call.caller.user_id:
            raise UserIsOperator
        event = self._event(call, TenantAct.TENANT_HANDED_OVER, tenant_id, reason, user_id=user_id)

        async def hand_over(tx: Write) -> Member:
            await repository.require_organization(tx, tenant_id)
            member = await memberships.MEMBERS.get(tx, tenant_id, user_id)
            if member is None:
                raise MemberNotFound
            if member.role == Role.OWNER:
                return member
            owner = member.with_role(Role.OWNER)
            await memberships.MEMBERS.put(tx, owner)
            await revocations.revoke_access(tx, tenant_id, user_id, end_sessions=False)
            entry = AuditEntry.by_an_operator(
                event.time, "member.role_changed", user_id, str(Role.OWNER)
            )
            audit.append(tx, tenant_id, entry)
            operator_events.append(tx, event)
            return owner

        member = await self._runtime.store.write(hand_over, essential=True)
        await wait_until_enforced(self._runtime.store, self._settle_seconds)
        return member

    async def _set_state(self, event: OperatorEvent, tenant_id: UUID, state: str) -> OperatedTenant:
        """Changes the state of an organization, and who may change it back."""

        async def set_state(tx: Write) -> OperatedTenant:
            tenant = await repository.require_organization(tx, tenant_id)
            changed = replace(tenant, state=state, suspended_by_operator=state == SUSPENDED)
            if state == ACTIVE and not await memberships.has_members(tx, tenant_id):
                await memberships.clear_organization(tx, tenant)
                await revocations.revoke_access(tx, tenant_id, None, end_sessions=True)
                operator_events.append(tx, event)
                return OperatedTenant(changed, 0)
            if changed != tenant:
                await memberships.ALL_TENANTS.put(tx, changed)
                if changed.state != tenant.state:
                    # Also if it is resumed: a token says whether its tenant is suspended.
                    await revocations.revoke_access(tx, tenant_id, None, end_sessions=False)
                audit.append(tx, tenant_id, _entry(event, changed))
                operator_events.append(tx, event)
            return await repository.with_owners(tx, changed)

        found = await self._runtime.store.write(set_state, essential=True)
        await wait_until_enforced(self._runtime.store, self._settle_seconds)
        return found

    def _event(
        self,
        call: Call,
        act: TenantAct,
        tenant_id: UUID,
        reason: str,
        *,
        user_id: UUID | None = None,
    ) -> OperatorEvent:
        event_id, now = self._runtime.ids.uuid(), self._runtime.clock.now()
        return OperatorEvent.by(
            call, event_id, now, act, tenant_id=tenant_id, user_id=user_id, reason=reason
        )


def _entry(event: OperatorEvent, tenant: Tenant) -> AuditEntry:
    """The entry of the audit log. The reason is for the operator log alone."""
    action = "tenant.resumed" if tenant.state == ACTIVE else "tenant.suspended"
    return AuditEntry.by_an_operator(event.time, action)
