"""The policy of a team in the console."""

from typing import Any

import httpx
import pytest

from tests.console.conftest import NewScreen, log_in
from tests.console.screen import Screen
from tests.end_to_end.person import Person
from tests.end_to_end.second_factor import equipped
from tests.end_to_end.team import found, refresh, switch
from tools.laptop import Laptop

NARROW = {"width": 360, "height": 740}
TOKENS_END = "Access tokens of all members end."


@pytest.fixture
def policy(owner: Screen) -> Screen:
    """The tab of the owner, at the policy."""
    owner.follow("Policy")
    owner.see("Allowed email domains")
    return owner


def policy_of(person: Person, tenant_id: str) -> dict[str, Any]:
    """The policy, as the API has it."""
    refresh(person)
    found: dict[str, Any] = person.call("GET", f"/tenants/{tenant_id}/policy").json()["data"]
    return found


def test_an_owner_changes_the_policy(policy: Screen, person: Person, acme: str) -> None:
    """What the change ends is said before it is saved; the page goes on with other tokens."""
    policy.see_no(TOKENS_END)
    policy.fill("Allowed email domains", "Example.com\nexample.org")
    policy.see_no(TOKENS_END)
    policy.choose("A login ends when it is unused for", "1 hour")
    policy.see("Logins that were unused for longer end in this team.")
    policy.fill("Longest life of access tokens and keys", "90")
    policy.see("Tokens and keys that are older stop working in the team.")
    policy.check("Programs may act in the team")
    policy.see("All programs lose access to the team")
    policy.see(TOKENS_END)
    policy.press("Save")
    policy.see("The policy is saved.")
    policy.see_no(TOKENS_END)
    policy.see_value("Allowed email domains", "example.com\nexample.org")
    assert policy_of(person, acme) == {
        "secondFactorRequired": False,
        "emailDomains": ["example.com", "example.org"],
        "loginIdleSeconds": 3600,
        "loginLifeSeconds": 0,
        "programsAllowed": False,
        "maxTokenDays": 90,
    }
    policy.follow("Members")
    policy.see(person.email)


def test_what_is_wrong_is_said_at_its_field(policy: Screen, person: Person, acme: str) -> None:
    """A number before it is sent, domains by the service; nothing that was typed is lost."""
    policy.fill("Longest life of access tokens and keys", "4000")
    policy.press("Save")
    policy.see("Please enter a whole number from 1 to 3650, or nothing.")
    policy.fill("Longest life of access tokens and keys", "30")
    policy.fill("Allowed email domains", "not a domain!")
    policy.press("Save")
    policy.see("These must be domains of email addresses, such as example.com.")
    policy.see_value("Longest life of access tokens and keys", "30")
    assert policy_of(person, acme)["maxTokenDays"] == 0


def test_a_save_overwrites_no_other_change(policy: Screen, person: Person, acme: str) -> None:
    """Only the fields that the owner has changed are sent."""
    other = person.call("PATCH", f"/tenants/{acme}/policy", {"loginLifeSeconds": 86_400})
    assert other.status_code == 200
    policy.fill("Allowed email domains", "example.com")
    policy.press("Save")
    policy.see("The policy is saved.")
    assert (
        policy.do(lambda page: page.get_by_label("A login ends at the latest after").input_value())
        == "86400"
    )
    assert policy_of(person, acme)["loginLifeSeconds"] == 86_400


def test_a_second_factor_needs_one_of_the_owner(policy: Screen) -> None:
    """An owner without one is led to the page that sets it up."""
    policy.check("Members need a second factor")
    policy.see("Members whose login has no second factor can do nothing in the team")
    policy.press("Save")
    policy.see("This needs a second factor, and your account has none yet.")
    policy.see("Set up a second factor")
    assert policy.faults() == []


def test_an_owner_with_a_second_factor_asks_for_one(
    laptop: Laptop, http: httpx.Client, screen: Screen
) -> None:
    """The owner's login has shown it."""
    person, app, _ = equipped(laptop, http)
    acme = found(person, "Acme Rockets")
    switch(person, acme)
    screen.open("/login")
    screen.fill("Email address", person.email)
    screen.fill("Password", "correct horse battery staple")
    screen.press("Log in")
    screen.see_heading("Second step")
    screen.fill("Code", app.code())
    screen.press("Confirm")
    screen.see_heading("Sessions")
    screen.open(f"/teams/{acme}/policy")
    screen.check("Members need a second factor")
    screen.press("Save")
    screen.see("The policy is saved.")
    assert policy_of(person, acme)["secondFactorRequired"] is True


def test_the_policy_can_be_changed_with_the_keyboard_alone(
    policy: Screen, person: Person, acme: str
) -> None:
    """From the first field to the button, in the order of the page."""
    policy.do(lambda page: page.get_by_role("checkbox").first.focus())
    policy.type("Tab", "example.com", "Tab", "Tab", "Tab", " ", "Tab", "14", "Tab", "Enter")
    policy.see("The policy is saved.")
    saved = policy_of(person, acme)
    assert (saved["emailDomains"], saved["programsAllowed"], saved["maxTokenDays"]) == (
        ["example.com"], False, 14,
    )  # fmt: skip


def test_the_policy_can_be_used_by_everybody(
    new_screen: NewScreen, person: Person, acme: str
) -> None:
    """axe-core finds nothing serious, light and dark, and nothing is wider than a small phone."""
    for scheme in ("light", "dark"):
        screen = new_screen(color_scheme=scheme, viewport=NARROW)
        log_in(screen, person)
        screen.open(f"/teams/{acme}/policy")
        screen.check("Programs may act in the team")
        screen.see(TOKENS_END)
        assert screen.faults() == []
        assert screen.overflow() <= 0
