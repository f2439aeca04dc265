"""What every change of a user's factors does: to the user, the logins, the log and the notices."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.factors import repository
from services.auth.factors.model import AddedFactor, Factor
from services.auth.factors.sources import FactorSource, RecoveryCodeSource
from services.auth.logins.devices import end_logins
from services.auth.logins.model import Login, Method
from services.auth.logins.repository import require_login
from services.auth.logins.succession import LoginSuccession
from services.auth.notifications.model import EmailKind
from services.auth.notifications.proof_emails import ProofEmails
from services.auth.operators.losing import lose_operator
from services.auth.personal_access_tokens.revocation import end_tokens
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.throttling.throttle import Throttle
from services.auth.users.model import User
from services.auth.users.repository import USERS, require_user

Change: TypeAlias = Callable[[Write, User], Awaitable[Factor]]
"""Stores or removes the factor of a user, in the transaction of everything else; may raise."""


class _Added(NamedTuple):
    """What a transaction has added."""

    factor: Factor
    user: User
    login: Login
    first: bool


class FactorChanges:
    """Adds and removes factors of callers."""

    def __init__(
        self,
        runtime: Runtime,
        sources: Sequence[FactorSource],
        codes: RecoveryCodeSource,
        succession: LoginSuccession,
        proof_emails: ProofEmails,
        throttle: Throttle,
        log: RevocationLog,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._sources = sources
        self._codes = codes
        self._succession = succession
        self._proof_emails = proof_emails
        self._throttle = throttle
        self._log = log
        self._events = events

    async def add(self, call: Call, methods: frozenset[Method], put: Change) -> AddedFactor:
        """Adds a factor that the caller has shown to have.

        With the first one the user gets recovery codes, and the other logins and the tokens end: they may be those of
        a person who knows only the password. A new login, which has two factors, takes the place of
        the caller's. Raises what `put` raises, and `AccessTokenRevoked`.

        Args:
            call: The call.
            methods: What the caller has shown with it.
            put: Stores the factor.
        """
        new, user_id = self._succession.new(call), call.caller.user_id
        codes = self._codes.new(user_id, new.now)
        event = SecurityEvent.by(call, Event.FACTOR_ADDED, new.now, login_id=new.login_id)
        user = await self._runtime.store.read(lambda tx: require_user(tx, user_id))
        on = self._proof_emails.second_factor_on(user, call.device, new.now)

        async def add(tx: Write) -> _Added:
            before = await require_user(tx, user_id)
            factor = await put(tx, before)
            after = replace(before, second_factor=True)
            if before.second_factor:
                kind = EmailKind.FACTOR_ADDED
                await self._events.notify(tx, before, kind, call.device, new.now)
            else:
                await USERS.put(tx, after)
                await self._codes.put(tx, codes)
                await self._throttle.forget_second_factor(tx, user_id)
                await end_logins(tx, user_id, new.now, keep=call.caller.login_id)
                await end_tokens(tx, user_id, new.now)
                if before.email_verified and before.email == user.email:
                    await self._proof_emails.put(tx, on)
            # No further proof: a new factor shows only that its authenticator is there.
            login = await self._succession.put(tx, call, new, methods, renews=False)
            security_log.append(tx, event)
            return _Added(factor, after, login, first=not before.second_factor)

        added = await self._runtime.store.write(add)
        self._events.report(event)
        await self._log.wait_until_enforced()
        tokens = self._succession.tokens(call.caller, added.user, added.login, new)
        return AddedFactor(added.factor, codes.texts if added.first else [], tokens)

    async def remove(self, call: Call, clear: Change) -> None:
        """Removes a factor of the caller, and ends the other logins.

        With the last authenticator, recovery codes and the recovery of lost factors go, too, and the
        caller's own login ends: it says that there were two factors. Raises what `clear` raises, and
        `AccessTokenRevoked`.
        """
        now, user_id = self._runtime.clock.now(), call.caller.user_id
        event = SecurityEvent.by(call, Event.FACTOR_REMOVED, now)

        async def remove(tx: Write) -> None:
            user = await require_user(tx, user_id)
            login = await require_login(tx, user_id, call.caller.login_id)
            await clear(tx, user)
            keep: UUID | None = login.login_id
            if user.second_factor and not await self._has_authenticator(tx, user):
                await self.clear_all(tx, user)
                keep = None
            await end_logins(tx, user_id, now, keep=keep)
            security_log.append(tx, event)
            kind = EmailKind.FACTOR_REMOVED
            await self._events.notify(tx, user, kind, event.device, event.time)

        await self._runtime.store.write(remove, essential=True)
        self._events.report(event)
        await self._log.wait_until_enforced()

    async def clear_all(self, tx: Write, user: User) -> User:
        """Removes all factors of a user, who is no operator then; returns the user after it.

        In a transaction of the caller's, which ends all logins.
        """
        for source in self._sources:
            await source.clear(tx, user.user_id)
        await repository.clear(tx, user.user_id)
        await self._throttle.forget_second_factor(tx, user.user_id)
        without = replace(lose_operator(tx, user, self._runtime.clock.now()), second_factor=False)
        await USERS.put(tx, without)
        return without

    async def clear_since(self, tx: Write, user: User, time: datetime) -> User:
        """Removes what an intruder has set up since a time; returns the user after it."""
        for source in self._sources:
            for factor in await source.list(tx, user.user_id):
                if factor.create_time >= time:
                    await source.remove(tx, user.user_id, factor.factor_id)
        if user.second_factor and not await self._has_authenticator(tx, user):
            return await self.clear_all(tx, user)
        return user

    async def _has_authenticator(self, tx: Write, user: User) -> bool:
        for source in self._sources:
            if source.is_authenticator and await source.is_set_up(tx, user.user_id):
                return True
        return False
