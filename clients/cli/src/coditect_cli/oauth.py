"""Calls of the server's OAuth endpoints, as the built-in public client `coditect-cli`."""

import math
import time
from dataclasses import replace

import httpx

from coditect_cli import web
from coditect_cli.failures import Unavailable
from coditect_cli.output import Json
from coditect_cli.tokens import Tokens

CLIENT_ID = "coditect-cli"
SCOPES = (
    "openid profile email offline_access account:read account:write tenants:read tenants:write"
    " sessions:read sessions:write"
)


def post(client: httpx.Client, url: str, form: dict[str, str]) -> Json:
    """What an endpoint answers; raises web.OAuthError or Unavailable."""
    return web.oauth_answer(web.send(client, client.build_request("POST", url, data=form)))


def tokens(client: httpx.Client, url: str, form: dict[str, str]) -> Tokens:
    """The tokens that the token endpoint answers with; raises web.OAuthError or Unavailable."""
    asked = time.time()
    answer = post(client, url, form)
    access, refresh = answer.get("access_token"), answer.get("refresh_token")
    fits = isinstance(access, str) and web.fits_a_header(access)
    if not fits or str(answer.get("token_type")).lower() != "bearer":
        raise Unavailable("The server's answer has no access token that can be used.")
    if not isinstance(refresh, str):  # a server may go on with the one it was sent (section 6)
        refresh = form.get("refresh_token", "")
    lifetime = seconds(answer.get("expires_in"), 60)
    return Tokens(str(access), refresh, asked + lifetime, lifetime)


def refresh(client: httpx.Client, url: str, refresh_token: str, tenant_id: str | None) -> Tokens:
    """The next tokens of a login, for a tenant if one is named; raises web.OAuthError."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": CLIENT_ID,
    }
    named = {"tenant_id": tenant_id} if tenant_id else {}
    return replace(tokens(client, url, form | named), tenant_id=tenant_id)


def revoke(client: httpx.Client, url: str, refresh_token: str) -> None:
    """Ends the login of a refresh token (RFC 7009); raises web.OAuthError or Unavailable."""
    form = {
        "token": refresh_token,
        "token_type_hint": "refresh_token",
        "client_id": CLIENT_ID,
    }
    post(client, url, form)


def seconds(value: object, otherwise: float) -> float:
    """A number of seconds in an answer."""
    try:
        number = float(str(value))
    except ValueError:
        return otherwise
    return number if math.isfinite(number) and number > 0 else otherwise
