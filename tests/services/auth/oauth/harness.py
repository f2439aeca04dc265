"""Programs that ask the endpoints of OAuth."""

import json
from typing import Any

from kernel import base64url
from kernel.identity.callers import Call, Caller
from services.auth import program_wiring
from services.auth.authorizations.errors import InvalidGrant
from services.auth.logins.model import Login, LoginResult
from services.auth.oauth.introspection import Introspection
from services.auth.oauth.model import ACCESS_TOKEN, TokenAnswer, TokenRequest
from services.auth.oauth.shown_tokens import ShownTokens
from services.auth.oauth_clients.built_in import CLI
from services.auth.oauth_clients.model import OAuthClient
from services.auth.program_wiring import TokenParts
from services.auth.tokens.identity import IdTokens
from tests.services.auth.authorizations.harness import DEVICE, VERIFIER, Programs
from tests.services.auth.harness import AuthHarness

CODE = "authorization_code"
REFRESH = "refresh_token"
CREDENTIALS = "client_credentials"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a JWT, unverified."""
    claims: dict[str, Any] = json.loads(base64url.decode(token.split(".")[1]))
    return claims


class Endpoints(Programs):
    """The endpoints of OAuth of one replica of auth."""

    def __init__(self, auth: AuthHarness) -> None:
        super().__init__(auth)
        devices = program_wiring.device_login(auth.parts, auth.tenants, self.clients)
        shown = ShownTokens(auth.verifier, auth.revocations, auth.exchange)
        id_tokens = IdTokens(auth.signing_keys, auth.settings)
        parts = program_wiring.oauth(
            auth.parts,
            auth.tenants,
            self.clients,
            devices,
            TokenParts(auth.access_tokens, id_tokens, shown, auth.service_account_access),
        )
        self.devices = devices
        self._tokens, self._revocation = parts.tokens, parts.revocation
        self._introspection, self.user_info = parts.introspection, parts.user_info
        self.grants = parts.grants

    async def ask(self, client: OAuthClient, grant_type: str, **given: Any) -> TokenAnswer:
        """What a client gets at the token endpoint."""
        request = TokenRequest(grant_type=grant_type, **given)
        return await self._tokens.answer(Call(None, DEVICE), client, request)

    async def code(
        self, who: LoginResult, client: OAuthClient = CLI, tenant: Any = None, **given: Any
    ) -> str:
        """The code of an approval."""
        request = await self.request(client, **given)
        answer = await self.approve(who, request, tenant and tenant.tenant_id)
        return answer.parameters["code"]

    async def redeem(self, code: str, client: OAuthClient = CLI, **given: Any) -> TokenAnswer:
        """What a client gets for a code."""
        return await self.ask(client, CODE, **{"code": code, "code_verifier": VERIFIER, **given})

    async def grant(
        self, who: LoginResult, client: OAuthClient = CLI, tenant: Any = None, **given: Any
    ) -> TokenAnswer:
        """The first tokens of a new grant."""
        return await self.redeem(await self.code(who, client, tenant, **given), client)

    async def refresh(
        self, answer: TokenAnswer, client: OAuthClient = CLI, **given: Any
    ) -> TokenAnswer:
        """The next tokens of a grant."""
        return await self.ask(client, REFRESH, refresh_token=answer.refresh_token or "", **given)

    async def exchange(self, token: str, client: OAuthClient = CLI, **given: Any) -> TokenAnswer:
        """What a client gets for an access token."""
        await self.auth.follow()
        values = {"subject_token": token, "subject_token_type": ACCESS_TOKEN, **given}
        return await self.ask(client, EXCHANGE, **values)

    async def revoke(self, token: str, client: OAuthClient = CLI) -> None:
        """A client revokes a token."""
        await self.auth.follow()
        await self._revocation.revoke(Call(None, DEVICE), client, token)

    async def look(self, token: str, client: OAuthClient) -> Introspection | None:
        """What a client learns of a token."""
        await self.auth.follow()
        return await self._introspection.look(client, token)

    def caller(self, answer: TokenAnswer) -> Caller:
        """The verified caller of an access token."""
        self.auth.verifier.trust({key.kid: key.public for key in self.auth.signing_keys.published})
        return self.auth.verifier.verify(answer.access_token)

    async def is_accepted(self, answer: TokenAnswer) -> bool:
        """Whether services take an access token."""
        await self.auth.follow()
        try:
            self.auth.revocations.check(self.auth.verifier.verify(answer.access_token))
        except Exception as error:  # noqa: BLE001 - of whatever kind
            return type(error).__name__ not in {"AccessTokenRevoked", "AccessTokenExpired"}
        return True

    async def grants_of(self, who: LoginResult) -> list[Login]:
        """The grants of a user in the store."""
        return [login for login in await self.auth.logins_of(who) if login.is_grant]


async def is_refused(attempt: Any) -> bool:
    """Whether an attempt gets the error of a grant that is not valid."""
    try:
        await attempt
    except InvalidGrant:
        return True
    return False
