"""What a user sees of a device that waits, and the user's answer: let it in, or refuse it."""

from typing import NamedTuple, Protocol
from uuid import UUID

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.authorizations.approving_login import approving_login
from services.auth.authorizations.program_tenants import ProgramTenants
from services.auth.device_login.codes import read_user_code
from services.auth.device_login.errors import DeviceLoginNotFound
from services.auth.device_login.model import DeviceLogin
from services.auth.device_login.repository import DEVICE_LOGINS
from services.auth.device_login.wrong_codes import WaitingDevices
from services.auth.logins.model import NO_LIMITS, LoginLimits
from services.auth.oauth_clients.errors import InvalidClient
from services.auth.oauth_clients.model import OAuthClient
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.users.repository import require_user


class Clients(Protocol):
    """The clients, as far as a device login needs them."""

    async def find(self, client_id: str) -> OAuthClient:
        """The client with an id. Raises `InvalidClient`."""
        ...


class WaitingDevice(NamedTuple):
    """A device that waits, as a user sees it before the answer.

    Attributes:
        device_login: What it asks for.
        client: The client.
        same_network: Whether it is in the network of the user who looks. If not, a stranger may have
            sent the user the code.
    """

    device_login: DeviceLogin
    client: OAuthClient
    same_network: bool


class AnswerDeviceLogin:
    """The use cases of the user."""

    def __init__(
        self,
        runtime: Runtime,
        waiting: WaitingDevices,
        clients: Clients,
        tenants: ProgramTenants,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._waiting = waiting
        self._clients = clients
        self._tenants = tenants
        self._events = events

    async def look(self, call: Call, user_code: str) -> WaitingDevice:
        """The device that waits with a code. Raises `DeviceLoginNotFound`, `TooManyUserCodes`."""
        found = await self._waiting.find(call, read_user_code(user_code))
        client = await self._client(found)
        mine, its = call.device.network, found.device.network
        return WaitingDevice(found, client, bool(mine) and mine == its)

    async def approve(self, call: Call, user_code: str, tenant_id: UUID | None = None) -> None:
        """Lets the device in: its next question gets tokens for the tenant, by default the active one.

        Raises as `look` and `ProgramTenants.choose`, `AccessTokenRevoked`, and
        `ReauthenticationRequired` if the login is older than the tenant lets logins become.
        """
        found = await self._waiting.find(call, read_user_code(user_code))
        client = await self._client(found)
        caller = call.caller
        user = await self._runtime.store.read(lambda tx: require_user(tx, caller.user_id))
        tenant = await self._tenants.choose(user, client, tenant_id, caller.tenant_id)
        answered = found.approved(caller.user_id, caller.login_id, tenant.tenant_id)
        await self._answer(call, answered, Event.DEVICE_LOGIN_APPROVED, tenant.limits)

    async def deny(self, call: Call, user_code: str) -> None:
        """Refuses the device. Raises as `look`."""
        found = await self._waiting.find(call, read_user_code(user_code))
        await self._answer(call, found.denied(), Event.DEVICE_LOGIN_DENIED)

    async def _client(self, found: DeviceLogin) -> OAuthClient:
        """The client of a device. Raises `DeviceLoginNotFound` if it was deleted meanwhile."""
        try:
            return await self._clients.find(found.client_id)
        except InvalidClient:
            raise DeviceLoginNotFound from None

    async def _answer(
        self, call: Call, answered: DeviceLogin, what: Event, limits: LoginLimits = NO_LIMITS
    ) -> None:
        now, caller = self._runtime.clock.now(), call.caller
        event = SecurityEvent.by(call, what, now)

        async def answer(tx: Write) -> bool:
            user = await require_user(tx, caller.user_id)
            login = await approving_login(tx, caller.user_id, caller.login_id, now)
            limits.require(user, login, now)
            current = await DEVICE_LOGINS.get(tx, answered.device_login_id)
            if current is None or not current.is_pending or current.expire_time <= now:
                return False
            # What the device has asked meanwhile stays.
            await DEVICE_LOGINS.put(tx, answered.asked_as(current))
            security_log.append(tx, event)
            return True

        if not await self._runtime.store.write(answer):
            raise DeviceLoginNotFound
        self._events.report(event)
