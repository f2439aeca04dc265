"""Acceptance: a token of an invitation makes a user a member.

Only a proof of the invited address brings the role of the invitation: the token from the email is one,
and so is a user's address that is the invited one and was proved before. The token that the inviter
passes on could be anyone's, so it makes a plain member, see `promises`.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kernel.identity.callers import Call, Role
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from kernel.storage.recipes.idempotency import Repeat
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry
from services.tenants.invitations import repository
from services.tenants.invitations.errors import (
    EmailDomainNotAllowed,
    InvitationNotFound,
    MemberExists,
    MemberLimitReached,
)
from services.tenants.invitations.model import EmailProofTask, Invitation
from services.tenants.invitations.token import hash_of
from services.tenants.keys import IDEMPOTENCY
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.authorization import require_open
from services.tenants.memberships.limits import check_tenant_limit
from services.tenants.memberships.model import (
    Member,
    Membership,
    Policy,
    RolePromise,
    Tenant,
    UserProfile,
)
from services.tenants.memberships.profiles import MemberProfiles, Profiles
from services.tenants.settings import TenantsSettings


class Acceptance:
    """The use case of a person who accepts an invitation."""

    def __init__(self, runtime: Runtime, profiles: Profiles, settings: TenantsSettings) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._profiles = profiles
        self._member_profiles = MemberProfiles(runtime.store, profiles)
        self._members = settings.members_per_tenant
        self._tenants = settings.tenants_per_user

    async def accept(self, call: Call, token: str) -> Membership:
        """Makes the caller a member, with the role that the caller's proof allows.

        Removes the invitation. If the token proves the caller's own address, a task for auth is queued.

        Raises `InvitationNotFound`, `TenantSuspended`, `MemberExists`, `EmailDomainNotAllowed`,
        `MemberLimitReached`, `TenantLimitReached`, `ProfileUnavailable`, `IdempotencyKeyReused`; `AccessTokenRevoked` if
        the user has been deleted meanwhile. A repeat by who is no longer a member finds no
        invitation either.
        """
        now, token_hash, user_id = self._clock.now(), hash_of(token), call.caller.user_id
        user = await self._profiles.profile(user_id)

        async def accept(tx: Write) -> Membership:
            found, tenant = await _acceptable(tx, token_hash, now)
            require_open(tenant, None)
            if await memberships.MEMBERS.get(tx, tenant.tenant_id, user_id) is not None:
                raise MemberExists
            _check_domain(tenant.policy, found, token_hash, user)
            await check_tenant_limit(tx, user_id, self._tenants)
            if await memberships.member_count(tx, tenant.tenant_id) >= self._members:
                raise MemberLimitReached({"limit": str(self._members)})
            admission = _admission(found, token_hash, user_id, user)
            role, promise = admission.role, admission.promise
            member = Member(tenant.tenant_id, user_id, role, now, user.profile, promise)
            await memberships.MEMBERS.put(tx, member)
            await repository.INVITATIONS.clear(tx, found)
            if admission.task is not None:
                repository.put_email_proof(tx, admission.task)
            detail = f"{role} by invitation {found.invitation_id}, {admission.proof}"
            entry = AuditEntry.by(call, now, "member.joined", user_id, detail)
            audit.append(tx, tenant.tenant_id, entry)
            return Membership(tenant, member)

        async def again(tx: Read, kept: bytes) -> Membership:
            found = await memberships.membership(tx, UUID(bytes=kept), user_id)
            if found is None:
                raise InvitationNotFound
            require_open(found.tenant, None)
            return found

        repeat = Repeat(again, keep=lambda joined: joined.tenant.tenant_id.bytes)
        joined = await IDEMPOTENCY.write(self._store, call.idempotency, now, accept, repeat)
        await self._member_profiles.catch_up(joined.member)
        return joined


class _Admission(NamedTuple):
    """What an acceptance leads to."""

    role: Role
    proof: str
    """What proves the invited address, in words for the audit log."""
    promise: RolePromise | None = None
    task: EmailProofTask | None = None


def _admission(
    found: Invitation, token_hash: bytes, user_id: UUID, user: UserProfile
) -> _Admission:
    """The role for a user with one of the tokens of an invitation."""
    address = found.normalized_email
    if token_hash == found.email_token_hash:
        new = user.profile.normalized_email == address and not user.email_verified
        task = EmailProofTask(user_id, address) if new else None
        return _Admission(found.role, "with the token from its email", task=task)
    if user.has_proved(address):
        return _Admission(found.role, "with the proved address")
    if found.role == Role.MEMBER:
        return _Admission(Role.MEMBER, "without a proof of the address")
    assert found.inviter_id is not None, "an acceptable invitation has an inviter"
    return _Admission(
        Role.MEMBER,
        f"without a proof of the address, {found.role} once it is proved",
        RolePromise(found.role, address, found.inviter_id, found.invitation_id),
        # The user may prove the address after the profile was read, and before the promise is there.
        EmailProofTask(user_id, None),
    )


def _check_domain(policy: Policy, found: Invitation, token_hash: bytes, user: UserProfile) -> None:
    """Raises `EmailDomainNotAllowed` unless the user's own, proved address is one that the policy allows.

    The token from the email proves the invited address, which counts if it is the user's own.
    """
    address = user.profile.normalized_email
    proved_now = token_hash == found.email_token_hash and address == found.normalized_email
    proved = user.email_verified or proved_now
    if policy.email_domains and not (proved and policy.allows(address)):
        raise EmailDomainNotAllowed


async def _acceptable(tx: Read, token_hash: bytes, now: datetime) -> tuple[Invitation, Tenant]:
    """The invitation of a token, with its tenant. Raises `InvitationNotFound`.

    An invitation is valid only while its inviter could still create it. So members who are removed,
    or get a lower role, cannot return by an invitation that they created before.
    """
    found = await repository.INVITATIONS.find(tx, repository.INVITATION_BY_TOKEN, token_hash)
    if found is None or found.expire_time <= now or found.inviter_id is None:
        raise InvitationNotFound
    inviter = await memberships.MEMBERS.get(tx, found.tenant_id, found.inviter_id)
    if not found.is_backed_by(inviter):
        raise InvitationNotFound
    tenant = await memberships.ALL_TENANTS.get(tx, found.tenant_id)
    if tenant is None:
        raise InvitationNotFound
    return found, tenant
