"""The beginning of a device login: a device asks for its two codes."""

from typing import NamedTuple

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.authorizations.errors import UnauthorizedClient
from services.auth.authorizations.requests import requested_scopes
from services.auth.device_login import codes
from services.auth.device_login.codes import DeviceCode
from services.auth.device_login.errors import TooManyDeviceLogins
from services.auth.device_login.model import INTERVAL_SECONDS, LIFE, DeviceLogin
from services.auth.device_login.repository import (
    BY_USER_CODE,
    DEVICE_LOGINS,
    MAC_BYTES,
    number_of_network,
)
from services.auth.oauth_clients.model import GrantType, OAuthClient
from services.auth.settings import AuthSettings

_PAGE = "/oauth/device"


class StartedDeviceLogin(NamedTuple):
    """What a device gets (RFC 8628, section 3.2).

    Attributes:
        device_code: What it asks for its tokens with.
        user_code: What it shows.
        verification_uri: Where the user types that.
        verification_uri_complete: The same with the code in it.
        expires_in: How long the codes are good, in seconds.
        interval: How long it waits between two questions, in seconds.
    """

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


class StartDeviceLogin:
    """The use case of the device authorization request."""

    def __init__(self, runtime: Runtime, settings: AuthSettings) -> None:
        self._runtime = runtime
        self._page = settings.token_issuer + _PAGE
        self._per_network = settings.device_logins_per_network

    async def start(self, call: Call, client: OAuthClient, scope: str) -> StartedDeviceLogin:
        """Makes the codes for a client that has shown who it is.

        Args:
            call: The call of the device.
            client: The client.
            scope: What it asks for, separated by spaces; empty for all that it may have.

        Raises `UnauthorizedClient`, `InvalidScope`, `TooManyDeviceLogins`.
        """
        if GrantType.DEVICE_CODE not in client.grant_types:
            raise UnauthorizedClient
        runtime, now = self._runtime, self._runtime.clock.now()
        code = DeviceCode(runtime.ids.uuid(), runtime.ids.secret(), int((now + LIFE).timestamp()))
        network = runtime.seal.mac("network of devices", call.device.network.encode())
        new = DeviceLogin(
            device_login_id=code.device_login_id,
            code_hash=code.hash,
            user_code_mac=b"",
            client_id=client.client_id,
            scopes=requested_scopes(client, scope),
            device=call.device,
            network_mac=network[:MAC_BYTES],
            create_time=now,
            expire_time=now + LIFE,
        )
        user_code = await self._store(new, codes.user_codes(runtime.ids.secret()))
        shown = codes.shown(user_code)
        return StartedDeviceLogin(
            device_code=codes.write(code, runtime.seal),
            user_code=shown,
            verification_uri=self._page,
            verification_uri_complete=f"{self._page}?user_code={shown}",
            expires_in=int(LIFE.total_seconds()),
            interval=INTERVAL_SECONDS,
        )

    async def _store(self, new: DeviceLogin, user_codes: list[str]) -> str:
        """Stores it under the first user code that no other device shows, and returns that."""
        macs = [(code, codes.user_code_mac(code, self._runtime.seal)) for code in user_codes]

        async def put(tx: Write) -> str | None:
            if await number_of_network(tx, new.network_mac) >= self._per_network:
                return None
            for code, mac in macs:
                if await tx.get(BY_USER_CODE.key(mac)) is None:
                    await DEVICE_LOGINS.put(tx, new.shown_as(mac))
                    return code
            return None

        code = await self._runtime.store.write(put)
        if code is None:
            raise TooManyDeviceLogins(retry_after=LIFE.total_seconds())
        return code
