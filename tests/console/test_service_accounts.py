"""Service accounts of a team in the console, and their keys."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.console.conftest import NewScreen, log_in
from tests.console.looks import LOOKS
from tests.console.screen import Screen
from tests.end_to_end.person import PASSWORD, Person
from tests.end_to_end.second_factor import age_proofs
from tests.end_to_end.team import joined, refresh
from tools.laptop import Laptop

NAME = "Nightly <b>build</b>"


def new_account(person: Person, tenant_id: str, name: str = NAME) -> str:
    """Makes a service account by the API, and returns its id."""
    body = {"name": name, "role": "member", "scopes": ["sessions:read"]}
    answer = person.call("POST", f"/tenants/{tenant_id}/service-accounts", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["accountId"])


def new_key(person: Person, tenant_id: str, account_id: str, name: str) -> str:
    """Makes a key by the API, and returns it."""
    path = f"/tenants/{tenant_id}/service-accounts/{account_id}/keys"
    answer = person.call("POST", path, {"name": name, "days": 30})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["token"])


def status_of(http: httpx.Client, key: str) -> int:
    """How the API answers a read of sessions with a key."""
    return http.get("/api/v5/sessions", headers={"authorization": f"Bearer {key}"}).status_code


def test_an_admin_makes_a_service_account_and_its_first_key(
    owner: Screen, http: httpx.Client
) -> None:
    """A choice that is missing is asked for at its field; the key is shown once, and works."""
    owner.follow("Service accounts")
    owner.see("The team has no service accounts.")
    owner.press("New service account")
    owner.fill("Name", NAME)
    owner.press("Create")
    owner.see("Please choose at least one.")
    owner.check("sessions:read")
    owner.choose("Role", "Admin")
    owner.see("It acts like an admin of the team, within its scopes.")
    owner.choose("Role", "Member")
    owner.press("Create")
    owner.see("The service account has been created.")
    owner.see_heading(NAME)
    owner.see("It has no keys that are good now.")
    owner.press("Make a key")
    owner.fill("Name", "Build server")
    owner.fill("Days until it ends", "30")
    owner.press("Make a key", within="Days until it ends")
    owner.see_heading("The new key")
    key = owner.secret_in("Key")
    assert status_of(http, key) == 200
    owner.press("I have kept it")
    owner.see("ends in 29 days · made by Ada Lovelace")
    assert key not in owner.text() + owner.kept() + "".join(owner.messages)
    owner.follow("All service accounts")
    owner.follow(NAME)
    owner.see("last used")
    owner.press("Revoke: Build server")
    owner.press("Revoke", within="Revoke the key “Build server”?")
    owner.see("The key is revoked.")
    owner.see("It has no keys that are good now.")
    assert status_of(http, key) == 401


def test_an_admin_changes_a_service_account(owner: Screen, person: Person, acme: str) -> None:
    """Only what they change is sent: what another admin changed meanwhile stays."""
    account_id = new_account(person, acme)
    path = f"/tenants/{acme}/service-accounts/{account_id}"
    owner.open(f"/teams/{acme}/service-accounts/{account_id}")
    owner.press("Edit")
    owner.see_heading(f"Edit “{NAME}”")
    assert person.call("PATCH", path, {"role": "admin"}).status_code == 200
    owner.fill("Name", "Deployment")
    owner.check("tenants:read")
    owner.press("Save")
    owner.see_heading("Deployment")
    account = person.call("GET", path).json()["data"]
    assert (account["name"], account["role"]) == ("Deployment", "admin")
    assert set(account["scopes"]) == {"tenants:read", "sessions:read"}
    owner.press("Edit")
    owner.fill("Name", "")
    owner.press("Save")
    owner.see("Please fill this in.")
    owner.press("Cancel")


def test_the_end_of_a_service_account_ends_its_keys(
    owner: Screen, person: Person, acme: str, http: httpx.Client
) -> None:
    """After a question; its address says then that it is gone."""
    account_id = new_account(person, acme)
    key = new_key(person, acme, account_id, "Build server")
    owner.open(f"/teams/{acme}/service-accounts/{account_id}")
    owner.press("Delete")
    owner.press("Delete", within=f"Delete “{NAME}”?")
    owner.see("The service account has been deleted.")
    owner.see("The team has no service accounts.")
    assert status_of(http, key) == 401
    owner.open(f"/teams/{acme}/service-accounts/{account_id}")
    owner.see_heading("There is no such service account.")
    owner.follow("All service accounts")
    owner.see_heading("Service accounts")


def test_a_life_beyond_the_policy_is_refused_in_plain_words(
    owner: Screen, person: Person, acme: str
) -> None:
    """The dialog stays with what was typed, and says how long a key can be good."""
    assert person.call("PATCH", f"/tenants/{acme}/policy", {"maxTokenDays": 7}).status_code == 200
    refresh(person)
    account_id = new_account(person, acme)
    owner.open(f"/teams/{acme}/service-accounts/{account_id}")
    owner.press("Make a key")
    owner.fill("Name", "Build server")
    owner.fill("Days until it ends", "8")
    owner.press("Make a key", within="Days until it ends")
    owner.see("A token can be good for at most 7 days.")
    owner.see("Request ")
    owner.see_value("Name", "Build server")
    owner.fill("Days until it ends", "")
    owner.press("Make a key", within="Days until it ends")
    owner.see_heading("The new key")


def test_a_key_needs_a_recent_proof(
    owner: Screen, laptop: Laptop, person: Person, acme: str
) -> None:
    """The call is made once the user has proved who they are; what was typed is still there."""
    account_id = new_account(person, acme)
    age_proofs(laptop, person)
    owner.open(f"/teams/{acme}/service-accounts/{account_id}")
    owner.press("Make a key")
    owner.fill("Name", "Build server")
    owner.press("Make a key", within="Days until it ends")
    owner.see_heading("Please confirm that it is you")
    owner.press("Cancel", within="Please confirm that it is you")
    owner.see("Not done, because it was not confirmed.")
    owner.see_value("Name", "Build server")
    owner.press("Make a key", within="Days until it ends")
    owner.fill("Password", PASSWORD)
    owner.press("Confirm")
    owner.see_heading("The new key")
    owner.press("I have kept it")
    owner.see("Build server")


def test_a_member_is_told_who_can_see_it(new_screen: NewScreen, person: Person, acme: str) -> None:
    """The page has no entry for them, and its address says which role it needs."""
    account_id = new_account(person, acme)
    member = joined(person, acme)
    screen = new_screen()
    log_in(screen, member)
    for path in ("", f"/{account_id}"):
        screen.open(f"/teams/{acme}/service-accounts{path}")
        screen.see("This page is for those with the role Admin or above.")
        assert "Service accounts" not in screen.do(
            lambda page: page.get_by_role("navigation", name="Team").inner_text()
        )
        assert screen.faults() == []


def test_an_account_that_is_not_there_is_said_to_be_so(owner: Screen, acme: str) -> None:
    """Also for an id that is none."""
    for account_id in (uuid4(), "nonsense"):
        owner.open(f"/teams/{acme}/service-accounts/{account_id}")
        owner.see_heading("There is no such service account.")


@pytest.mark.parametrize("look", LOOKS)
def test_everybody_can_use_the_pages(
    new_screen: NewScreen, person: Person, acme: str, look: dict[str, Any]
) -> None:
    """Wide and light, narrow and dark: axe finds nothing, and nothing is wider than the window."""
    account_id = new_account(person, acme, "x" * 100)
    new_key(person, acme, account_id, "y" * 100)
    screen = new_screen(**look)
    log_in(screen, person)
    for path, button in (("", "New service account"), (f"/{account_id}", "Make a key")):
        screen.open(f"/teams/{acme}/service-accounts{path}")
        screen.see("xxxx")
        screen.do(lambda page, name=button: page.get_by_role("button", name=name).wait_for())  # type: ignore[misc]
        assert screen.faults() == []
        assert screen.overflow() <= 0
        screen.press(button)
        assert screen.faults() == []
        assert screen.overflow() <= 0


def test_a_suspended_team_shows_what_it_has(owner: Screen, person: Person, acme: str) -> None:
    """Its owners see service accounts and programs, and are offered no change that is refused."""
    account_id = new_account(person, acme)
    new_key(person, acme, account_id, "Build server")
    assert person.call("PATCH", f"/tenants/{acme}", {"state": "suspended"}).status_code == 200
    owner.open(f"/teams/{acme}/service-accounts/{account_id}")
    owner.see("This team is suspended.")
    owner.see("Build server")
    offered = owner.do(lambda page: page.locator("main").get_by_role("button").all_inner_texts())
    assert offered == []
    owner.open(f"/teams/{acme}/service-accounts")
    owner.see(NAME)
    owner.see_no("New service account")
    owner.open(f"/teams/{acme}/clients")
    owner.see("No programs are registered.")
    owner.see_no("Register a program")
