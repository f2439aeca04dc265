"""The request of an email that resets a password.

It costs the same whether there is an account or not: the same rows are written for every address, and
only the sending of the email looks for the account.
"""

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from services.auth.notifications.proof_emails import ProofEmails


class ForgotPassword:
    """The use case of a request."""

    def __init__(self, runtime: Runtime, proof_emails: ProofEmails) -> None:
        self._runtime = runtime
        self._proof_emails = proof_emails

    async def ask(self, call: Call, normalized_email: str) -> None:
        """Mails a reset to the account of an address, if there is one.

        Raises `TooManyEmails` where the network of the caller has asked for too many emails today.
        """
        now = self._runtime.clock.now()
        email = self._proof_emails.reset(normalized_email, now, call.device)
        await self._proof_emails.send(email)
