"""The rules for inviters: who may invite to which role, resend, withdraw and list invitations.

An invitation has two tokens, secrets of 256 bits: one in the answer to the inviter, one in the email.
The second one proves the address, because no answer contains it. The store keeps their hashes. Where a
token itself is needed after the call, for a repeat or an email, it is stored encrypted.
"""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from kernel.emails import normalized_email
from kernel.identity.assurance import require_strongest_proof
from kernel.identity.callers import Call, Role
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from kernel.storage.recipes.idempotency import Repeat
from kernel.storage.recipes.paging import Listing, Page, PageTokens, list_name
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry
from services.tenants.invitations import repository
from services.tenants.invitations.email_quota import EmailQuota
from services.tenants.invitations.errors import (
    EmailDomainNotAllowed,
    InvitationExists,
    InvitationLimitReached,
    InvitationNotFound,
    MemberExists,
)
from services.tenants.invitations.model import (
    EmailJob,
    Invitation,
    NewInvitation,
    SealedInvitation,
)
from services.tenants.invitations.opt_out import has_opted_out
from services.tenants.invitations.token import hash_of, token_of
from services.tenants.keys import IDEMPOTENCY
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.authorization import Authorization, authorize
from services.tenants.memberships.self_tenant import SelfTenants
from services.tenants.settings import TenantsSettings


class Invitations:
    """The use cases of an inviter."""

    def __init__(self, runtime: Runtime, settings: TenantsSettings) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._ids = runtime.ids
        self._seal = runtime.seal
        self._self_tenants = SelfTenants(runtime.store)
        self._page_tokens = PageTokens(runtime.seal)
        self._limit = settings.invitations_per_tenant
        self._life = timedelta(days=settings.invitation_days)
        self._mails = settings.mail_url is not None
        self._quota = EmailQuota(settings)

    async def create(self, call: Call, email: str, role: Role) -> NewInvitation:
        """Invites an address, with a role.

        Raises what `authorize` raises, `SelfTenantImmutable`, `RoleMissing` for a role above the
        caller's, `ReauthenticationRequired` and `SecondFactorRequired` for the role of an owner,
        `EmailDomainNotAllowed`, `MemberExists`, `InvitationExists`,
        `InvitationLimitReached`, `MailLimitReached`, `IdempotencyKeyReused`.
        """
        now, tokens = self._clock.now(), self._new_tokens()
        fresh = self._fresh(call, email, role, tokens, now)

        async def create(tx: Write) -> SealedInvitation:
            authorization = await authorize(tx, call)
            authorization.require_organization()
            authorization.require(role)
            _require_proof(call, role, now)
            _check_domain(authorization, fresh)
            await self._check_limits(tx, fresh)
            await self._put(tx, fresh, tokens, now)
            _note(tx, call, fresh, "invitation.created", now)
            return SealedInvitation(fresh, tokens.sealed)

        return await self._write(call, now, create)

    async def resend(self, call: Call, invitation_id: UUID) -> NewInvitation:
        """Gives an invitation new tokens and a new expiry time, and makes the caller its inviter.

        Raises what `authorize` raises, `InvitationNotFound`, `RoleMissing` for an invitation to a
        role above the caller's, `EmailDomainNotAllowed`, `MailLimitReached`,
        `IdempotencyKeyReused`.
        """
        now, tokens = self._clock.now(), self._new_tokens()

        async def resend(tx: Write) -> SealedInvitation:
            authorization = await authorize(tx, call)
            found = await _manageable(tx, authorization, invitation_id, now)
            _require_proof(call, found.role, now)
            _check_domain(authorization, found)
            renewed = replace(
                found,
                token_hash=tokens.token_hash,
                email_token_hash=tokens.email_token_hash,
                expire_time=now + self._life,
                inviter_id=call.caller.user_id,
            )
            await self._put(tx, renewed, tokens, now)
            _note(tx, call, renewed, "invitation.resent", now)
            return SealedInvitation(renewed, tokens.sealed)

        return await self._write(call, now, resend)

    async def withdraw(self, call: Call, invitation_id: UUID) -> None:
        """Withdraws an invitation.

        Raises what `resend` raises, except `EmailDomainNotAllowed`, `MailLimitReached`.
        """
        now = self._clock.now()

        async def withdraw(tx: Write) -> None:
            authorization = await authorize(tx, call)
            found = await _manageable(tx, authorization, invitation_id, now)
            await repository.INVITATIONS.clear(tx, found)
            _note(tx, call, found, "invitation.withdrawn", now)

        async def again(tx: Read, _: bytes) -> None:
            await authorize(tx, call)

        await IDEMPOTENCY.write(
            self._store, call.idempotency, now, withdraw, Repeat(again), essential=True
        )

    async def list(self, call: Call, limit: int, token: str) -> Listing[Invitation]:
        """A page of the pending invitations, in the order of their ids.

        Expired ones are left out. Raises what `authorize` raises, `PageTokenInvalid`.
        """
        name = list_name("invitations", str(call.tenant_id), str(call.caller.user_id))
        now = self._clock.now()

        async def read(tx: Read, after: bytes | None) -> Page[Invitation]:
            await authorize(tx, call, while_suspended=True)
            return await repository.INVITATIONS.page(
                tx, call.tenant_id, after=after, limit=limit, only=lambda one: one.expire_time > now
            )

        await self._self_tenants.ensure_callers(call, now)
        return await self._page_tokens.list(self._store, name, token, read)

    def _new_tokens(self) -> "_Tokens":
        token, email_token = token_of(self._ids.secret()), token_of(self._ids.secret())
        return _Tokens(
            token_hash=hash_of(token),
            email_token_hash=hash_of(email_token),
            sealed=self._seal.encrypt(token.encode()),
            sealed_for_email=self._seal.encrypt(email_token.encode()),
        )

    def _fresh(
        self, call: Call, email: str, role: Role, tokens: "_Tokens", now: datetime
    ) -> Invitation:
        return Invitation(
            tenant_id=call.tenant_id,
            invitation_id=self._ids.uuid(),
            email=email,
            normalized_email=normalized_email(email),
            role=role,
            token_hash=tokens.token_hash,
            email_token_hash=tokens.email_token_hash,
            create_time=now,
            expire_time=now + self._life,
            inviter_id=call.caller.user_id,
        )

    async def _check_limits(self, tx: Write, fresh: Invitation) -> None:
        """Checks that the address has no member and no invitation, and the number of invitations."""
        tenant_id, address = fresh.tenant_id, fresh.normalized_email
        if await memberships.has_email(tx, tenant_id, address):
            raise MemberExists
        old = await repository.INVITATIONS.find(
            tx, repository.INVITATION_BY_EMAIL, tenant_id, address
        )
        if old is not None and old.expire_time > fresh.create_time:
            raise InvitationExists({"invitationId": str(old.invitation_id)})
        if old is not None:
            await repository.INVITATIONS.clear(tx, old)
        time, limit = fresh.create_time, self._limit
        if await repository.pending_count(tx, tenant_id, time, limit) >= limit:
            raise InvitationLimitReached({"limit": str(self._limit)})

    async def _put(self, tx: Write, new: Invitation, tokens: "_Tokens", now: datetime) -> None:
        await repository.INVITATIONS.put(tx, new)
        if not self._mails or not await self._quota.take(tx, new, now):
            return
        if await has_opted_out(tx, new):  # the inviter does not learn it
            return
        assert new.inviter_id is not None, "the quota counts it for its inviter"
        job = EmailJob(new.tenant_id, new.invitation_id, new.inviter_id, tokens.sealed_for_email)
        repository.put_email_job(tx, job, now)

    async def _write(
        self,
        call: Call,
        now: datetime,
        action: Callable[[Write], Coroutine[Any, Any, SealedInvitation]],
    ) -> NewInvitation:
        async def again(tx: Read, kept: bytes) -> SealedInvitation:
            authorization = await authorize(tx, call)
            invitation_id, sealed = repository.parse_sealed(kept)
            found = await _manageable(tx, authorization, invitation_id, now)
            _require_proof(call, found.role, now)
            if found.token_hash != hash_of(self._opened(sealed)):  # resent: its token is void
                raise InvitationNotFound
            return SealedInvitation(found, sealed)

        repeat = Repeat(again, repository.pack_sealed)
        made = await IDEMPOTENCY.write(self._store, call.idempotency, now, action, repeat)
        return NewInvitation(made.invitation, self._opened(made.sealed_token))

    def _opened(self, sealed: bytes) -> str:
        return self._seal.open(sealed).decode()


class _Tokens(NamedTuple):
    """The tokens of a new invitation: their hashes, and themselves encrypted."""

    token_hash: bytes
    email_token_hash: bytes
    sealed: bytes
    sealed_for_email: bytes


def _require_proof(call: Call, role: Role, now: datetime) -> None:
    """Asks for the same proof as a change of a member's role, where the new member gets power over others.

    See `require_strongest_proof`.
    """
    if role >= Role.ADMIN:
        require_strongest_proof(call.caller, now)


def _check_domain(authorization: Authorization, invitation: Invitation) -> None:
    """Raises `EmailDomainNotAllowed` if an invitation to the address could not be accepted."""
    if not authorization.tenant.policy.allows(invitation.normalized_email):
        raise EmailDomainNotAllowed


async def _manageable(
    tx: Read, authorization: Authorization, invitation_id: UUID, now: datetime
) -> Invitation:
    """The invitation, if the caller's role may manage it. Raises `InvitationNotFound`, `RoleMissing`."""
    tenant_id = authorization.tenant.tenant_id
    found = await repository.INVITATIONS.get(tx, tenant_id, invitation_id)
    if found is None or found.expire_time <= now:
        raise InvitationNotFound
    authorization.require(found.role)
    return found


def _note(tx: Write, call: Call, invitation: Invitation, action: str, now: datetime) -> None:
    # Without the address: its owner may never accept, and entries are kept for long.
    target, detail = invitation.invitation_id, str(invitation.role)
    entry = AuditEntry.by(call, now, action, target, detail)
    audit.append(tx, call.tenant_id, entry)
