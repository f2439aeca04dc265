"""The recovery of a user who has lost all second factors and the recovery codes.

It takes the password, the proved address, and a waiting time in which the owner can notice: every step
is mailed, listed and logged, and a second factor that is shown cancels it. A proof of the address
begins the waiting time, and another one after it removes the factors: who knows the password alone
gains nothing by waiting for somebody else's recovery.
"""

from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from kernel.emails import normalized_email
from kernel.identity.callers import Call
from kernel.identity.devices import Device
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from services.auth.challenges.challenges import Challenges
from services.auth.challenges.errors import ChallengeInvalid
from services.auth.challenges.model import ChallengePurpose
from services.auth.factors import repository
from services.auth.factors.changes import FactorChanges
from services.auth.factors.model import Recovery
from services.auth.factors.repository import RECOVERIES
from services.auth.logins.devices import end_logins
from services.auth.notifications.model import EmailKind
from services.auth.notifications.proof_emails import ProofEmails
from services.auth.one_time_tokens import repository as one_time_tokens
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import Proof, Purpose
from services.auth.one_time_tokens.one_time_tokens import require_alive
from services.auth.one_time_tokens.presented import PresentedProofs
from services.auth.one_time_tokens.repository import ONE_TIME_TOKENS
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.settings import AuthSettings
from services.auth.users.model import User
from services.auth.users.repository import USERS


class AddressBook(Protocol):
    """The addresses of users, beside the present one."""

    async def of(self, tx: Read, user_id: UUID, now: datetime) -> set[str]:
        """The proved addresses that the user had, and can still go back to."""
        ...


KEPT = timedelta(days=7)
"""How long a recovery can be used after its waiting time."""
_PURPOSES = (Purpose.RECOVER_FACTORS,)


class FactorRecovery:
    """The use cases of a recovery."""

    def __init__(
        self,
        runtime: Runtime,
        settings: AuthSettings,
        challenges: Challenges,
        presented: PresentedProofs,
        proof_emails: ProofEmails,
        changes: FactorChanges,
        earlier: AddressBook,
        log: RevocationLog,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._wait = timedelta(seconds=settings.factor_recovery_seconds)
        self._challenges = challenges
        self._presented = presented
        self._proof_emails = proof_emails
        self._changes = changes
        self._earlier = earlier
        self._log = log
        self._events = events

    # ── the steps of a user ──────────────────────────────────────────────────────────────────

    async def start(self, call: Call, challenge_text: str) -> None:
        """Mails a proof to the address of a user who has proved the password.

        An address that is not proved gets none: it may be that of another person. Raises
        `ChallengeInvalid`, `TooManyEmails`.
        """
        store, now = self._runtime.store, self._runtime.clock.now()
        challenge = self._challenges.read(
            challenge_text, ChallengePurpose.SECOND_FACTOR, call.device, now
        )
        user_id = challenge.user_id
        assert user_id is not None, "as it was made"
        user = await store.read(lambda tx: USERS.get(tx, user_id))
        if user is None or user.password_revision != challenge.password_revision:
            raise ChallengeInvalid
        if user.second_factor and user.email_verified:
            await self._proof_emails.send(self._proof_emails.recovery(user, call.device, now))

    async def confirm(self, call: Call, proof: Proof) -> datetime | None:
        """Begins the waiting time, by a proof of the address, or ends it by another one.

        Returns when the factors can be removed, by a further proof; None if this one has removed them,
        and ended all logins. Raises `OneTimeTokenInvalid`, `TooManyAttempts`.
        """
        token = await self._presented.find(call, proof, _PURPOSES)
        now, user_id = self._runtime.clock.now(), token.user_id
        assert user_id is not None, "the token of a recovery is for a user"

        async def confirm(tx: Write) -> tuple[datetime | None, SecurityEvent | None]:
            await require_alive(tx, token, now)
            user = await USERS.get(tx, user_id)
            if user is None or not user.second_factor:
                raise OneTimeTokenInvalid
            await ONE_TIME_TOKENS.clear(tx, token)
            recovery_time = await self.time(tx, user_id)
            if recovery_time is None:
                return await self._begin(tx, user, call.device, now)
            if recovery_time > now:
                return recovery_time, None
            return None, await self._complete(tx, user, call.device, now)

        recovery_time, event = await self._runtime.store.write(confirm, essential=True)
        if event is not None:
            self._events.report(event)
            await self._log.wait_until_enforced()
        return recovery_time

    async def _begin(
        self, tx: Write, user: User, device: Device, now: datetime
    ) -> tuple[datetime, SecurityEvent]:
        due = now + self._wait
        new = Recovery(user.user_id, now, due, due + KEPT)
        event = SecurityEvent.done(user.user_id, Event.FACTOR_RECOVERY_STARTED, now, device)
        await RECOVERIES.put(tx, new)
        security_log.append(tx, event)
        await self._announce(tx, user, device, new)
        return due, event

    async def _complete(
        self, tx: Write, user: User, device: Device, now: datetime
    ) -> SecurityEvent:
        """Removes the factors of a user, and ends all logins."""
        await self._changes.clear_all(tx, user)
        await end_logins(tx, user.user_id, now)
        event = SecurityEvent.done(user.user_id, Event.FACTORS_RECOVERED, now, device)
        security_log.append(tx, event)
        await self._events.notify(tx, user, EmailKind.FACTORS_RECOVERED, device, now)
        return event

    async def _announce(self, tx: Write, user: User, device: Device, new: Recovery) -> None:
        """Mails the notice to every address of the user: the present one may be an intruder's."""
        kind, now, due = EmailKind.FACTOR_RECOVERY_STARTED, new.create_time, new.recovery_time
        earlier = await self._earlier.of(tx, user.user_id, now)
        for to in ("", *sorted(earlier - {user.email})):
            await self._events.notify(tx, user, kind, device, now, to, due)

    # ── what logins ask for ──────────────────────────────────────────────────────────────────

    async def time(self, tx: Read, user_id: UUID) -> datetime | None:
        """When the factors can be removed; None if no recovery is under way."""
        recovery = await RECOVERIES.get(tx, user_id)
        if recovery is None or recovery.expire_time <= self._runtime.clock.now():
            return None
        return recovery.recovery_time

    async def cancel(
        self, tx: Write, user: User, device: Device, now: datetime
    ) -> tuple[SecurityEvent, ...]:
        """Ends a recovery, because the user has shown a second factor."""
        if not await repository.clear(tx, user.user_id):
            return ()
        # Else another email of it would begin it anew.
        address = normalized_email(user.email)
        await one_time_tokens.clear_of_address(tx, address, _PURPOSES)
        event = SecurityEvent.done(user.user_id, Event.FACTOR_RECOVERY_CANCELLED, now, device)
        security_log.append(tx, event)
        await self._events.notify(tx, user, EmailKind.FACTOR_RECOVERY_CANCELLED, device, now)
        return (event,)
