"""The undoing of the first second factor, with the link in the notice about it.

Another person, who knew the password, may have set it up, and more after it. So nothing that this
person could have stays good: no login, no password and no second factor. The user sets a new password
with an email. Only the first factor has such a link: to add another one takes a second factor, and the
link would let a reader of the mailbox do without.
"""

from dataclasses import replace

from kernel.emails import normalized_email
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.factors.changes import FactorChanges
from services.auth.logins.devices import end_logins
from services.auth.notifications.proof_emails import ProofEmails
from services.auth.one_time_tokens import repository as one_time_tokens
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import (
    UNDOS,
    OneTimeToken,
    Proof,
    Purpose,
    address_digest,
)
from services.auth.one_time_tokens.one_time_tokens import require_alive
from services.auth.one_time_tokens.presented import PresentedProofs
from services.auth.one_time_tokens.repository import ONE_TIME_TOKENS
from services.auth.personal_access_tokens.revocation import end_tokens
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.users.model import User
from services.auth.users.repository import USERS, require_user

_PURPOSES = (Purpose.UNDO_FACTOR,)


class UndoFactor:
    """The use case of an undo."""

    def __init__(
        self,
        runtime: Runtime,
        presented: PresentedProofs,
        proof_emails: ProofEmails,
        changes: FactorChanges,
        log: RevocationLog,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._presented = presented
        self._proof_emails = proof_emails
        self._changes = changes
        self._log = log
        self._events = events

    async def undo(self, call: Call, token: str) -> None:
        """Removes the factors, all logins and tokens and the password, and queues an email to set a new one.

        The link is good while the account has the address that it was mailed to. A change of that is
        undone first, with a link of its own. Raises `OneTimeTokenInvalid`.
        """
        found = await self._presented.find(call, Proof(token), _PURPOSES)
        store, now, user_id = self._runtime.store, self._runtime.clock.now(), found.user_id
        assert user_id is not None, "the token of an undo is for a user"
        event = SecurityEvent.done(user_id, Event.FACTOR_UNDONE, now, call.device)
        user = await store.read(lambda tx: require_user(tx, user_id))
        reset = self._proof_emails.reset(user.email, now)

        async def undo(tx: Write) -> None:
            user = await USERS.get(tx, user_id)
            await require_alive(tx, found, now)
            if user is None or not _is_mailed_to(found, user):
                raise OneTimeTokenInvalid
            user = await self._changes.clear_all(tx, user)
            revision = user.password_revision + 1
            user = replace(
                user, password_hash="", password_revision=revision, active_tenant_id=None
            )
            await USERS.put(tx, user)
            await end_logins(tx, user_id, now)
            await end_tokens(tx, user_id, now)
            await one_time_tokens.clear_of_user(tx, user_id, but=UNDOS)
            await ONE_TIME_TOKENS.clear(tx, found)
            security_log.append(tx, event)
            await self._proof_emails.put(tx, reset, within_limits=False)

        await store.write(undo, essential=True)
        self._events.report(event)
        await self._log.wait_until_enforced()


def _is_mailed_to(token: OneTimeToken, user: User) -> bool:
    """Whether a token was mailed to the address of a user, and not to one that an intruder had set."""
    return token.address_digest == address_digest(normalized_email(user.email))
