"""Clients for the tests, and what they show of who they are."""

import base64
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

from kernel.identity.callers import Call
from kernel.storage import Store
from services.auth.oauth_clients import assertions
from services.auth.oauth_clients.model import (
    AuthMethod,
    ClientCredentials,
    ClientOrigin,
    ClientSecret,
    GrantType,
    OAuthClient,
)
from services.auth.oauth_clients.repository import DYNAMIC_CLIENTS, OAUTH_CLIENTS
from tests.support.clock import START

ISSUER = "https://coditect.local"
SECRET = "cdt_cs_of the tests: +/&=%é"
KEY = ECKey.generate_key("P-256", parameters={"kid": "one"})
JWKS = {"keys": [KEY.as_dict(private=False)]}


def client(**given: Any) -> OAuthClient:
    """A public client of a tenant with a new id, except for the given values."""
    values: dict[str, Any] = {
        "client_id": str(uuid4()),
        "name": "Robot",
        "origin": ClientOrigin.TENANT,
        "redirect_uris": ("https://robot.example.com/callback",),
        "grant_types": frozenset({GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN}),
        "scopes": frozenset({"sessions:read"}),
        "tenant_id": uuid4(),
        "create_time": START,
    }
    return OAuthClient(**{**values, **given})


def dynamic_client(**given: Any) -> OAuthClient:
    """A client that has registered itself, except for the given values."""
    values: dict[str, Any] = {
        "origin": ClientOrigin.DYNAMIC,
        "tenant_id": None,
        "expire_time": START + timedelta(days=30),
    }
    return client(**{**values, **given})


def with_secret(method: AuthMethod = AuthMethod.BASIC, **given: Any) -> OAuthClient:
    """A client with the secret `SECRET`."""
    secret = ClientSecret(sha256(SECRET.encode()).digest(), START)
    return client(**{"auth_method": method, "secrets": (secret,), **given})


async def put(store: Store, new: OAuthClient) -> OAuthClient:
    """Stores a client of a tenant, or a dynamic one."""
    table = DYNAMIC_CLIENTS if new.origin is ClientOrigin.DYNAMIC else OAUTH_CLIENTS
    await store.write(lambda tx: table.put(tx, new))
    return new


def call(authorization: str = "") -> Call:
    """The call of a program, with that header."""
    return Call(None, {"authorization": authorization} if authorization else {})


def basic(client_id: str, secret: str = SECRET) -> str:
    """The header with an id and a secret (RFC 6749, section 2.3.1)."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def claims(client_id: str, **given: Any) -> dict[str, Any]:
    """The claims of a good assertion, except for the given ones; None leaves one out."""
    second = int(START.timestamp())
    values: dict[str, Any] = {
        "iss": client_id,
        "sub": client_id,
        "aud": ISSUER,
        "jti": str(uuid4()),
        "iat": second,
        "exp": second + 60,
        **given,
    }
    return {name: value for name, value in values.items() if value is not None}


def signed(
    claims: Mapping[str, Any], key: Any = KEY, algorithm: str = "ES256", **header: Any
) -> ClientCredentials:
    """The credentials with an assertion."""
    text = jwt.encode({"alg": algorithm, **header}, dict(claims), key, [algorithm])
    return ClientCredentials(client_assertion_type=assertions.TYPE, client_assertion=text)


def uuid_of(one: OAuthClient) -> UUID:
    """The id of a registered client."""
    return UUID(one.client_id)
