"""The undoing of a change of address, with the link that was mailed to the old address.

Another person may have asked for the change, with the password and the devices of the user. So nothing
that this person could have stays good: no login, no personal token, no password, no later change, and no second factor
that was set up since. The undo links of
earlier changes stay good, because the one that is used may be the intruder's. The user sets a new
password with an email to the old address.
"""

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.accounts.erasure import EraseAccount
from services.auth.email_addresses.change import address_of, revision_of, set_email
from services.auth.email_addresses.take_over import take_over
from services.auth.factors.changes import FactorChanges
from services.auth.logins.devices import end_logins
from services.auth.notifications.proof_emails import ProofEmails
from services.auth.one_time_tokens import repository as one_time_tokens
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import UNDOS, OneTimeToken, Proof, Purpose
from services.auth.one_time_tokens.one_time_tokens import require_alive
from services.auth.one_time_tokens.presented import PresentedProofs
from services.auth.one_time_tokens.repository import ONE_TIME_TOKENS
from services.auth.personal_access_tokens.revocation import end_tokens
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.users.repository import USERS

_PURPOSES = (Purpose.UNDO_EMAIL,)


class UndoEmailChange:
    """The use case of an undo."""

    def __init__(
        self,
        runtime: Runtime,
        presented: PresentedProofs,
        proof_emails: ProofEmails,
        erasure: EraseAccount,
        factors: FactorChanges,
        log: RevocationLog,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._presented = presented
        self._proof_emails = proof_emails
        self._erasure = erasure
        self._factors = factors
        self._log = log
        self._events = events

    async def undo(self, call: Call, token: str) -> None:
        """Gives the account its old address back, also if the new one has not been proved yet.

        An account that has taken the old address meanwhile without a proof is removed. All logins
        and tokens end, the password is gone, and an email to set a new one is queued. Raises
        `OneTimeTokenInvalid`.
        """
        found = await self._presented.find(call, Proof(token), _PURPOSES)
        now, user_id = self._runtime.clock.now(), found.user_id
        assert user_id is not None, "the token of an undo is for a user"
        event = SecurityEvent.done(user_id, Event.EMAIL_CHANGE_UNDONE, now, call.device)
        email = address_of(found, self._runtime.seal)
        reset = self._proof_emails.reset(email, now)

        async def undo(tx: Write) -> None:
            user = await USERS.get(tx, user_id)
            await require_alive(tx, found, now)
            if user is None:
                raise OneTimeTokenInvalid
            user = await self._factors.clear_since(tx, user, found.create_time)
            await take_over(tx, self._erasure, email, now, by=user_id)
            await set_email(
                tx,
                user,
                email,
                now,
                password_hash="",
                password_revision=user.password_revision + 1,
                active_tenant_id=None,
            )
            await end_logins(tx, user.user_id, now)
            await end_tokens(tx, user.user_id, now)
            await self._end_tokens(tx, found)
            security_log.append(tx, event)
            await self._proof_emails.put(tx, reset, within_limits=False)

        await self._runtime.store.write(undo, essential=True)
        self._events.report(event)
        await self._log.wait_until_enforced()

    async def _end_tokens(self, tx: Write, used: OneTimeToken) -> None:
        """Ends the tokens of the user, but the undo links of factors, and of changes before this one.

        Otherwise an intruder would change the address twice, and undo the second change, to end the
        link that undoes the first one.
        """
        assert used.user_id is not None, "an undo is for a user"
        for token in await one_time_tokens.of_user(tx, used.user_id):
            kept = token.purpose in UNDOS
            if token.purpose is Purpose.UNDO_EMAIL:
                kept = self._is_before(token, used)
            if not kept:
                await ONE_TIME_TOKENS.clear(tx, token)

    def _is_before(self, token: OneTimeToken, used: OneTimeToken) -> bool:
        seal = self._runtime.seal
        try:
            return revision_of(token, seal) < revision_of(used, seal)
        except OneTimeTokenInvalid:  # no key opens it, so it is no good anyway
            return False
