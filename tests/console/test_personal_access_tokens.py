"""`/account/tokens`: the access tokens of scripts."""

import asyncio

import httpx
import pytest

from tests.console.conftest import NewScreen, log_in
from tests.console.looks import SCHEMES
from tests.console.screen import Screen
from tests.end_to_end.aging import age_proofs
from tests.end_to_end.person import PASSWORD, Person
from tests.end_to_end.programs import script_of
from tests.end_to_end.team import found
from tools.laptop import Laptop

NARROW = {"viewport": {"width": 360, "height": 740}}
READ = "sessions:read"


def status_of(http: httpx.Client, token: str, path: str) -> int:
    """What a script gets with a token."""
    headers = {"authorization": f"Bearer {token}"}
    return http.get(f"/api/v5{path}", headers=headers).status_code


def open_form(screen: Screen) -> None:
    """Opens the page and its form."""
    screen.open("/account/tokens")
    screen.press("Create a token")
    screen.do(lambda page: page.get_by_label("Name", exact=True).wait_for())


def test_a_token_from_its_creation_to_its_end(
    http: httpx.Client, logged_in: Screen, person: Person
) -> None:
    """It is shown once, is good for what was chosen, and is refused when it is deleted."""
    found(person, "Acme")
    open_form(logged_in)
    logged_in.fill("Name", "CI")
    logged_in.check(READ)
    logged_in.choose("Where it acts", "Acme")
    logged_in.fill("Days until it ends", "7")
    logged_in.press("Create a token", within="What it may do")
    logged_in.see_heading("Your new token")
    token = logged_in.secret_in("Token")
    logged_in.type("Escape")
    logged_in.see("it is shown only once")
    assert token.startswith("cdt_pat_")
    assert status_of(http, token, "/sessions") == 200
    assert status_of(http, token, "/auth/me") == 403
    logged_in.press("I have kept it")
    logged_in.see("Acts in Acme")
    logged_in.see("sessions:read")
    assert token not in logged_in.text() + logged_in.kept() + "".join(logged_in.messages)
    (made,) = person.call("GET", "/auth/tokens").json()["data"]["personalAccessTokens"]
    assert (made["name"], made["scopes"]) == ("CI", ["sessions:read"])
    logged_in.press("Delete: CI")
    logged_in.press("Delete", within="refused at once")
    logged_in.see("The token is deleted.")
    logged_in.see("You have no access tokens.")
    assert status_of(http, token, "/sessions") == 401


def test_what_is_wrong_is_said(logged_in: Screen) -> None:
    """A token without a scope, and one for too long; what was typed stays."""
    open_form(logged_in)
    logged_in.fill("Name", "CI")
    logged_in.press("Create a token", within="What it may do")
    logged_in.see("Please choose at least one.")
    logged_in.check(READ)
    logged_in.fill("Days until it ends", "3000")
    logged_in.press("Create a token", within="What it may do")
    logged_in.see("365")
    logged_in.see_value("Name", "CI")
    logged_in.see_value("Days until it ends", "3000")


def test_an_old_login_is_proved_again(laptop: Laptop, logged_in: Screen, person: Person) -> None:
    """A token is made only after a recent proof, which the page asks for."""
    asyncio.run(age_proofs(laptop, person.user_id))
    open_form(logged_in)
    logged_in.fill("Name", "CI")
    logged_in.check(READ)
    logged_in.press("Create a token", within="What it may do")
    logged_in.see_heading("Please confirm that it is you")
    logged_in.fill("Password", PASSWORD)
    logged_in.press("Confirm")
    logged_in.see_heading("Your new token")


def test_the_keyboard_alone(logged_in: Screen) -> None:
    """A token is made without a pointer, and the focus comes back."""
    logged_in.open("/account/tokens")
    logged_in.see_heading("Access tokens")
    logged_in.tab_to("Create a token")
    logged_in.type("Enter")
    logged_in.do(lambda page: page.get_by_label("Name", exact=True).wait_for())
    logged_in.type("script", "Tab", "Space", "Enter")
    logged_in.see_heading("Your new token")
    logged_in.see_focus_in_dialog()
    logged_in.tab_to("I have kept it")
    logged_in.type("Enter")
    logged_in.see("script")
    logged_in.see_focus("Create a token")


@pytest.mark.parametrize("look", SCHEMES)
def test_the_page_is_accessible(new_screen: NewScreen, person: Person, look: str) -> None:
    """On a small screen, in both appearances: axe finds nothing, and nothing is cut off."""
    script_of(person, name="<b>A name that is markup and rather long for so narrow a screen</b>")
    screen = new_screen(color_scheme=look, **NARROW)
    log_in(screen, person)
    screen.open("/account/tokens")
    screen.see("<b>A name that is markup")
    assert (screen.faults(), screen.overflow()) == ([], 0)
    screen.press("Create a token")
    screen.see("What it may do")
    assert (screen.faults(), screen.overflow()) == ([], 0)
    screen.fill("Name", "CI")
    screen.check(READ)
    screen.press("Create a token", within="What it may do")
    screen.see_heading("Your new token")
    assert (screen.faults(), screen.overflow()) == ([], 0)
