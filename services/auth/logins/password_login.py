"""A login with email address and password."""

from dataclasses import replace
from typing import Protocol
from uuid import UUID

from kernel.identity.callers import Call
from kernel.identity.devices import Device
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.logins.errors import BadCredentials, EmailNotVerified
from services.auth.logins.model import LoginResult
from services.auth.logins.start import StartLogin
from services.auth.logins.unknown_accounts import UnknownAccounts
from services.auth.passwords.hashing import Passwords
from services.auth.tokens.refresh import RefreshToken
from services.auth.users import repository as users
from services.auth.users.model import User


class ProofMailer(Protocol):
    """The email with which a user proves the address."""

    async def send_to(self, user: User, device: Device) -> None:
        """Mails a user a proof, unless the mailbox has got too many emails today.

        Raises `TooManyEmails` at the limits of the network and of the user.
        """
        ...


class PasswordLogin:
    """The use case of a login with a password.

    Args:
        runtime: The store and the clock.
        passwords: Verifies passwords.
        start: Begins the login.
        active_tenant: Chooses its tenant.
        unknown_accounts: Gives an address without an account something to verify.
        verification: Mails a proof to users who must prove the address before they log in; None
            where users may log in without a proof.
    """

    def __init__(
        self,
        runtime: Runtime,
        passwords: Passwords,
        start: StartLogin,
        active_tenant: ActiveTenant,
        unknown_accounts: UnknownAccounts,
        verification: ProofMailer | None = None,
    ) -> None:
        self._runtime = runtime
        self._passwords = passwords
        self._start = start
        self._active_tenant = active_tenant
        self._unknown_accounts = unknown_accounts
        self._verification = verification

    async def log_in(
        self, call: Call, normalized_email: str, password: str, tenant_id: UUID | None = None
    ) -> LoginResult:
        """Begins a login, in a tenant if one is given.

        Raises `BadCredentials`, `EmailNotVerified`, `HashingBusy`, `TooManyEmails`; of the tenant that is given, `TenantNotFound`,
        `TenantSuspended`, `TenantsUnavailable`.
        """
        store, ids = self._runtime.store, self._runtime.ids
        user = await store.read(lambda tx: users.user_of_email(tx, normalized_email))
        decoy = self._unknown_accounts.hash_of(normalized_email)
        network = call.device.network
        check = await self._passwords.verify(
            user.password_hash if user and user.password_hash else decoy, password, network
        )
        if user is None or not check.matches:
            raise BadCredentials
        if self._verification is not None and not user.email_verified:
            await self._verification.send_to(user, call.device)
            raise EmailNotVerified
        better = await self._passwords.hash(password, network) if check.needs_rehash else None
        tenant = await self._active_tenant.for_login(user, tenant_id)
        token = RefreshToken(user.user_id, ids.uuid(), ids.secret())
        login = self._start.new(token, tenant, call.device, self._runtime.clock.now())

        async def begin(tx: Write) -> None:
            current = await users.USERS.get(tx, user.user_id)
            if current is None or current.password_revision != user.password_revision:
                raise BadCredentials  # deleted or changed while the password was being checked
            if better is not None:
                await users.USERS.put(tx, replace(current, password_hash=better))
            await self._start.put(tx, login)

        await store.write(begin)
        return self._start.result(user, tenant, login, token)
