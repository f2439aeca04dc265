"""The second step of a login whose user has a second factor: the challenge, and its answer."""

from uuid import UUID

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from services.auth.challenges.challenges import Challenges
from services.auth.challenges.errors import ChallengeInvalid
from services.auth.challenges.model import Challenge, ChallengePurpose
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.logins.begin import BeginLogin, NewLogin
from services.auth.logins.errors import SecondFactorWrong
from services.auth.logins.model import PASSWORD_ALONE, LoginChallenge, LoginResult, together
from services.auth.logins.outcomes import LoginMethod, counted
from services.auth.logins.second_factors import (
    Answer,
    Checked,
    LostFactors,
    PasskeyFactors,
    SecondFactors,
    Shown,
)
from services.auth.throttling.throttle import Throttle
from services.auth.users.model import User


class SecondFactorLogin:
    """The use cases of the second step."""

    def __init__(
        self,
        runtime: Runtime,
        begin: BeginLogin,
        active_tenant: ActiveTenant,
        throttle: Throttle,
        challenges: Challenges,
        factors: SecondFactors,
        passkeys: PasskeyFactors,
        lost: LostFactors,
    ) -> None:
        self._runtime = runtime
        self._begin = begin
        self.outcomes = begin.outcomes
        self._active_tenant = active_tenant
        self._throttle = throttle
        self._challenges = challenges
        self._factors = factors
        self._passkeys = passkeys
        self._lost = lost

    async def challenge(
        self, call: Call, user: User, device_id: UUID | None, tenant_id: UUID | None
    ) -> LoginChallenge:
        """The challenge for a user whose password was right.

        Args:
            call: The call with the password.
            user: The user.
            device_id: The device, if the account knows it.
            tenant_id: The tenant that the login is for, if one was named.
        """
        await self._passkeys.prepare()
        now = self._runtime.clock.now()
        new = self._challenges.new(
            ChallengePurpose.SECOND_FACTOR,
            call.device,
            now,
            user_id=user.user_id,
            origin_id=device_id,
            password_revision=user.password_revision,
            tenant_id=tenant_id,
        )

        async def look(tx: Read) -> LoginChallenge:
            return LoginChallenge(
                text=new.text,
                kinds=await self._factors.kinds_of(tx, user.user_id),
                passkey_options=await self._passkeys.options_of(tx, user.user_id, new.text),
                expire_time=new.challenge.expire_time,
                recovery_time=await self._lost.time(tx, user.user_id),
            )

        return await self._runtime.store.read(look)

    @counted(LoginMethod.SECOND_FACTOR)
    async def log_in(self, call: Call, text: str, answer: Answer) -> LoginResult:
        """Begins a login by the answer to a challenge.

        Raises `ChallengeInvalid`, `SecondFactorWrong`, `HashingBusy`; of the tenant that was named,
        `TenantNotFound`, `TenantSuspended`, `TenantsUnavailable`.
        """
        if answer.credential is not None:
            await self._passkeys.prepare()
        now = self._runtime.clock.now()
        challenge = self._challenges.read(text, ChallengePurpose.SECOND_FACTOR, call.device, now)
        assert challenge.user_id is not None, "as it was made"
        async with self._throttle.begin_second_factor(call, challenge.user_id) as attempt:
            user = _challenged(attempt.user, challenge)
            found = await self._active_tenant.after_proof(user, challenge.tenant_id)
            attempt.checked = True

            async def check(tx: Write, current: User) -> Checked:
                _challenged(current, challenge)
                await self._challenges.require_unspent(tx, challenge)
                shown = Shown(current, answer, text, call.device, now, attempt.allowed)
                checked = await self._factors.check(tx, shown)
                if checked.methods is None:
                    return checked
                found.require()
                await self._challenges.spend(tx, challenge)
                await attempt.clear(tx)
                cancelled = await self._lost.cancel(tx, current, call.device, now)
                methods = together(PASSWORD_ALONE, checked.methods)
                return Checked(methods, checked.events + cancelled)

            result = await self._begin.begin(
                NewLogin(call, user, found.tenant, challenge.origin_id), check
            )
            if result is None:
                await attempt.failed()
                raise SecondFactorWrong
            return result


def _challenged(user: User | None, challenge: Challenge) -> User:
    """The user of a challenge. Raises `ChallengeInvalid` if the password is another one by now."""
    if user is None or user.password_revision != challenge.password_revision:
        raise ChallengeInvalid
    return user
