"""A registration that waits until the owner of its address proves it.

All that it needs is sealed in the one-time token that is mailed to the address. No row tells whether
the address has an account, and the same rows are written for every address: the mailer looks for an
account when it sends the email.
"""

from datetime import datetime

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.accounts import repository
from services.auth.accounts.model import NewAccount, PendingRegistration
from services.auth.notifications.model import EmailKind
from services.auth.notifications.proof_emails import NewProofEmail, ProofEmails
from services.auth.one_time_tokens.model import OneTimeToken
from services.auth.one_time_tokens.one_time_tokens import payload_of


class PendingRegistrations:
    """Stores pending registrations, and opens them when their address is proved."""

    def __init__(self, runtime: Runtime, proof_emails: ProofEmails) -> None:
        self._seal = runtime.seal
        self._proof_emails = proof_emails

    def new(self, call: Call, new: NewAccount, password_hash: str, now: datetime) -> NewProofEmail:
        """A pending registration of what a person entered; not yet stored."""
        pending = PendingRegistration(
            email=new.email,
            password_hash=password_hash,
            first_name=new.first_name,
            last_name=new.last_name,
            company=new.company,
            language=new.language,
        )
        return self._proof_emails.new(
            EmailKind.CONFIRM_REGISTRATION,
            new.email,
            now,
            language=pending.language,
            payload=repository.pack_pending(pending),
            device=call.device,
        )

    async def put(self, tx: Write, new: NewProofEmail) -> None:
        """Stores it and queues its email, unless the mailbox has got too many today.

        Raises `TooManyEmails` at the limit of the network.
        """
        await self._proof_emails.put(tx, new)

    def open(self, token: OneTimeToken) -> PendingRegistration:
        """What a token of a registration holds. Raises `OneTimeTokenInvalid` if no seal key fits."""
        return repository.parse_pending(payload_of(token, self._seal))
