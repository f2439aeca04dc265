"""A further proof of who the user is, in a login, for methods that need a recent one.

A user with a second factor shows that, others the password. As at every authentication, the user gets
new tokens, and those of before end (ASVS 5.0, 7.2.4): a new login takes the place of the old one. Its
tokens say when the proof was (`auth_time`) and what it was (`amr`, `acr`); services look at the token
alone.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeAlias

from kernel.errors import SecondFactorRequired
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.challenges.challenges import Challenges
from services.auth.challenges.errors import ChallengeInvalid
from services.auth.challenges.model import Challenge, ChallengePurpose
from services.auth.logins.confirmation import PasswordConfirmation, unchanged
from services.auth.logins.errors import PasskeyInvalid, SecondFactorWrong
from services.auth.logins.model import PASSWORD_ALONE, Login, Tokens
from services.auth.logins.second_factors import (
    Answer,
    Checked,
    LostFactors,
    PasskeyFactors,
    SecondFactors,
    Shown,
)
from services.auth.logins.succession import LoginSuccession
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.throttling.throttle import Throttle
from services.auth.users.repository import require_user

_Check: TypeAlias = Callable[[Write], Awaitable[Checked]]
"""Checks a proof in the transaction that replaces the login."""


class Reauthentication:
    """The use case of a further proof."""

    def __init__(
        self,
        runtime: Runtime,
        confirmation: PasswordConfirmation,
        throttle: Throttle,
        challenges: Challenges,
        factors: SecondFactors,
        passkeys: PasskeyFactors,
        lost: LostFactors,
        succession: LoginSuccession,
        log: RevocationLog,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._confirmation = confirmation
        self._throttle = throttle
        self._challenges = challenges
        self._factors = factors
        self._passkeys = passkeys
        self._lost = lost
        self._succession = succession
        self._log = log
        self._events = events

    async def by_password(self, call: Call, password: str) -> Tokens:
        """Verifies the caller's password; returns tokens that are proof of it, and ends those of before.

        Raises `PasswordWrong`, `SecondFactorRequired`, `HashingBusy`, `AccessTokenRevoked`.
        """
        if call.caller.has_second_factor:
            raise _second_factor_required()
        user = await self._confirmation.confirm(call, password)

        async def check(tx: Write) -> Checked:
            current = await unchanged(tx, user)
            if current.second_factor:
                raise _second_factor_required()  # set up since the token was issued
            return Checked(PASSWORD_ALONE, user=current)

        return await self._replace_login(call, check)

    async def by_second_factor(self, call: Call, answer: Answer) -> Tokens:
        """Verifies a second factor of the caller; else like `by_password`.

        Raises `SecondFactorWrong`, `PasskeyInvalid`, `HashingBusy`, `AccessTokenRevoked`.
        """
        if not call.caller.has_second_factor:
            raise SecondFactorWrong  # not counted: it would stop the codes of an app to come
        now, text, challenge = self._runtime.clock.now(), "", None
        if answer.credential is not None:
            await self._passkeys.prepare()
            text = self._passkeys.challenge_of(answer.credential)
            challenge = self._challenge(call, text, now)
        user_id = call.caller.user_id
        async with self._throttle.begin_second_factor(call, user_id) as attempt:
            attempt.checked = True

            async def check(tx: Write) -> Checked:
                user = await require_user(tx, user_id)
                if challenge is not None:
                    await self._challenges.require_unspent(tx, challenge)
                shown = Shown(user, answer, text, call.device, now, attempt.allowed)
                checked = await self._factors.check(tx, shown)
                if checked.methods is None:
                    return checked
                if challenge is not None:
                    await self._challenges.spend(tx, challenge)
                await attempt.clear(tx)
                cancelled = await self._lost.cancel(tx, user, call.device, now)
                return Checked(checked.methods, checked.events + cancelled, user)

            try:
                return await self._replace_login(call, check)
            except ChallengeInvalid:
                raise PasskeyInvalid from None
            except SecondFactorWrong:
                await attempt.failed()
                raise

    def _challenge(self, call: Call, text: str, now: datetime) -> Challenge:
        try:
            return self._challenges.read(text, ChallengePurpose.PASSKEY_LOGIN, call.device, now)
        except ChallengeInvalid:
            raise PasskeyInvalid from None

    async def _replace_login(self, call: Call, check: _Check) -> Tokens:
        """Begins a login in the place of the caller's, if the proof is right.

        Raises `SecondFactorWrong`, `AccessTokenRevoked`.
        """
        new = self._succession.new(call)
        event = SecurityEvent.by(call, Event.REAUTHENTICATED, new.now, login_id=new.login_id)

        async def replace_login(tx: Write) -> tuple[Checked, Login | None]:
            checked = await check(tx)
            if checked.methods is None:
                return checked, None
            login = await self._succession.put(tx, call, new, checked.methods)
            security_log.append(tx, event)
            return checked, login

        # Essential: in a full store, too, a user can end all logins.
        checked, login = await self._runtime.store.write(replace_login, essential=True)
        self._events.report(*checked.events)
        if login is None or checked.user is None:
            raise SecondFactorWrong
        self._events.report(event)
        await self._log.wait_until_enforced()
        return self._succession.tokens(call.caller, checked.user, login, new)


def _second_factor_required() -> SecondFactorRequired:
    return SecondFactorRequired({"action": "reauthenticate"})
