"""The token endpoint: one rule for each grant type (RFC 6749, section 3.2)."""

from collections.abc import Mapping

from kernel.errors import InvalidRequest
from kernel.identity.callers import Call
from services.auth.authorizations.errors import UnauthorizedClient, UnsupportedGrantType
from services.auth.authorizations.requests import check_resources
from services.auth.device_login.redemption import DeviceCodeGrant
from services.auth.oauth.issue import IssueTokens
from services.auth.oauth.model import GrantRule, TokenAnswer, TokenRequest
from services.auth.oauth_clients.model import GrantType, OAuthClient
from services.auth.settings import AuthSettings

_NEEDED = {
    GrantType.AUTHORIZATION_CODE: "code",
    GrantType.REFRESH_TOKEN: "refresh_token",
    GrantType.DEVICE_CODE: "device_code",
    GrantType.TOKEN_EXCHANGE: "subject_token",
}
"""The parameter without which a request of each grant type says nothing."""


class TokenEndpoint:
    """The use case of a token request."""

    def __init__(self, settings: AuthSettings, rules: Mapping[GrantType, GrantRule]) -> None:
        self._audience = settings.token_audience
        self._rules = rules

    async def answer(self, call: Call, client: OAuthClient, request: TokenRequest) -> TokenAnswer:
        """The tokens for a client that has shown who it is.

        Raises `UnsupportedGrantType`, `UnauthorizedClient`, `InvalidRequest`, `InvalidTarget`, and as the
        rules do.
        """
        try:
            kind = GrantType(request.grant_type)
        except ValueError:
            raise UnsupportedGrantType from None
        if kind not in client.grant_types:
            raise UnauthorizedClient
        if (needed := _NEEDED.get(kind)) and not getattr(request, needed):
            raise InvalidRequest.of(needed, "REQUIRED", "Must be given.")
        check_resources((*request.resource, *request.audience), self._audience)
        return await self._rules[kind].exchange(call, client, request)


class ExchangeDeviceCode:
    """The grant type `urn:ietf:params:oauth:grant-type:device_code` (RFC 8628)."""

    def __init__(self, devices: DeviceCodeGrant, issue: IssueTokens) -> None:
        self._devices = devices
        self._issue = issue

    async def exchange(self, call: Call, client: OAuthClient, request: TokenRequest) -> TokenAnswer:
        """The tokens of a device that was let in; raises as `DeviceCodeGrant.exchange`."""
        grant = await self._devices.exchange(call, client, request.device_code)
        return self._issue.answer(client, grant)
