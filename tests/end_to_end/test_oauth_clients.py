"""OAuth clients over the real gateway: made by admins and by themselves, and shown by a secret or a key."""

from collections.abc import Iterator
from pathlib import Path
from time import time
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from tests.end_to_end.conftest import client, start
from tests.end_to_end.person import Person, error_of, new_person
from tests.end_to_end.team import become_member, found, switch
from tools.laptop import Laptop

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
NEW = {
    "name": "Robot",
    "authMethod": "client_secret_basic",
    "grantTypes": [DEVICE_CODE, "refresh_token"],
    "scopes": ["sessions:read"],
}
INVALID_CLIENT = (401, "invalid_client")


class Admin:
    """An admin of an organization, and its clients."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.tenant_id = found(person)
        switch(person, self.tenant_id)

    def call(self, method: str, rest: str = "", body: Any = None) -> httpx.Response:
        """Calls a route about the clients."""
        return self.person.call(method, f"/tenants/{self.tenant_id}/clients{rest}", body)

    def create(self, **body: Any) -> dict[str, Any]:
        """A new client, with its secret."""
        answer = self.call("POST", "", {**NEW, **body})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()["data"]
        return made


@pytest.fixture
def admin(person: Person) -> Admin:
    """An admin of a new organization."""
    return Admin(person)


def start_device(
    http: httpx.Client, auth: tuple[str, str] | None = None, **form: str
) -> tuple[int, str]:
    """Begins a device login as a client: the status, and the error if there is one."""
    answer = http.post("/oauth/device_authorization", data=form, auth=auth)
    return answer.status_code, answer.json().get("error", "")


def test_a_client_shows_who_it_is(http: httpx.Client, admin: Admin) -> None:
    """By its secret in the header, until it is deleted; nothing else will do."""
    made = admin.create()
    client_id, secret = made["client"]["clientId"], made["clientSecret"]
    assert start_device(http, (client_id, secret)) == (200, "")
    wrong = http.post("/oauth/device_authorization", data={}, auth=(client_id, "wrong"))
    assert wrong.headers["www-authenticate"].startswith("Basic ")
    unknown = http.post("/oauth/device_authorization", data={}, auth=(str(uuid4()), secret))
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert start_device(http, client_id=client_id) == INVALID_CLIENT
    assert start_device(http, client_id=client_id, client_secret=secret) == INVALID_CLIENT
    twice = start_device(http, (client_id, secret), client_secret=secret)
    assert twice == (400, "invalid_request")
    assert admin.call("DELETE", f"/{client_id}").status_code == 200
    assert start_device(http, (client_id, secret)) == INVALID_CLIENT


def test_a_secret_changes_without_a_pause(http: httpx.Client, admin: Admin) -> None:
    """Both are good for a while, and then the new one alone."""
    made = admin.create()
    client_id, old = made["client"]["clientId"], made["clientSecret"]
    path = f"/{client_id}/secret"
    new = admin.call("POST", path, {"keepSeconds": 600}).json()["data"]["clientSecret"]
    assert start_device(http, (client_id, old)) == start_device(http, (client_id, new)) == (200, "")
    last = admin.call("POST", path, {}).json()["data"]["clientSecret"]
    assert start_device(http, (client_id, old)) == INVALID_CLIENT
    assert start_device(http, (client_id, new)) == INVALID_CLIENT
    assert start_device(http, (client_id, last)) == (200, "")


def test_a_client_with_a_key(http: httpx.Client, admin: Admin) -> None:
    """By what its key has signed, once."""
    key = OKPKey.generate_key("Ed25519")
    jwks = {"keys": [key.as_dict(private=False)]}
    made = admin.create(authMethod="private_key_jwt", jwks=jwks)
    assert made["client"]["jwks"] == jwks
    client_id = made["client"]["clientId"]
    now = http.get("/.well-known/oauth-authorization-server")
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": now.json()["issuer"],
        "jti": str(uuid4()),
        "exp": _second() + 60,
    }
    text = jwt.encode({"alg": "Ed25519"}, claims, key, ["Ed25519"])
    form = {"client_assertion_type": ASSERTION, "client_assertion": text}
    assert start_device(http, **form) == (200, "")
    assert start_device(http, **form) == INVALID_CLIENT


def test_who_may_see_and_change_clients(http: httpx.Client, admin: Admin) -> None:
    """Admins of the tenant alone: members get 403, and strangers find no tenant."""
    client_id = admin.create()["client"]["clientId"]
    member, stranger = new_person(http), new_person(http)
    become_member(admin.person, admin.tenant_id, member)
    switch(member, admin.tenant_id)
    calls = [
        ("GET", "", None),
        ("POST", "", NEW),
        ("GET", f"/{client_id}", None),
        ("PATCH", f"/{client_id}", {"name": "Mine"}),
        ("POST", f"/{client_id}/secret", {}),
        ("DELETE", f"/{client_id}", None),
    ]
    for method, rest, body in calls:
        path = f"/tenants/{admin.tenant_id}/clients{rest}"
        refused = member.call(method, path, body)
        assert (refused.status_code, error_of(refused)["code"]) == (403, "ROLE_MISSING")
        refused = stranger.call(method, path, body)
        assert (refused.status_code, error_of(refused)["code"]) == (404, "TENANT_NOT_FOUND")
    assert admin.call("GET", f"/{client_id}").json()["data"]["name"] == "Robot"


def test_what_is_wrong_with_a_client_is_named(admin: Admin) -> None:
    """All of it at once, by the names of the request."""
    body = {
        **NEW,
        "name": "C\u043editect",
        "redirectUris": ["http://robot.example.com/"],
        "scopes": ["login"],
    }
    answer = admin.call("POST", "", body)
    (bad,) = error_of(answer)["details"]
    assert {one["field"]: one["reason"] for one in bad["fieldViolations"]} == {
        "name": "RESERVED",
        "redirectUris": "NOT_ALLOWED",
        "scopes": "UNKNOWN",
    }


def test_programs_do_not_register_themselves(http: httpx.Client) -> None:
    """By default; then the metadata of the server does not name the endpoint either."""
    answer = http.post("/oauth/register", json={"redirect_uris": ["http://127.0.0.1/"]})
    assert (answer.status_code, answer.json()["error"]) == (404, "invalid_request")
    assert "registration_endpoint" not in http.get("/.well-known/openid-configuration").json()


@pytest.fixture(scope="module")
def open_http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a system where programs may register themselves and have documents."""
    folder = tmp_path_factory.mktemp("open")
    more = {"DYNAMIC_CLIENT_REGISTRATION": "open", "CLIENT_METADATA_DOCUMENTS": "on"}
    with start(folder, **more) as running:
        running.wait_until_ready()
        with client(running) as opened:
            yield opened


def test_a_program_registers_itself(open_http: httpx.Client) -> None:
    """By JSON with members that this server may not know, and without an envelope (RFC 7591)."""
    server = open_http.get("/.well-known/oauth-authorization-server").json()
    assert server["registration_endpoint"].endswith("/oauth/register")
    said = {
        "redirect_uris": ["http://127.0.0.1/callback"],
        "client_name": "Editor",
        "scope": "openid sessions:read nonsense",
        "token_endpoint_auth_method": "client_secret_basic",
        "software_id": "x",
        "contacts": ["a@example.com", {"b": [1, None]}],
    }
    answer = open_http.post("/oauth/register", json=said)
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    made = answer.json()
    assert made.pop("client_id_issued_at") > 0
    assert len(made.pop("client_id")) == 36
    assert made == {
        "client_name": "Editor",
        "redirect_uris": said["redirect_uris"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": "openid sessions:read",
        "token_endpoint_auth_method": "none",
    }


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"redirect_uris": ["http://robot.example.com/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": []}, "invalid_request"),
        (
            {"redirect_uris": ["http://127.0.0.1/"], "client_name": "Coditect"},
            "invalid_client_metadata",
        ),
        ({"redirect_uris": ["http://127.0.0.1/"], "scope": "x"}, "invalid_client_metadata"),
        ([], "invalid_request"),
    ],
)
def test_a_program_that_may_not_be(said: Any, error: str, open_http: httpx.Client) -> None:
    """The errors are those of the RFC."""
    answer = open_http.post("/oauth/register", json=said)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize(
    "client_id",
    [
        "https://localhost/client.json",
        "https://127.0.0.1/client.json",
        "https://localhost.localdomain/client.json",
        "https://metadata.google.internal/client.json",
    ],
)
def test_no_document_of_a_private_network_is_fetched(
    client_id: str, open_http: httpx.Client
) -> None:
    """Such a client is unknown, like any other one that does not exist."""
    assert start_device(open_http, client_id=client_id) == INVALID_CLIENT


def _second() -> int:

    return int(time())


def test_the_secret_is_in_no_file(own_laptop: Laptop, tmp_path: Path) -> None:
    """Neither in the store nor in a log, after it was used."""
    with client(own_laptop) as http:
        made = Admin(new_person(http)).create()
        secret = made["clientSecret"]
        assert start_device(http, (made["client"]["clientId"], secret)) == (200, "")
    own_laptop.stop()
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files
    assert [file for file in files if secret.encode() in file.read_bytes()] == []
