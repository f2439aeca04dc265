"""A grant that begins or goes on, as a value."""

from typing import NamedTuple

from kernel.identity.scopes import OFFLINE_ACCESS
from services.auth.logins.model import Login, LoginTenant
from services.auth.oauth_clients.model import GrantType, OAuthClient
from services.auth.tokens.refresh import RefreshToken
from services.auth.users.model import User


class NewGrant(NamedTuple):
    """A grant that has begun, or was refreshed.

    Attributes:
        user: The user who has approved it.
        tenant: The tenant that the next access token is for.
        login: The grant.
        token: Its next refresh token.
    """

    user: User
    tenant: LoginTenant
    login: Login
    token: RefreshToken


def is_offline(client: OAuthClient, scopes: frozenset[str]) -> bool:
    """Whether a client keeps its grant while its user is away, by a refresh token.

    A client of the product always does; any other asks for it (OpenID Connect Core 1.0, section 11).
    """
    may = GrantType.REFRESH_TOKEN in client.grant_types
    return may and (client.is_built_in or OFFLINE_ACCESS in scopes)
