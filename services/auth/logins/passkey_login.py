"""A login by a passkey alone, which has verified its user: two factors in one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from services.auth.challenges.challenges import Challenges
from services.auth.challenges.errors import ChallengeInvalid
from services.auth.challenges.model import ChallengePurpose
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.logins.begin import BeginLogin, NewLogin
from services.auth.logins.errors import EmailNotVerified, PasskeyInvalid
from services.auth.logins.model import LoginResult, Method, together
from services.auth.logins.outcomes import LoginMethod, counted
from services.auth.logins.second_factors import (
    WRONG,
    Answer,
    Checked,
    LostFactors,
    PasskeyFactors,
    Shown,
)
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, Outcome, SecurityEvent
from services.auth.throttling.throttle import Throttle
from services.auth.users.model import User
from services.auth.users.repository import USERS


class PasskeyOptions(NamedTuple):
    """What a browser needs to ask for a passkey, and until when it is good."""

    options: Mapping[str, Any]
    expire_time: datetime


class PasskeyLogin:
    """The use cases of a login by a passkey.

    Args:
        runtime: The store and the clock.
        begin: Begins the login.
        active_tenant: Chooses its tenant.
        throttle: Knows devices, and what counts as failed.
        challenges: What a passkey must sign.
        passkeys: Checks passkeys.
        lost: Recoveries, which a login ends.
        events: Reports failures.
        must_verify: Whether the address must be proved before a login.
    """

    def __init__(
        self,
        runtime: Runtime,
        begin: BeginLogin,
        active_tenant: ActiveTenant,
        throttle: Throttle,
        challenges: Challenges,
        passkeys: PasskeyFactors,
        lost: LostFactors,
        events: SecurityEvents,
        *,
        must_verify: bool,
    ) -> None:
        self._runtime = runtime
        self._begin = begin
        self.outcomes = begin.outcomes
        self._active_tenant = active_tenant
        self._throttle = throttle
        self._challenges = challenges
        self._passkeys = passkeys
        self._lost = lost
        self._events = events
        self._must_verify = must_verify

    async def options(self, call: Call) -> PasskeyOptions:
        """The options of a login of any user."""
        await self._passkeys.prepare()
        new = self._challenges.new(
            ChallengePurpose.PASSKEY_LOGIN, call.device, self._runtime.clock.now()
        )
        return PasskeyOptions(self._passkeys.options(new.text), new.challenge.expire_time)

    @counted(LoginMethod.PASSKEY)
    async def log_in(
        self,
        call: Call,
        credential: Mapping[str, Any],
        tenant_id: UUID | None = None,
        device_token: str = "",
    ) -> LoginResult:
        """Begins a login, in a tenant if one is given.

        Raises `PasskeyInvalid`, `EmailNotVerified`; of the tenant that is given, `TenantNotFound`,
        `TenantSuspended`, `TenantsUnavailable`.
        """
        await self._passkeys.prepare()
        now = self._runtime.clock.now()
        text = self._passkeys.challenge_of(credential)
        try:
            challenge = self._challenges.read(
                text, ChallengePurpose.PASSKEY_LOGIN, call.device, now
            )
        except ChallengeInvalid:
            raise PasskeyInvalid from None
        user = await self._runtime.store.read(lambda tx: self._user(tx, credential))
        found = await self._active_tenant.after_proof(user, tenant_id)

        async def check(tx: Write, current: User) -> Checked:
            await self._challenges.require_unspent(tx, challenge)
            answer = Answer(credential=credential)
            shown = Shown(current, answer, text, call.device, now, codes_allowed=False)
            checked = await self._passkeys.check(tx, shown)
            if checked.methods is None or Method.VERIFIED_USER not in checked.methods:
                return WRONG._replace(events=checked.events)
            if self._must_verify and not current.email_verified:
                raise EmailNotVerified
            found.require()
            await self._challenges.spend(tx, challenge)
            await self._throttle.forget_second_factor(tx, current.user_id)
            cancelled = await self._lost.cancel(tx, current, call.device, now)
            return Checked(together(checked.methods), checked.events + cancelled)

        device_id = self._throttle.known_device(device_token, user)
        try:
            result = await self._begin.begin(NewLogin(call, user, found.tenant, device_id), check)
        except ChallengeInvalid:
            raise PasskeyInvalid from None
        if result is None:
            self._events.report(
                SecurityEvent(user.user_id, Event.LOGIN_FAILED, Outcome.FAILURE, now, call.device)
            )
            raise PasskeyInvalid
        return result

    async def _user(self, tx: Read, credential: Mapping[str, Any]) -> User:
        user_id = await self._passkeys.user_of(tx, credential)
        user = None if user_id is None else await USERS.get(tx, user_id)
        if user is None:
            raise PasskeyInvalid
        return user
