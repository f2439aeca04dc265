"""A login with e-mail address and password."""

from dataclasses import replace

from kernel.clock import Clock
from kernel.identity.devices import Device
from kernel.ids import Ids
from kernel.storage import Store, Write
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.logins.errors import BadCredentials
from services.auth.logins.model import LoginResult
from services.auth.logins.start import StartLogin
from services.auth.passwords.hashing import Passwords
from services.auth.tokens.refresh import RefreshToken
from services.auth.users import repository as users


class PasswordLogin:
    """The use case of a login with a password."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        passwords: Passwords,
        start: StartLogin,
        active_tenant: ActiveTenant,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._passwords = passwords
        self._start = start
        self._active_tenant = active_tenant

    async def log_in(self, normalized_email: str, password: str, device: Device) -> LoginResult:
        """Begins a login. Raises `BadCredentials`, `HashingBusy`."""
        user = await self._store.read(lambda tx: users.user_of_email(tx, normalized_email))
        check = await self._passwords.verify(user.password_hash if user else None, password)
        if user is None or not check.matches:
            raise BadCredentials
        better = await self._passwords.hash(password) if check.needs_rehash else None
        tenant = await self._active_tenant.for_login(user)
        token = RefreshToken(user.user_id, self._ids.uuid(), self._ids.secret())
        login = self._start.new(token, tenant, device, self._clock.now())

        async def begin(tx: Write) -> None:
            current = await users.USERS.get(tx, user.user_id)
            if current is None or current.password_revision != user.password_revision:
                raise BadCredentials  # deleted or changed while the password was being checked
            if better is not None:
                await users.USERS.put(tx, replace(current, password_hash=better))
            await self._start.put(tx, login)

        await self._store.write(begin)
        return self._start.result(user, tenant, login, token)
