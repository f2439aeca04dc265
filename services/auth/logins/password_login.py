"""A login with email address and password: the whole of it, or its first step."""

from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.logins.begin import BeginLogin, NewLogin
from services.auth.logins.errors import BadCredentials, EmailNotVerified
from services.auth.logins.model import PASSWORD_ALONE, LoginChallenge, LoginResult
from services.auth.logins.outcomes import LoginMethod, counted
from services.auth.logins.password_check import CheckPassword
from services.auth.logins.second_factor_login import SecondFactorLogin
from services.auth.logins.second_factors import WRONG, Checked
from services.auth.notifications.proof_emails import ProofEmails
from services.auth.throttling.attempt import Attempt
from services.auth.throttling.throttle import Throttle
from services.auth.users import repository as users
from services.auth.users.model import User


class Credentials(NamedTuple):
    """What a client shows to log in."""

    normalized_email: str
    password: str
    device_token: str = ""
    """The secret of a device that has logged in before; empty without one."""


class PasswordLogin:
    """The use case of a login with a password.

    Args:
        runtime: The store and the clock.
        begin: Begins the login.
        active_tenant: Chooses its tenant.
        throttle: Decides whether the guess may be checked.
        check: Checks the password.
        second_factor: Makes the challenge of a user with a second factor.
        proof_emails: Mails a proof to users who must prove the address before they log in; None
            where users may log in without a proof.
    """

    def __init__(
        self,
        runtime: Runtime,
        begin: BeginLogin,
        active_tenant: ActiveTenant,
        throttle: Throttle,
        check: CheckPassword,
        second_factor: SecondFactorLogin,
        proof_emails: ProofEmails | None = None,
    ) -> None:
        self._runtime = runtime
        self._begin = begin
        self.outcomes = begin.outcomes
        self._active_tenant = active_tenant
        self._throttle = throttle
        self._check = check
        self._second_factor = second_factor
        self._proof_emails = proof_emails

    @counted(LoginMethod.PASSWORD)
    async def log_in(
        self, call: Call, credentials: Credentials, tenant_id: UUID | None = None
    ) -> LoginResult | LoginChallenge:
        """Begins a login, in a tenant if one is given; or asks for the user's second factor.

        Raises `BadCredentials`, `EmailNotVerified`, `HashingBusy`, `TooManyAttempts`,
        `TooManyEmails`; of the tenant that is given, `TenantNotFound`, `TenantSuspended`,
        `TenantsUnavailable`.
        """
        email, password, device_token = credentials
        async with self._throttle.begin(call, email, device_token) as attempt:
            check = await self._check.check(attempt, call, email, password)
            user = attempt.user
            if user is None or not check.matches:
                await attempt.failed()
                raise BadCredentials
            await self._require_proof(call, user)
            better = await self._check.better_hash(check, call, password)
            if user.second_factor:
                await attempt.succeeded()
                await self._put_hash(user, better)
                return await self._second_factor.challenge(call, user, attempt.device_id, tenant_id)
            return await self._log_in(call, attempt, user, tenant_id, better)

    async def _require_proof(self, call: Call, user: User) -> None:
        """Mails a proof to a user who must prove the address first, and raises `EmailNotVerified`."""
        if self._proof_emails is not None and not user.email_verified:
            now = self._runtime.clock.now()
            proof = self._proof_emails.verification(user, call.device, now)
            await self._proof_emails.send(proof)
            raise EmailNotVerified

    async def _put_hash(self, user: User, better: str | None) -> None:
        """Stores a better hash of the password of a user, if there is one."""
        if better is None:
            return

        async def put(tx: Write) -> None:
            current = await users.USERS.get(tx, user.user_id)
            if current is not None and current.password_revision == user.password_revision:
                await users.USERS.put(tx, replace(current, password_hash=better))

        await self._runtime.store.write(put)

    async def _log_in(
        self,
        call: Call,
        attempt: Attempt,
        user: User,
        tenant_id: UUID | None,
        better: str | None,
    ) -> LoginResult:
        """Begins the login of a user whose password was right; `better` is a new hash of it."""
        tenant = await self._active_tenant.for_login(user, tenant_id)

        async def check(tx: Write, current: User) -> Checked:
            if current.password_revision != user.password_revision:
                return WRONG  # changed while the password was being checked
            if current.second_factor:
                return WRONG  # set up meanwhile
            if better is not None:
                current = replace(current, password_hash=better)
                await users.USERS.put(tx, current)
            await attempt.clear(tx)
            return Checked(PASSWORD_ALONE, user=current)

        new = NewLogin(call, user, tenant, attempt.device_id)
        result = await self._begin.begin(new, check)
        if result is None:
            await attempt.failed()
            raise BadCredentials
        return result
