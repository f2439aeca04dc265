"""Sends the email of an invitation, if the invitation is still valid."""

from email.message import EmailMessage
from typing import NamedTuple

from kernel import log
from kernel.emails import is_email
from kernel.mail.automatic import send_or_drop
from kernel.mail.route import Mail
from kernel.runtime import Runtime
from kernel.seal import SealKeysWrong
from kernel.storage import Read
from services.tenants.invitations import repository
from services.tenants.invitations.email import Envelope, invite
from services.tenants.invitations.model import EmailJob, Invitation
from services.tenants.invitations.token import hash_of
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import Member, Tenant

_logger = log.get(__name__)


class _Occasion(NamedTuple):
    """What an email is about."""

    invitation: Invitation
    tenant: Tenant
    inviter: Member


class InvitationMailer:
    """Sends the emails that wait in the queue."""

    def __init__(self, runtime: Runtime, mail: Mail, envelope: Envelope) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._seal = runtime.seal
        self._mail = mail
        self._envelope = envelope

    async def deliver(self, payload: bytes) -> None:
        """Sends one email; raises if it must be tried again.

        Drops an email if its invitation is not pending any more, or if the mail server refuses it for
        good.
        """
        try:
            email = await self._email(repository.parse_email_job(payload))
        except (SealKeysWrong, ValueError) as error:
            _logger.warning("mail dropped", cause=type(error).__name__)
            return
        if email is None:
            return
        await send_or_drop(self._mail, email)

    async def _email(self, job: EmailJob) -> EmailMessage | None:
        """The email; None if the invitation is not pending any more.

        Raises `SealKeysWrong`; `ValueError` for a malformed address.
        """
        occasion = await self._store.read(lambda tx: _occasion(tx, job))
        now = self._clock.now()
        if occasion is None or occasion.invitation.expire_time <= now:
            return None
        invitation, tenant, inviter = occasion
        token = self._seal.open(job.sealed_token).decode()
        if hash_of(token) != invitation.token_hash:  # it was resent with another token
            return None
        if not is_email(invitation.email):
            raise ValueError("Not an address.")
        name = inviter.profile.display_name
        return invite(self._envelope, invitation, token, tenant.name, name, now)


async def _occasion(tx: Read, job: EmailJob) -> _Occasion | None:
    """What the email is about; None if the invitation cannot be accepted any more."""
    found = await repository.INVITATIONS.get(tx, job.tenant_id, job.invitation_id)
    tenant = await memberships.ALL_TENANTS.get(tx, job.tenant_id)
    if found is None or tenant is None or found.inviter_id is None:
        return None
    inviter = await memberships.MEMBERS.get(tx, job.tenant_id, found.inviter_id)
    if inviter is None or not found.is_backed_by(inviter):  # it cannot be accepted
        return None
    return _Occasion(found, tenant, inviter)
