"""A login with email address and password."""

from dataclasses import replace
from uuid import UUID

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.logins.errors import BadCredentials
from services.auth.logins.model import LoginResult
from services.auth.logins.start import StartLogin
from services.auth.logins.unknown_accounts import UnknownAccounts
from services.auth.passwords.hashing import Passwords
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, Outcome, SecurityEvent
from services.auth.tokens.refresh import RefreshToken
from services.auth.users import repository as users
from services.auth.users.model import User

_DIGEST_BYTES = 16


class PasswordLogin:
    """The use case of a login with a password."""

    def __init__(
        self,
        runtime: Runtime,
        passwords: Passwords,
        start: StartLogin,
        active_tenant: ActiveTenant,
        unknown_accounts: UnknownAccounts,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._passwords = passwords
        self._start = start
        self._active_tenant = active_tenant
        self._unknown_accounts = unknown_accounts
        self._events = events

    async def log_in(
        self, call: Call, normalized_email: str, password: str, tenant_id: UUID | None = None
    ) -> LoginResult:
        """Begins a login, in a tenant if one is given.

        Raises `BadCredentials`, `HashingBusy`; of the tenant that is given, `TenantNotFound`,
        `TenantSuspended`, `TenantsUnavailable`.
        """
        store, ids = self._runtime.store, self._runtime.ids
        user = await store.read(lambda tx: users.user_of_email(tx, normalized_email))
        decoy = self._unknown_accounts.hash_of(normalized_email)
        network = call.device.network
        check = await self._passwords.verify(
            user.password_hash if user else decoy, password, network
        )
        if user is None or not check.matches:
            raise self._failed(call, normalized_email, user)
        better = await self._passwords.hash(password, network) if check.needs_rehash else None
        tenant = await self._active_tenant.for_login(user, tenant_id)
        token = RefreshToken(user.user_id, ids.uuid(), ids.secret())
        login = self._start.new(token, tenant, call.device, self._runtime.clock.now())

        async def begin(tx: Write) -> list[SecurityEvent]:
            current = await users.USERS.get(tx, user.user_id)
            if current is None or current.password_revision != user.password_revision:
                return []  # deleted or changed while the password was being checked
            if better is not None:
                await users.USERS.put(tx, replace(current, password_hash=better))
            return await self._start.put(tx, login)

        happened = await store.write(begin)
        if not happened:
            raise self._failed(call, normalized_email, user)
        self._events.report(*happened)
        return self._start.result(user, tenant, login, token)

    def _failed(self, call: Call, normalized_email: str, user: User | None) -> BadCredentials:
        """Reports a failed login; returns the error to raise."""
        user_id, now = user.user_id if user else None, self._runtime.clock.now()
        # Of every address, so that it takes the same time whether there is an account or not.
        digest = self._runtime.seal.mac("account in logs", normalized_email.encode())
        self._events.report(
            SecurityEvent(user_id, Event.LOGIN_FAILED, Outcome.FAILURE, now, call.device),
            unknown_account="" if user else digest[:_DIGEST_BYTES].hex(),
        )
        return BadCredentials()
