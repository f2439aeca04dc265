"""OAuth clients of a team in the console."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc.jwk import OKPKey

from tests.console.conftest import NewScreen, log_in
from tests.console.looks import LOOKS
from tests.console.screen import Screen
from tests.end_to_end.person import Person
from tests.end_to_end.team import joined

NAME = "Robot <b>1</b>"
CALLBACK = "https://robot.example.com/callback"


def clients_of(person: Person, tenant_id: str) -> list[dict[str, Any]]:
    """The clients of a team."""
    answer = person.call("GET", f"/tenants/{tenant_id}/clients").json()
    found: list[dict[str, Any]] = answer["data"]["clients"]
    return found


def new_client(person: Person, tenant_id: str, **fields: Any) -> dict[str, Any]:
    """Registers a client by the API, and returns it with its secret."""
    body = {
        "name": NAME,
        "authMethod": "client_secret_basic",
        "redirectUris": [CALLBACK],
        "scopes": ["openid"],
    }
    answer = person.call("POST", f"/tenants/{tenant_id}/clients", body | fields)
    assert answer.status_code == 201, answer.text
    data = answer.json()["data"]
    return {"secret": data.get("clientSecret"), **data["client"]}


def new_account(person: Person, tenant_id: str) -> str:
    """Makes a service account by the API, and returns its id."""
    body = {"name": "Nightly build", "role": "member", "scopes": ["sessions:read"]}
    answer = person.call("POST", f"/tenants/{tenant_id}/service-accounts", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["accountId"])


def token_status(http: httpx.Client, client_id: str, secret: str) -> int:
    """How the authorization server answers a client that asks for a token as a service account."""
    form = {"grant_type": "client_credentials"}
    return http.post("/oauth/token", data=form, auth=(client_id, secret)).status_code


def test_an_admin_registers_a_public_program(owner: Screen, person: Person, acme: str) -> None:
    """A redirect URI that is not allowed is refused at its field; what was typed stays."""
    owner.do(
        lambda page: (
            page.get_by_role("navigation", name="Team").get_by_role("link", name="Programs").click()
        )
    )
    owner.see("No programs are registered.")
    owner.follow("Register a program")
    owner.see_heading("Register a program")
    owner.fill("Name", NAME)
    owner.check("openid")
    owner.fill("Redirect URIs", "http://robot.example.com/callback")
    owner.press("Register")
    owner.see("This address is not allowed: it must begin with https, or be on this machine.")
    owner.see_value("Name", NAME)
    owner.fill("Redirect URIs", "http://127.0.0.1/callback\ncom.example.robot:/callback")
    owner.press("Register")
    owner.see("The program is registered.")
    owner.see_heading(NAME)
    owner.see("com.example.robot:/callback")
    owner.see("Public: by its id alone")
    owner.see_no("New secret")
    (client,) = clients_of(person, acme)
    assert client["redirectUris"] == ["http://127.0.0.1/callback", "com.example.robot:/callback"]
    assert client["grantTypes"] == ["authorization_code", "refresh_token"]
    owner.at(f"/teams/{acme}/clients/{client['clientId']}")


def test_an_admin_registers_a_confidential_program(
    owner: Screen, person: Person, acme: str, http: httpx.Client
) -> None:
    """Its secret is shown once, with the id, and works for a token of a service account."""
    new_account(person, acme)
    owner.open(f"/teams/{acme}/clients/new")
    owner.fill("Name", NAME)
    owner.see_no("As a service account")
    owner.choose("How it shows who it is", "Confidential: secret in the header")
    owner.check("As a service account")
    owner.see("It gets tokens of this service account.")
    owner.check("Login in a browser")
    owner.check("Refresh")
    owner.check("sessions:read")
    owner.press("Register")
    owner.see_heading("The new secret")
    client_id, secret = owner.secret_in("Client id"), owner.secret_in("Client secret")
    assert token_status(http, client_id, secret) == 200
    owner.type("Escape")
    owner.see_heading("The new secret")
    owner.press("I have kept it")
    owner.see_heading(NAME)
    owner.follow("Nightly build")
    owner.see_heading("Nightly build")
    assert secret not in owner.text() + owner.kept() + "".join(owner.messages + owner.requests)


def test_a_new_secret_takes_the_place_of_the_present_one(
    owner: Screen, person: Person, acme: str, http: httpx.Client
) -> None:
    """At once, if the user says so; the page says since when it is good."""
    account = new_account(person, acme)
    grant = {"grantTypes": ["client_credentials"], "serviceAccountId": account, "redirectUris": []}
    client = new_client(person, acme, scopes=["sessions:read"], **grant)
    client_id = client["clientId"]
    owner.open(f"/teams/{acme}/clients/{client_id}")
    owner.press("New secret")
    owner.choose("The present secret", "ends now")
    owner.press("Make the secret")
    second = owner.secret_in("Client secret")
    owner.press("I have kept it")
    assert token_status(http, client_id, client["secret"]) == 401
    assert token_status(http, client_id, second) == 200
    owner.press("New secret")
    owner.choose("The present secret", "ends in a day")
    owner.press("Make the secret")
    third = owner.secret_in("Client secret")
    owner.press("I have kept it")
    owner.see("The one before was made")
    assert [token_status(http, client_id, one) for one in (second, third)] == [200, 200]


def test_an_admin_changes_a_program(owner: Screen, person: Person, acme: str) -> None:
    """Only what they change is sent: what another admin changed meanwhile stays."""
    client_id = new_client(person, acme)["clientId"]
    path = f"/tenants/{acme}/clients/{client_id}"
    owner.open(f"/teams/{acme}/clients/{client_id}")
    owner.press("Edit")
    assert person.call("PATCH", path, {"scopes": ["openid", "email"]}).status_code == 200
    owner.fill("Name", "Builder")
    owner.fill("Redirect URIs", f"{CALLBACK}\n{CALLBACK}/2")
    owner.press("Save")
    owner.see_heading("Builder")
    owner.see("The program has been changed.")
    client = person.call("GET", path).json()["data"]
    assert (client["name"], client["redirectUris"]) == ("Builder", [CALLBACK, f"{CALLBACK}/2"])
    assert set(client["scopes"]) == {"openid", "email"}
    owner.press("Edit")
    owner.fill("Redirect URIs", "")
    owner.press("Save")
    owner.see("Please fill this in.")
    owner.press("Cancel")
    owner.see(f"{CALLBACK}/2")


def test_a_program_signs_with_its_own_key(owner: Screen, person: Person, acme: str) -> None:
    """Its public keys are typed in as JSON; what is none is refused before it is sent."""
    keys = {"keys": [OKPKey.generate_key("Ed25519").as_dict(private=False)]}
    owner.open(f"/teams/{acme}/clients/new")
    owner.fill("Name", NAME)
    owner.choose("How it shows who it is", "Confidential: signs with its own key")
    owner.fill("Public keys (JWKS)", "[]")
    owner.fill("Redirect URIs", CALLBACK)
    owner.check("openid")
    owner.press("Register")
    owner.see("This is not a JSON object.")
    owner.fill("Public keys (JWKS)", json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}))
    owner.press("Register")
    owner.see("These keys cannot be used.")
    owner.fill("Public keys (JWKS)", json.dumps(keys))
    owner.press("Register")
    owner.see_heading(NAME)
    owner.see(keys["keys"][0]["x"])
    (client,) = clients_of(person, acme)
    assert client["jwks"]["keys"][0]["x"] == keys["keys"][0]["x"]


def test_the_end_of_a_program_is_asked_for(owner: Screen, person: Person, acme: str) -> None:
    """Its address says then that it is gone."""
    client_id = new_client(person, acme)["clientId"]
    owner.open(f"/teams/{acme}/clients/{client_id}")
    owner.press("Delete")
    owner.press("Delete", within=f"Delete “{NAME}”?")
    owner.see("The program has been deleted.")
    owner.see("No programs are registered.")
    assert clients_of(person, acme) == []
    for gone in (client_id, uuid4(), "nonsense"):
        owner.open(f"/teams/{acme}/clients/{gone}")
        owner.see_heading("There is no such program.")


def test_a_name_of_this_product_is_refused(owner: Screen, acme: str) -> None:
    """At its field."""
    owner.open(f"/teams/{acme}/clients/new")
    owner.fill("Name", "Coditect Login")
    owner.fill("Redirect URIs", CALLBACK)
    owner.check("openid")
    owner.press("Register")
    owner.see("This name is reserved.")


def test_a_personal_area_has_programs_but_no_service_accounts(
    logged_in: Screen, person: Person
) -> None:
    """So a program there cannot act as one."""
    self_id = person.answer["tenant"]["tenantId"]
    logged_in.open(f"/teams/{self_id}/clients/new")
    logged_in.choose("How it shows who it is", "Confidential: secret in the header")
    logged_in.see("Exchange of a token")
    logged_in.see_no("As a service account")


def test_a_program_can_be_registered_with_the_keyboard_alone(
    owner: Screen, person: Person, acme: str
) -> None:
    """From the first field, which has the focus, to the button."""
    owner.open(f"/teams/{acme}/clients/new")
    owner.see_heading("Register a program")
    owner.type("builder", "Tab", "Tab", "Tab", "Tab", "Tab", CALLBACK, "Tab", "Space")
    owner.type(*["Tab"] * 10)
    owner.see_focus("Register")
    owner.type("Enter")
    owner.see_heading("builder")
    (client,) = clients_of(person, acme)
    assert (client["redirectUris"], client["scopes"]) == ([CALLBACK], ["openid"])


def test_a_member_is_told_who_can_see_it(new_screen: NewScreen, person: Person, acme: str) -> None:
    """At each of the pages."""
    client_id = new_client(person, acme)["clientId"]
    member = joined(person, acme)
    screen = new_screen()
    log_in(screen, member)
    for path in ("", "/new", f"/{client_id}"):
        screen.open(f"/teams/{acme}/clients{path}")
        screen.see("This page is for those with the role Admin or above.")
        assert screen.faults() == []


@pytest.mark.parametrize("look", LOOKS)
def test_everybody_can_use_the_pages(
    new_screen: NewScreen, person: Person, acme: str, look: dict[str, Any]
) -> None:
    """Wide and light, narrow and dark: axe finds nothing, and nothing is wider than the window."""
    client = new_client(person, acme, name="x" * 100, redirectUris=[f"{CALLBACK}/{'y' * 300}"])
    screen = new_screen(**look)
    log_in(screen, person)
    for path, text in (("", "xxxx"), ("/new", "Redirect URIs"), (f"/{client['clientId']}", "yyyy")):
        screen.open(f"/teams/{acme}/clients{path}")
        screen.see(text)
        assert screen.faults() == []
        assert screen.overflow() <= 0
    screen.press("New secret")
    assert screen.faults() == []
    screen.press("Make the secret")
    screen.see_heading("The new secret")
    assert screen.faults() == []
    assert screen.overflow() <= 0
    screen.press("I have kept it")
    screen.press("Edit")
    screen.see("Users who have allowed the program need not do it again.")
    assert screen.faults() == []
    assert screen.overflow() <= 0
