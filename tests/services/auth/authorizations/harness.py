"""Programs that ask users to let them act, and users who answer."""

from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

from kernel import base64url
from kernel.identity import scopes
from kernel.identity.callers import Call
from services.auth import program_wiring
from services.auth.authorizations.approval import Approver
from services.auth.authorizations.model import AuthorizationParameters, AuthorizationRequest
from services.auth.authorizations.pushed import Pushed
from services.auth.logins.model import LoginResult
from services.auth.oauth_clients.built_in import CLI
from services.auth.oauth_clients.clients import OAuthClients
from services.auth.oauth_clients.model import GrantType, OAuthClient
from tests.services.auth.harness import AuthHarness
from tests.services.auth.oauth_clients.harness import client, dynamic_client, put, with_secret

ISSUER = "https://coditect.local"
API = f"{ISSUER}/api/v5"
CALLBACK = "http://127.0.0.1:49152/callback"
WEB_CALLBACK = "https://robot.example.com/callback"
VERIFIER = "a verifier with 256 bits of noise, or as many as a test needs"
CHALLENGE = base64url.encode(sha256(VERIFIER.encode()).digest())
DEVICE = {"user-agent": "robot/1.0", "x-forwarded-for": "203.0.113.7"}
SCOPES = frozenset({"openid", "profile", "offline_access", "sessions:read", "sessions:write"})
ALL_TYPES = frozenset(GrantType)


class Answer(NamedTuple):
    """Where a browser is sent.

    Attributes:
        address: The address without its query.
        parameters: The query.
    """

    address: str
    parameters: dict[str, str]

    @classmethod
    def of(cls, uri: str) -> "Answer":
        """The answer at an address."""
        parts = urlsplit(uri)
        parameters = {name: one for name, (one,) in parse_qs(parts.query).items()}
        return cls(parts._replace(query="").geturl(), parameters)


def parameters(client: OAuthClient = CLI, **given: Any) -> AuthorizationParameters:
    """A good request of a client, except for the given parameters."""
    values: dict[str, Any] = {
        "client_id": client.client_id,
        "response_type": "code",
        "redirect_uri": CALLBACK if client.is_built_in else client.redirect_uris[0],
        "scope": scopes.write(SCOPES),
        "state": "of the client",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return AuthorizationParameters(**{**values, **given})


class Programs:
    """The authorizations of one replica of auth."""

    def __init__(self, auth: AuthHarness) -> None:
        self.auth = auth
        self.clients = OAuthClients(auth.runtime)
        parts = program_wiring.authorizations(auth.parts, auth.tenants, self.clients)
        self.requests, self.approval, self._push = parts.requests, parts.approval, parts.push
        self.steps = parts.steps

    async def public_client(self, tenant_id: UUID | None = None, **given: Any) -> OAuthClient:
        """A stored public client of a tenant."""
        values: dict[str, Any] = {"scopes": SCOPES, "tenant_id": tenant_id or uuid4(), **given}
        return await put(self.auth.store, client(**values))

    async def dynamic_client(self, **given: Any) -> OAuthClient:
        """A client that has registered itself."""
        return await put(self.auth.store, dynamic_client(scopes=SCOPES, **given))

    async def confidential_client(self, tenant_id: UUID | None = None, **given: Any) -> OAuthClient:
        """A stored client of a tenant with a secret, for all grant types."""
        values: dict[str, Any] = {
            "scopes": SCOPES,
            "grant_types": ALL_TYPES,
            "tenant_id": tenant_id or uuid4(),
        }
        values |= given
        return await put(self.auth.store, with_secret(**values))

    async def request(self, client: OAuthClient = CLI, **given: Any) -> AuthorizationRequest:
        """The checked request of a client."""
        return await self.requests.check(parameters(client, **given))

    async def push(self, client: OAuthClient = CLI, **given: Any) -> Pushed:
        """A request that a client sends in advance."""
        return await self._push.push(Call(None, DEVICE), client, parameters(client, **given))

    def approver(self, who: LoginResult) -> Approver:
        """A user who answers in a login."""
        return Approver.of(self.auth.call(who))

    async def approve(
        self, who: LoginResult, request: AuthorizationRequest, tenant_id: UUID | None = None
    ) -> Answer:
        """A user lets a program act."""
        return Answer.of(await self.approval.approve(self.approver(who), request, tenant_id))

    async def approve_pushed(
        self, who: LoginResult, name: str, client: OAuthClient = CLI
    ) -> Answer:
        """A user lets a program act that has pushed its request."""
        asked = AuthorizationParameters(client_id=client.client_id, request_uri=name)
        return await self.approve(who, await self.requests.check(asked))
