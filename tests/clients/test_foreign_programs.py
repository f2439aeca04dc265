"""Programs with OAuth libraries that others wrote use the running product, with no special case in them.

Discovery, code with PKCE, device code, refresh, revocation, introspection and userinfo.
"""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey

from tests.clients.foreign_programs import (
    SCOPE,
    Authlib,
    Client,
    NodeProgram,
    Program,
    run_node,
)
from tests.clients.page_user import PageUser
from tests.end_to_end.conftest import client
from tests.end_to_end.person import Person, new_person
from tests.end_to_end.team import found, switch
from tests.support import node
from tools.laptop import Laptop

PROGRAMS = [
    pytest.param(
        Authlib(),
        id="Authlib",
        # RFC 9864 gives the algorithm of the keys another name, Ed25519, which few libraries know yet.
        marks=pytest.mark.filterwarnings("ignore:EdDSA is deprecated via RFC 9864"),
    ),
    pytest.param(NodeProgram("oauth4webapi"), id="oauth4webapi", marks=node.NEEDED),
    pytest.param(NodeProgram("openid-client"), id="openid-client", marks=node.NEEDED),
]
GRANT_TYPES = [
    "authorization_code",
    "refresh_token",
    "urn:ietf:params:oauth:grant-type:device_code",
]
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
REDIRECT_URI = "https://robot.example.com/callback"
LOOPBACK = "http://127.0.0.1:49152/callback"


@pytest.fixture
def http(laptop: Laptop) -> Iterator[httpx.Client]:
    """A client of the running product."""
    with client(laptop) as opened:
        yield opened


@pytest.fixture
def person(http: httpx.Client) -> Person:
    """A user."""
    return new_person(http)


def issuer_of(laptop: Laptop) -> str:
    """All that a program is told about the server."""
    return laptop.settings.environ["TOKEN_ISSUER"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_public_client(laptop: Laptop, person: Person, program: Program) -> None:
    """The built-in client of editors, which has no secret, at a port of the user's own machine."""
    public = Client("coditect-ide", LOOPBACK)
    with PageUser(person.email) as user:
        seen = program.run(issuer_of(laptop), public, user)
    expect(seen, issuer_of(laptop), public, person)
    assert seen["introspection"] is None


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_client_with_a_secret(laptop: Laptop, person: Person, program: Program) -> None:
    """A client that an organization has registered for itself, which may also introspect."""
    confidential = register(person)
    with PageUser(person.email) as user:
        seen = program.run(issuer_of(laptop), confidential, user)
    expect(seen, issuer_of(laptop), confidential, person)
    introspection = seen["introspection"]
    assert introspection["active"] is True
    assert introspection["client_id"] == confidential.client_id
    assert introspection["sub"] == person.user_id
    assert "sessions:read" in introspection["scope"].split()
    assert seen["introspectionAfter"] == {"active": False}


@node.NEEDED
def test_a_client_with_a_key(laptop: Laptop, person: Person) -> None:
    """It pushes its requests, gets tokens of a service account, and exchanges those of a user."""
    key = ECKey.generate_key("P-256", {"kid": "1", "use": "sig", "alg": "ES256"})
    tenant = found(person)
    switch(person, tenant)
    account = made(
        person,
        f"/tenants/{tenant}/service-accounts",
        name="Robot",
        role="member",
        scopes=["sessions:read"],
    )
    registered = made(
        person,
        f"/tenants/{tenant}/clients",
        name="Robot",
        authMethod="private_key_jwt",
        jwks={"keys": [key.as_dict(private=False)]},
        redirectUris=[REDIRECT_URI],
        grantTypes=[*GRANT_TYPES, "client_credentials", EXCHANGE],
        scopes=["sessions:read", "offline_access"],
        serviceAccountId=account["accountId"],
    )
    client_id = registered["client"]["clientId"]
    private = json.dumps(key.as_dict(private=True))
    issuer = issuer_of(laptop)
    with PageUser(person.email) as user:
        seen = run_node("robot", user, issuer, client_id, REDIRECT_URI, private)
    assert (seen["introspection"]["sub"], seen["introspection"]["active"]) == (person.user_id, True)
    assert (seen["own"]["sub"], seen["own"]["active"]) == (account["accountId"], True)
    exchanged = seen["exchangedClaims"]
    assert (exchanged["sub"], exchanged["act"]["sub"]) == (person.user_id, client_id)
    assert exchanged["scope"] == "sessions:read"
    assert seen["afterRevocation"] == {"active": False}


def register(person: Person) -> Client:
    """A client of an organization of the person, who acts in it from now on."""
    tenant = found(person)
    switch(person, tenant)
    data = made(
        person,
        f"/tenants/{tenant}/clients",
        name="Robot",
        authMethod="client_secret_basic",
        redirectUris=[REDIRECT_URI],
        grantTypes=GRANT_TYPES,
        scopes=SCOPE.split(),
    )
    return Client(data["client"]["clientId"], REDIRECT_URI, data["clientSecret"])


def made(person: Person, path: str, **body: Any) -> dict[str, Any]:
    """Makes something, and returns it."""
    answer = person.call("POST", path, body)
    assert answer.status_code == 201, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def expect(seen: dict[str, object], issuer: str, used: Client, person: Person) -> None:
    """What every program must have seen."""
    claims = seen["claims"]
    assert isinstance(claims, dict)
    assert (claims["iss"], claims["sub"]) == (issuer, person.user_id)
    assert used.client_id in ([claims["aud"]] if isinstance(claims["aud"], str) else claims["aud"])
    for user in (seen["userinfo"], seen["deviceUser"]):
        assert isinstance(user, dict)
        assert (user["sub"], user["email"]) == (person.user_id, person.email)
        assert user["given_name"] == "Ada"
    assert isinstance(seen["scope"], str)
    assert set(seen["scope"].split()) == set(SCOPE.split())
    assert seen["rotated"] is True
    assert seen["revoked"] == "invalid_grant"
