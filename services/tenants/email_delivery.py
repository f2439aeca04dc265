"""The rule of job: whoever is invited is written to, as long as the invitation is good."""

from email.message import EmailMessage
from typing import NamedTuple

from kernel import log
from kernel.clock import Clock
from kernel.emails import is_email
from kernel.mail import Mail, MailRefused, MailUnavailable
from kernel.seal import Seal, SealKeysWrong
from kernel.storage import Read, Store
from services.tenants import invitation_repository as rows
from services.tenants.email import Envelope, invite
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import EmailJob, Invitation, Member, Tenant
from services.tenants.tokens import hash_of

_logger = log.get(__name__)


class _Occasion(NamedTuple):
    """What a email is about."""

    invitation: Invitation
    tenant: Tenant
    inviter: Member


class InvitationMailer:
    """Sends the mail that waits in the queue."""

    def __init__(
        self, store: Store, clock: Clock, seal: Seal, mail: Mail, envelope: Envelope
    ) -> None:
        self._store = store
        self._clock = clock
        self._seal = seal
        self._mail = mail
        self._envelope = envelope

    async def deliver(self, payload: bytes) -> None:
        """Sends one mail; raises if it is not sent now, and then it comes again.

        One that is about nothing any more, or that nobody will ever take, is done with.
        """
        try:
            email = await self._email(rows.parse_email_job(payload))
        except (SealKeysWrong, ValueError) as error:
            _logger.warning("mail dropped", cause=type(error).__name__)
            return
        if email is None:
            return
        try:
            await self._mail.send(email)
        except MailRefused as error:
            _logger.warning("mail refused", id=email["Message-ID"], cause=str(error))
        except MailUnavailable as error:
            _logger.warning("mail not sent", id=email["Message-ID"], cause=str(error))
            raise

    async def _email(self, job: EmailJob) -> EmailMessage | None:
        """The mail, if there still is a reason for it.

        Raises `SealKeysWrong`, `ValueError` for an address that is none.
        """
        occasion = await self._store.read(lambda tx: _occasion(tx, job))
        now = self._clock.now()
        if occasion is None or occasion.invitation.expire_time <= now:
            return None
        invitation, tenant, inviter = occasion
        token = self._seal.open(job.sealed_token).decode()
        if hash_of(token) != invitation.token_hash:  # it has been sent anew since
            return None
        if not is_email(invitation.email):
            raise ValueError("That is no address.")
        name = inviter.profile.display_name
        return invite(self._envelope, invitation, token, tenant.name, name, now)


async def _occasion(tx: Read, job: EmailJob) -> _Occasion | None:
    """What the mail is about, unless the invitation is used, withdrawn or good for nothing."""
    found = await rows.invitation(tx, job.tenant_id, job.invitation_id)
    tenant = await memberships.tenant(tx, job.tenant_id)
    if found is None or tenant is None or found.inviter_id is None:
        return None
    inviter = await memberships.member(tx, job.tenant_id, found.inviter_id)
    if inviter is None or not found.is_backed_by(inviter):  # nobody could accept it
        return None
    return _Occasion(found, tenant, inviter)
