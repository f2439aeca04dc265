"""A login with email address and password."""

from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.logins.errors import BadCredentials, EmailNotVerified
from services.auth.logins.model import LoginResult, LoginTenant
from services.auth.logins.password_check import CheckPassword
from services.auth.logins.start import StartLogin
from services.auth.notifications.model import EmailKind
from services.auth.notifications.proof_emails import ProofEmails
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import SecurityEvent
from services.auth.throttling.attempt import Attempt
from services.auth.throttling.throttle import Throttle
from services.auth.tokens.refresh import RefreshToken
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
        start: Begins the login.
        active_tenant: Chooses its tenant.
        throttle: Decides whether the guess may be checked.
        check: Checks the password.
        events: Reports the login, and mails a notice of one from a new device.
        proof_emails: Mails a proof to users who must prove the address before they log in; None
            where users may log in without a proof.
    """

    def __init__(
        self,
        runtime: Runtime,
        start: StartLogin,
        active_tenant: ActiveTenant,
        throttle: Throttle,
        check: CheckPassword,
        events: SecurityEvents,
        proof_emails: ProofEmails | None = None,
    ) -> None:
        self._runtime = runtime
        self._start = start
        self._active_tenant = active_tenant
        self._throttle = throttle
        self._check = check
        self._events = events
        self._proof_emails = proof_emails

    async def log_in(
        self, call: Call, credentials: Credentials, tenant_id: UUID | None = None
    ) -> LoginResult:
        """Begins a login, in a tenant if one is given.

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
            if self._proof_emails is not None and not user.email_verified:
                now = self._runtime.clock.now()
                proof = self._proof_emails.verification(user, call.device, now)
                await self._proof_emails.send(proof)
                raise EmailNotVerified
            better = await self._check.better_hash(check, call, password)
            tenant = await self._active_tenant.for_login(user, tenant_id)
            return await self._begin(call, attempt, user, tenant, better)

    async def _begin(
        self, call: Call, attempt: Attempt, user: User, tenant: LoginTenant, better: str | None
    ) -> LoginResult:
        """Begins the login of a user whose password was right; `better` is a new hash of it."""
        ids, now = self._runtime.ids, self._runtime.clock.now()
        token = RefreshToken(user.user_id, ids.uuid(), ids.secret())
        login = self._start.new(token, tenant, call.device, now, attempt.device_id)

        async def begin(tx: Write) -> list[SecurityEvent]:
            current = await users.USERS.get(tx, user.user_id)
            if current is None or current.password_revision != user.password_revision:
                return []  # deleted or changed while the password was being checked
            if better is not None:
                await users.USERS.put(tx, replace(current, password_hash=better))
            await attempt.clear(tx)
            if attempt.device_id is None:
                await self._events.notify(tx, current, EmailKind.NEW_DEVICE, call.device, now)
            return await self._start.put(tx, login)

        happened = await self._runtime.store.write(begin)
        if not happened:
            await attempt.failed()
            raise BadCredentials
        self._events.report(*happened)
        result = self._start.result(user, tenant, login, token)
        return replace(result, device_token=self._throttle.device_token(login.device_id, user))
