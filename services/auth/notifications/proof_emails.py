"""Emails with a one-time token: who presents it reads the mailbox.

The token is stored in the transaction that queues its email, so there is never one without the other.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from kernel.emails import normalized_email
from kernel.identity.devices import Device
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.notifications.emails import Emails
from services.auth.notifications.language import DEFAULT
from services.auth.notifications.model import EmailKind, NewEmail
from services.auth.one_time_tokens.model import NewOneTimeToken, Purpose
from services.auth.one_time_tokens.one_time_tokens import OneTimeTokens
from services.auth.settings import AuthSettings
from services.auth.users.model import User


class NewProofEmail(NamedTuple):
    """A token and the email that it is in; both not yet stored."""

    token: NewOneTimeToken
    email: NewEmail


class ProofEmails:
    """Makes tokens, and mails them."""

    def __init__(self, runtime: Runtime, settings: AuthSettings, emails: Emails) -> None:
        self._runtime = runtime
        self._tokens = OneTimeTokens(runtime)
        self._emails = emails
        verification = timedelta(seconds=settings.verification_seconds)
        undo = timedelta(seconds=settings.undo_email_seconds)
        self._purposes = {
            EmailKind.VERIFY_EMAIL: (Purpose.VERIFY_EMAIL, verification),
            EmailKind.CONFIRM_REGISTRATION: (Purpose.REGISTER, verification),
            EmailKind.CHANGE_EMAIL: (Purpose.CHANGE_EMAIL, verification),
            EmailKind.CHANGE_REQUESTED: (Purpose.UNDO_EMAIL, undo),
            EmailKind.SECOND_FACTOR_ON: (Purpose.UNDO_FACTOR, undo),
            EmailKind.RESET_PASSWORD: (
                Purpose.RESET_PASSWORD,
                timedelta(seconds=settings.reset_seconds),
            ),
            EmailKind.RECOVER_FACTORS: (
                Purpose.RECOVER_FACTORS,
                timedelta(seconds=settings.reset_seconds),
            ),
        }

    def new(
        self,
        kind: EmailKind,
        to: str,
        now: datetime,
        *,
        language: str = DEFAULT,
        user_id: UUID | None = None,
        payload: bytes = b"",
        device: Device | None = None,
    ) -> NewProofEmail:
        """A new token in an email; not yet stored.

        Args:
            kind: One that has secrets.
            to: The address, as it was typed.
            now: The time.
            language: The language of the email.
            user_id: The user whom the token is for; None if it is for an address alone.
            payload: What the token proves besides the address.
            device: The device that asks for the email; None where no limit of a network may hold it up.
        """
        purpose, life = self._purposes[kind]
        token = self._tokens.new(
            purpose, normalized_email(to), now=now, life=life, user_id=user_id, payload=payload
        )
        email = NewEmail(
            kind,
            to,
            now,
            language=language,
            user_id=user_id,
            secrets=token.secrets,
            expire_time=token.stored.expire_time,
            device=device,
        )
        return NewProofEmail(token, email)

    def verification(self, user: User, device: Device, now: datetime) -> NewProofEmail:
        """A new email that proves the address of a user; not yet stored."""
        return self.new(
            EmailKind.VERIFY_EMAIL,
            user.email,
            now,
            language=user.language,
            user_id=user.user_id,
            device=device,
        )

    def reset(self, to: str, now: datetime, device: Device | None = None) -> NewProofEmail:
        """A new email that resets the password of the account with an address; not yet stored.

        The mailer sends it to the account's own spelling of the address, in the account's language.
        """
        payload = normalized_email(to).encode()
        return self.new(EmailKind.RESET_PASSWORD, to, now, payload=payload, device=device)

    def second_factor_on(self, user: User, device: Device, now: datetime) -> NewProofEmail:
        """A new notice of the first second factor, with the link that undoes it; not yet stored."""
        return self.new(
            EmailKind.SECOND_FACTOR_ON,
            user.email,
            now,
            language=user.language,
            user_id=user.user_id,
            device=device,
        )

    def recovery(self, user: User, device: Device, now: datetime) -> NewProofEmail:
        """A new email that begins a recovery of lost second factors; not yet stored."""
        return self.new(
            EmailKind.RECOVER_FACTORS,
            user.email,
            now,
            language=user.language,
            user_id=user.user_id,
            device=device,
        )

    async def put(self, tx: Write, new: NewProofEmail, *, within_limits: bool = True) -> bool:
        """Stores a token and queues its email, unless the mailbox has got too many emails today.

        Returns whether it will be sent. Raises `TooManyEmails` at the limits of the network and of
        the user. For `within_limits` see `Emails.put`.
        """
        if not await self._emails.put(tx, new.email, within_limits=within_limits):
            return False
        await self._tokens.put(tx, new.token)
        return True

    async def send(self, new: NewProofEmail) -> None:
        """`put` in a transaction of its own."""
        await self._runtime.store.write(lambda tx: self.put(tx, new))
