"""Promised roles: what a member gets once the invited address is proved.

A member who has joined by the token from the inviter's answer may be anyone, so the role of the
invitation waits in the membership until auth says that this user has proved the invited address.
"""

from datetime import datetime
from uuid import UUID

from kernel.runtime import Runtime
from kernel.storage import Read, Write
from kernel.storage.recipes.paging import Page
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import Member, Membership
from services.tenants.revocations import repository as revocations

_BATCH = 50  # memberships in one transaction


class RolePromises:
    """The use case of auth when a user has proved an address."""

    def __init__(self, runtime: Runtime) -> None:
        self._store = runtime.store
        self._clock = runtime.clock

    async def keep(self, user_id: UUID, normalized_email: str) -> None:
        """Gives a user the roles that waited for the proof of an address.

        A role whose inviter could no longer give it is dropped. A repeat changes nothing.
        """
        now, after, more = self._clock.now(), None, True

        async def read(tx: Read) -> Page[Membership]:
            return await memberships.memberships(tx, user_id, after=after, limit=_BATCH)

        while more:
            page = await self._store.read(read)
            after, more = page.last_key, page.last_key is not None
            for member in (one.member for one in page.items):
                if _waits(member, normalized_email):
                    await self._settle(member, normalized_email, now)

    async def _settle(self, waiting: Member, normalized_email: str, now: datetime) -> None:
        """Gives one promised role, or drops it."""

        async def settle(tx: Write) -> None:
            member = await memberships.MEMBERS.get(tx, waiting.tenant_id, waiting.user_id)
            if member is not None and _waits(member, normalized_email):
                await _put_settled(tx, member, now)

        await self._store.write(settle, essential=True)


def _waits(member: Member, normalized_email: str) -> bool:
    return member.promise is not None and member.promise.normalized_email == normalized_email


async def _put_settled(tx: Write, member: Member, now: datetime) -> None:
    tenant_id, user_id, promise = member.tenant_id, member.user_id, member.promise
    assert promise is not None, "it waits"
    inviter = await memberships.MEMBERS.get(tx, tenant_id, promise.inviter_id)
    tenant = await memberships.ALL_TENANTS.get(tx, tenant_id)
    admitted = tenant is not None and tenant.policy.allows(promise.normalized_email)
    holds = admitted and inviter is not None and inviter.may_invite(promise.role)
    await memberships.MEMBERS.put(tx, member.with_role(promise.role if holds else member.role))
    if holds:
        await revocations.revoke_access(tx, tenant_id, user_id, end_sessions=False)
    action = "member.role_changed" if holds else "member.promise_lapsed"
    detail = f"{promise.role} by invitation {promise.invitation_id}, with the proved address"
    audit.append(tx, tenant_id, AuditEntry.unsigned(now, action, user_id, detail))
