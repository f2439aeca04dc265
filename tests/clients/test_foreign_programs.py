"""Programs with OAuth libraries that others wrote use the running product, with no special case in them.

Discovery, code with PKCE, device code, refresh, revocation, introspection and userinfo.
"""

from collections.abc import Iterator

import httpx
import pytest

from tests.clients.foreign_programs import SCOPE, Authlib, Client, NodeProgram, Program
from tests.clients.page_user import PageUser
from tests.end_to_end.conftest import client
from tests.end_to_end.person import Person, new_person
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


def register(person: Person) -> Client:
    """A client of an organization of the person, who acts in it from now on."""
    tenant = person.call("POST", "/tenants", {"name": "Acme"}).json()["data"]["tenantId"]
    switched = person.call("POST", "/auth/switch-tenant", {"tenantId": tenant}).json()["data"]
    person.tokens = person.tokens | switched["tokens"]
    redirect_uri = "https://robot.example.com/callback"
    body = {
        "name": "Robot",
        "authMethod": "client_secret_basic",
        "redirectUris": [redirect_uri],
        "grantTypes": GRANT_TYPES,
        "scopes": SCOPE.split(),
    }
    answer = person.call("POST", f"/tenants/{tenant}/clients", body)
    assert answer.status_code == 201, answer.text
    data = answer.json()["data"]
    return Client(data["client"]["clientId"], redirect_uri, data["clientSecret"])


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
