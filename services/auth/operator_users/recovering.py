"""Helps users who have lost their password, their address or their second factors."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from kernel.emails import normalized_email
from kernel.identity.callers import Call
from kernel.storage import Write
from services.auth.accounts.errors import EmailTaken
from services.auth.factors.changes import FactorChanges
from services.auth.logins.devices import end_logins
from services.auth.notifications.model import EmailKind
from services.auth.notifications.proof_emails import ProofEmails
from services.auth.one_time_tokens import repository as one_time_tokens
from services.auth.operator_log.model import Act
from services.auth.operator_users.acts import OperatorActs
from services.auth.outbox import repository as outbox
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import NOWHERE, Event
from services.auth.throttling.throttle import Throttle
from services.auth.users.model import User
from services.auth.users.repository import USERS, user_of_email


class OperatorRecovering:
    """The use cases of an operator who helps a user to get in again."""

    def __init__(
        self,
        acts: OperatorActs,
        proof_emails: ProofEmails,
        factors: FactorChanges,
        throttle: Throttle,
        events: SecurityEvents,
    ) -> None:
        self._acts = acts
        self._throttle = throttle
        self._proof_emails = proof_emails
        self._factors = factors
        self._events = events

    async def reset_password(self, call: Call, user_id: UUID, reason: str) -> User:
        """Mails a link that sets a new password; the present one stays good. Raises as `change`."""

        async def reset(tx: Write, user: User, now: datetime) -> User:
            await self._proof_emails.put(
                tx, self._proof_emails.reset(user.email, now), within_limits=False
            )
            return user

        event = Event.PASSWORD_RESET_REQUESTED
        return await self._acts.change(call, Act.USER_PASSWORD_RESET, user_id, reason, event, reset)

    async def correct_email(self, call: Call, user_id: UUID, reason: str, email: str) -> User:
        """Gives a user another address, which counts as not proved.

        The mailbox gets the account as it is: a reset there, or a proof, does not start it over.

        Raises `EmailTaken`, and as `change`.
        """

        async def correct(tx: Write, user: User, now: datetime) -> User | None:
            if email == user.email:
                return None
            holder = await user_of_email(tx, normalized_email(email))
            if holder is not None and holder.user_id != user_id:
                raise EmailTaken
            after = replace(
                user,
                email=email,
                email_verify_time=None,
                address_corrected=True,
                profile_revision=user.profile_revision + 1,
            )
            await USERS.put(tx, after)
            # Until now only strangers could guess here: the address was not that of the account.
            await self._throttle.forget_address(tx, normalized_email(email))
            outbox.put_task(tx, OutboxTask(TaskKind.UPDATE_PROFILE, user_id))
            # Also the undo links: they would give the account to the mailbox of before.
            await one_time_tokens.clear_of_user(tx, user_id)
            await self._events.notify(tx, user, EmailKind.EMAIL_CHANGED, NOWHERE, now)
            proof = self._proof_emails.verification(after, NOWHERE, now)
            await self._proof_emails.put(tx, proof, within_limits=False)
            return after

        event = Event.EMAIL_CHANGED
        return await self._acts.change(
            call, Act.USER_EMAIL_CHANGED, user_id, reason, event, correct
        )

    async def remove_factors(self, call: Call, user_id: UUID, reason: str) -> User:
        """Removes all second factors of a user, and ends all logins. Raises as `change`."""

        async def remove(tx: Write, user: User, now: datetime) -> User | None:
            if not user.second_factor:
                return None
            after = await self._factors.clear_all(tx, user)
            await end_logins(tx, user_id, now)
            await self._events.notify(tx, user, EmailKind.FACTORS_REMOVED, NOWHERE, now)
            return after

        event = Event.FACTORS_REMOVED
        return await self._acts.change(
            call, Act.USER_FACTORS_REMOVED, user_id, reason, event, remove
        )
