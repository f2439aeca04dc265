"""The request of an email that resets a password.

It costs the same whether there is an account or not: the same rows are written for every address, and
only the sending of the email looks for the account.
"""

from datetime import timedelta

from kernel.emails import NORMALIZED_EMAIL_BYTES
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.notifications.emails import Emails
from services.auth.notifications.model import EmailKind, NewEmail
from services.auth.one_time_tokens.model import Purpose
from services.auth.one_time_tokens.one_time_tokens import OneTimeTokens
from services.auth.settings import AuthSettings


class ForgotPassword:
    """The use case of a request."""

    def __init__(
        self, runtime: Runtime, settings: AuthSettings, tokens: OneTimeTokens, emails: Emails
    ) -> None:
        self._runtime = runtime
        self._life = timedelta(seconds=settings.reset_seconds)
        self._tokens = tokens
        self._emails = emails

    async def ask(self, call: Call, normalized_email: str) -> None:
        """Mails a reset to the account of an address, if there is one.

        Raises `TooManyEmails` where the network of the caller has asked for too many emails today.
        """
        now = self._runtime.clock.now()
        # No account has a longer one.
        address = normalized_email.encode()[:NORMALIZED_EMAIL_BYTES]
        token = self._tokens.new(
            Purpose.RESET_PASSWORD,
            normalized_email,
            now=now,
            life=self._life,
            payload=self._runtime.seal.encrypt(address),
        )
        email = NewEmail(
            EmailKind.RESET_PASSWORD,
            address.decode(errors="ignore"),
            now,
            secrets=token.secrets,
            expire_time=token.stored.expire_time,
            device=call.device,
        )

        async def ask(tx: Write) -> None:
            if await self._emails.put(tx, email):
                await self._tokens.put(tx, token)

        await self._runtime.store.write(ask)
