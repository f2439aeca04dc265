"""The clients of this product."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.identity import scopes
from services.auth.oauth_clients.model import ClientOrigin, GrantType, OAuthClient

_OF_PEOPLE = frozenset(
    {
        GrantType.AUTHORIZATION_CODE,
        GrantType.REFRESH_TOKEN,
        GrantType.DEVICE_CODE,
        GrantType.TOKEN_EXCHANGE,
    }
)
_REDIRECT_URIS = ("http://127.0.0.1/callback", "http://[::1]/callback")


def _client(client_id: str, name: str) -> OAuthClient:
    return OAuthClient(
        client_id, name, ClientOrigin.BUILT_IN, _REDIRECT_URIS, _OF_PEOPLE, scopes.GRANTABLE
    )


CLI = _client("coditect-cli", "Coditect CLI")
"""The command `coditect`."""
IDE = _client("coditect-ide", "Coditect IDE")
"""The extensions of editors."""

BUILT_IN: Mapping[str, OAuthClient] = MappingProxyType(
    {client.client_id: client for client in (CLI, IDE)}
)
