"""A request at the token endpoint and its answer, as values."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from kernel.identity.callers import Call
from services.auth.oauth_clients.model import OAuthClient

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - no secret
"""The type of an access token (RFC 8693, section 3)."""
JWT = "urn:ietf:params:oauth:token-type:jwt"
"""The type of any JWT, which access tokens are."""


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """The parameters of the token endpoint, beside those of the client; empty where not given."""

    grant_type: str = ""
    code: str = ""
    redirect_uri: str = ""
    code_verifier: str = ""
    refresh_token: str = ""
    scope: str = ""
    resource: tuple[str, ...] = ()
    tenant_id: str = ""
    device_code: str = ""
    subject_token: str = ""
    subject_token_type: str = ""
    requested_token_type: str = ""
    actor_token: str = ""
    audience: tuple[str, ...] = ()


class TokenAnswer(NamedTuple):
    """What a client gets (RFC 6749, section 5.1).

    Attributes:
        access_token: The access token.
        expires_in: Its life in seconds.
        scope: What it is good for, separated by spaces.
        refresh_token: What gets the next one; None if the client gets none.
        id_token: Who the user is; None without the scope `openid`.
        issued_token_type: The type of the access token, for an exchange; else None.
    """

    access_token: str
    expires_in: int
    scope: str
    refresh_token: str | None = None
    id_token: str | None = None
    issued_token_type: str | None = None


class GrantRule(Protocol):
    """One grant type."""

    async def exchange(self, call: Call, client: OAuthClient, request: TokenRequest) -> TokenAnswer:
        """The tokens for a request of a client that has shown who it is, and may use this type.

        Raises the errors of `authorizations.errors`, `InvalidRequest` and `TenantsUnavailable`.
        """
        ...
