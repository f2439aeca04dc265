"""The rules of invitations: who may invite whom to what, and who may accept.

The token is a secret of 256 bits. The store keeps its hash; where the token itself must outlive
the call, for a repeat or a mail, it is sealed. Mail goes to addresses of people who never asked for
it: there is so much of it in a day, and no more.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from kernel.clock import Clock, day_of, rest_of_day
from kernel.emails import normalized_email
from kernel.identity.callers import Role, TenantCall
from kernel.ids import Ids
from kernel.seal import Seal
from kernel.storage import Read, Store, Write
from kernel.storage.recipes.paging import PageTokens, list_name
from services.tenants import invitation_repository as rows
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.authorization import Authorization, authorize
from services.tenants.memberships.errors import (
    InvitationExists,
    InvitationLimitReached,
    InvitationNotFound,
    MailLimitReached,
    MemberExists,
)
from services.tenants.memberships.model import (
    Act,
    EmailJob,
    Invitation,
    InvitationPage,
    NewInvitation,
)
from services.tenants.memberships.self_tenant import ensure_callers_self_tenant
from services.tenants.revocations.settle import once
from services.tenants.settings import TenantsSettings
from services.tenants.tokens import hash_of, token_of


class InvitationListing(NamedTuple):
    """One page of a list, as the caller gets it."""

    invitations: list[Invitation]
    next_page_token: str


class Invitations:
    """The use cases around an invitation, for those who invite."""

    def __init__(
        self, store: Store, clock: Clock, ids: Ids, seal: Seal, settings: TenantsSettings
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._seal = seal
        self._limit = settings.invitations_per_tenant
        self._life = timedelta(days=settings.invitation_days)
        self._mails = settings.mail_url is not None
        self.invitation_emails_per_address = settings.invitation_emails_per_address
        self.invitation_emails_per_mailbox = settings.invitation_emails_per_mailbox
        self.invitation_emails_per_user = settings.invitation_emails_per_user
        self._page_tokens = PageTokens(seal)

    async def create(self, call: TenantCall, act: Act, email: str, role: Role) -> NewInvitation:
        """Invites somebody.

        Raises what `authorize` raises, `TenantIsPersonal`, `RoleMissing` for a role above the
        caller's own, `MemberExists`, `InvitationExists`, `InvitationLimitReached`,
        `MailLimitReached`, `IdempotencyKeyReused`.
        """
        now, token = self._clock.now(), token_of(self._ids.secret())
        fresh = self._fresh(call, email, role, token, now)
        sealed = self._seal.encrypt(token.encode())

        async def create(tx: Write) -> bytes:
            authorization = await authorize(tx, call)
            authorization.require_organization()
            authorization.require(role)
            await self._check_limits(tx, fresh)
            await self._put(tx, fresh, sealed, now)
            _note(tx, call, act, fresh, "invitation.created", now)
            return rows.pack_new_invitation(fresh, sealed)

        return self._issued(await once(self._store, act.replay, now, create))

    async def resend(self, call: TenantCall, act: Act, invitation_id: UUID) -> NewInvitation:
        """Gives an invitation another token and a life from now on, as one of the caller's.

        Raises what `authorize` raises, `InvitationNotFound`, `RoleMissing` for an invitation to a role
        above the caller's own, whose token must not get into its hands; `MailLimitReached`,
        `IdempotencyKeyReused`.
        """
        now, token = self._clock.now(), token_of(self._ids.secret())
        sealed = self._seal.encrypt(token.encode())

        async def resend(tx: Write) -> bytes:
            found = await _living(tx, await authorize(tx, call), invitation_id, now)
            renewed = replace(
                found,
                token_hash=hash_of(token),
                expire_time=now + self._life,
                inviter_id=call.caller.user_id,
            )
            await self._put(tx, renewed, sealed, now)
            _note(tx, call, act, renewed, "invitation.resent", now)
            return rows.pack_new_invitation(renewed, sealed)

        return self._issued(await once(self._store, act.replay, now, resend))

    async def withdraw(self, call: TenantCall, act: Act, invitation_id: UUID) -> None:
        """Ends an invitation. Raises as `resend` does."""
        now = self._clock.now()

        async def withdraw(tx: Write) -> bytes:
            found = await _living(tx, await authorize(tx, call), invitation_id, now)
            await rows.clear_invitation(tx, found)
            _note(tx, call, act, found, "invitation.withdrawn", now)
            return b""

        await once(self._store, act.replay, now, withdraw)

    async def list(self, call: TenantCall, limit: int, token: str) -> InvitationListing:
        """A page of the invitations that wait to be accepted, in the order of their ids.

        A page may be shorter than asked for: expired ones are left out. Raises what `authorize`
        raises, `PageTokenInvalid`.
        """
        name = list_name("invitations", str(call.tenant_id), str(call.caller.user_id))
        after = self._page_tokens.read(token, name=name)

        async def read(tx: Read) -> InvitationPage:
            await authorize(tx, call, while_suspended=True)
            return await rows.invitations(tx, call.tenant_id, after=after, limit=limit)

        now = self._clock.now()
        await ensure_callers_self_tenant(self._store, call, now)
        page = await self._store.read(read)
        living = [one for one in page.invitations if one.expire_time > now]
        return InvitationListing(living, self._page_tokens.make(page.last_key, name=name))

    def _fresh(
        self, call: TenantCall, email: str, role: Role, token: str, now: datetime
    ) -> Invitation:
        return Invitation(
            tenant_id=call.tenant_id,
            invitation_id=self._ids.uuid(),
            email=email,
            normalized_email=normalized_email(email),
            role=role,
            token_hash=hash_of(token),
            create_time=now,
            expire_time=now + self._life,
            inviter_id=call.caller.user_id,
        )

    async def _check_limits(self, tx: Write, fresh: Invitation) -> None:
        """Sees to it that the address has one invitation at most, and no member."""
        tenant_id, folded = fresh.tenant_id, fresh.normalized_email
        if await memberships.member_of_email(tx, tenant_id, folded) is not None:
            raise MemberExists
        old = await rows.invitation_of_email(tx, tenant_id, folded)
        if old is not None and old.expire_time > fresh.create_time:
            raise InvitationExists({"invitationId": str(old.invitation_id)})
        if old is not None:
            await rows.clear_invitation(tx, old)
        if await rows.invitation_count(tx, tenant_id) >= self._limit:
            raise InvitationLimitReached({"limit": str(self._limit)})

    async def _put(self, tx: Write, new: Invitation, sealed: bytes, now: datetime) -> None:
        await rows.put_invitation(tx, new)
        if not self._mails:
            return
        assert new.inviter_id is not None, "whoever is mailed is invited by somebody"
        to = f"to {new.normalized_email} from {new.tenant_id}"
        for who, most in (
            (to, self.invitation_emails_per_address),
            (f"from {new.inviter_id}", self.invitation_emails_per_user),
        ):
            if not await _counted(tx, who, most, now):
                raise MailLimitReached(retry_after=rest_of_day(now).total_seconds())
        # Said to nobody: it depends on what strangers do, and would tell of it.
        if await _counted(tx, f"to {mailbox_of(new)}", self.invitation_emails_per_mailbox, now):
            job = EmailJob(new.tenant_id, new.invitation_id, new.inviter_id, sealed)
            rows.mail(tx, job, now)

    def _issued(self, answer: bytes) -> NewInvitation:
        invitation, sealed = rows.parse_new_invitation(answer)
        return NewInvitation(invitation, self._seal.open(sealed).decode())


async def _counted(tx: Write, who: str, most: int, now: datetime) -> bool:
    """Counts a mail of today; False if there are as many as may be."""
    day = day_of(now)
    # Read, so that of two who are mailed at once the store lets one go first.
    if await rows.email_count(tx, day, who) >= most:
        return False
    rows.count_email(tx, day, who)
    return True


def mailbox_of(invitation: Invitation) -> str:
    """The mailbox of an address: what follows a `+` is commonly the same (RFC 5233)."""
    local, _, host = invitation.normalized_email.rpartition("@")
    return f"{local.partition('+')[0]}@{host}"


async def _living(
    tx: Read, authorization: Authorization, invitation_id: UUID, now: datetime
) -> Invitation:
    """The invitation, if somebody of that role may touch it."""
    found = await rows.invitation(tx, authorization.tenant.tenant_id, invitation_id)
    if found is None or found.expire_time <= now:
        raise InvitationNotFound
    authorization.require(found.role)
    return found


def _note(
    tx: Write, call: TenantCall, act: Act, invitation: Invitation, action: str, now: datetime
) -> None:
    # Not to which address: it may be that of somebody who never comes, and entries stay for long.
    target, detail = invitation.invitation_id, str(invitation.role)
    entry = AuditEntry.by(call.caller, act.device, now, action, target, detail)
    audit.append(tx, call.tenant_id, entry)
