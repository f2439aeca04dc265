"""A registration that waits until the owner of its address proves it.

All that it needs is sealed in the one-time token that is mailed to the address. No row tells whether
the address has an account, and the same rows are written for every address: the mailer looks for an
account when it sends the email.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from kernel.emails import normalized_email
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.seal import SealKeysWrong
from kernel.storage import Write
from services.auth.accounts import repository
from services.auth.accounts.model import NewAccount, PendingRegistration
from services.auth.notifications.emails import Emails
from services.auth.notifications.model import EmailKind, NewEmail
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import NewOneTimeToken, OneTimeToken, Purpose
from services.auth.one_time_tokens.one_time_tokens import OneTimeTokens
from services.auth.settings import AuthSettings


class NewPending(NamedTuple):
    """A pending registration that is not yet stored, and its email."""

    token: NewOneTimeToken
    email: NewEmail


class PendingRegistrations:
    """Stores pending registrations, and opens them when their address is proved."""

    def __init__(
        self, runtime: Runtime, settings: AuthSettings, tokens: OneTimeTokens, emails: Emails
    ) -> None:
        self._seal = runtime.seal
        self._life = timedelta(seconds=settings.verification_seconds)
        self._tokens = tokens
        self._emails = emails

    def new(self, call: Call, new: NewAccount, password_hash: str, now: datetime) -> NewPending:
        """A pending registration of what a person entered; not yet stored."""
        pending = PendingRegistration(
            email=new.email,
            password_hash=password_hash,
            first_name=new.first_name,
            last_name=new.last_name,
            company=new.company,
            language=new.language,
        )
        token = self._tokens.new(
            Purpose.REGISTER,
            normalized_email(new.email),
            now=now,
            life=self._life,
            payload=self._seal.encrypt(repository.pack_pending(pending)),
        )
        email = NewEmail(
            EmailKind.CONFIRM_REGISTRATION,
            new.email,
            now,
            language=pending.language,
            secrets=token.secrets,
            expire_time=token.stored.expire_time,
            device=call.device,
        )
        return NewPending(token, email)

    async def put(self, tx: Write, new: NewPending) -> None:
        """Stores it and queues its email, unless the mailbox has got too many today.

        Raises `TooManyEmails` at the limit of the network.
        """
        if await self._emails.put(tx, new.email):
            await self._tokens.put(tx, new.token)

    def open(self, token: OneTimeToken) -> PendingRegistration:
        """What a token of a registration holds. Raises `OneTimeTokenInvalid` if no seal key fits."""
        try:
            return repository.parse_pending(self._seal.open(token.payload))
        except SealKeysWrong:  # the key that sealed it is not listed any more
            raise OneTimeTokenInvalid from None
