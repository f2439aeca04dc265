"""Devices that ask to be let in, and what they get."""

from dataclasses import replace

from kernel.identity.callers import Call
from services.auth import program_wiring
from services.auth.device_login.start import StartedDeviceLogin
from services.auth.grants.model import NewGrant
from services.auth.logins.model import LoginResult
from services.auth.oauth_clients.errors import InvalidClient
from services.auth.oauth_clients.model import ClientOrigin, GrantType, OAuthClient
from tests.services.auth.harness import AuthHarness

SCOPES = frozenset({"openid", "offline_access", "sessions:read", "sessions:write"})
CLI = OAuthClient(
    "coditect-cli",
    "Coditect CLI",
    ClientOrigin.BUILT_IN,
    ("http://127.0.0.1/callback",),
    frozenset({GrantType.DEVICE_CODE, GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN}),
    SCOPES,
)
OTHER = replace(CLI, client_id="other", name="Other")
WEB = replace(
    CLI, client_id="web", name="Web", grant_types=frozenset({GrantType.AUTHORIZATION_CODE})
)
DEVICE = {"user-agent": "coditect-cli/5.0", "x-forwarded-for": "203.0.113.7"}
INTERVAL = 5


class Clients:
    """The clients of the tests."""

    def __init__(self) -> None:
        self.of = {client.client_id: client for client in (CLI, OTHER, WEB)}

    async def find(self, client_id: str) -> OAuthClient:
        """The client with an id."""
        if client_id not in self.of:
            raise InvalidClient
        return self.of[client_id]


class Devices:
    """Device logins of one replica of auth."""

    def __init__(self, auth: AuthHarness) -> None:
        self.auth = auth
        self.clients = Clients()
        parts = program_wiring.device_login(auth.parts, auth.memberships, self.clients)
        self.answer, self._start, self._grant = parts.answer, parts.start, parts.grant

    async def start(
        self, client: OAuthClient = CLI, scope: str = "", address: str = DEVICE["x-forwarded-for"]
    ) -> StartedDeviceLogin:
        """The codes of a new device."""
        call = Call(None, DEVICE | {"x-forwarded-for": address})
        return await self._start.start(call, client, scope)

    async def approve(self, who: LoginResult, device: StartedDeviceLogin) -> None:
        """A user lets a device in."""
        await self.answer.approve(self.auth.call(who), device.user_code)

    async def ask(self, device: StartedDeviceLogin | str, client: OAuthClient = CLI) -> NewGrant:
        """A device asks for its tokens, after the time that it must wait."""
        self.auth.clock.advance(seconds=INTERVAL)
        return await self.ask_now(device, client)

    async def ask_now(
        self, device: StartedDeviceLogin | str, client: OAuthClient = CLI
    ) -> NewGrant:
        """A device asks for its tokens at once."""
        code = device if isinstance(device, str) else device.device_code
        return await self._grant.exchange(Call(None, DEVICE), client, code)
