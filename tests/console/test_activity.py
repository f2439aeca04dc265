"""The page of the security log."""

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Route

from services.auth.security_log.model import Event
from tests.console.screen import Screen
from tests.end_to_end.account import NEW_PASSWORD, try_login
from tests.end_to_end.person import PASSWORD, Person

TEXTS = Path(__file__).parents[2] / "console" / "src" / "texts" / "security_log.ts"
TOKEN = {"name": "CI & <b>me</b>", "scopes": ["account:read", "account:write"]}


@pytest.fixture
def activity(at_sessions: Screen) -> Screen:
    """A tab at the page."""
    at_sessions.follow("Activity")
    at_sessions.see_heading("Activity")
    return at_sessions


def test_every_event_has_words_in_every_language() -> None:
    """The contract's events and those of the catalogue are the same."""
    found = re.findall(r'^ {6}"([a-z_.]+)": "', TEXTS.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(found) == sorted([*Event, *Event])


def test_events_are_told_in_plain_words(
    http: httpx.Client, person: Person, logged_in: Screen
) -> None:
    """Failures are marked and counted; the newest is first."""
    for _ in range(3):
        assert try_login(http, person.email, "not the password at all").status_code == 401
    body = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
    assert person.call("POST", "/auth/password", body).status_code == 200
    logged_in.open("/login?next=/account/activity")
    logged_in.see_heading("Log in")
    logged_in.fill("Email address", person.email)
    logged_in.fill("Password", NEW_PASSWORD)
    logged_in.press("Log in")
    logged_in.see("Login failed: wrong password")
    rows = logged_in.do(lambda page: page.get_by_role("listitem").all_inner_texts())
    assert rows[0].startswith("Logged in")
    assert rows[1].startswith("Password changed")
    assert "Failed" in rows[2]
    assert "3 times" in rows[2]
    assert rows[-1].startswith("Account created")


def test_a_token_is_named(person: Person, activity: Screen) -> None:
    """By the name that the user gave it, which stays text; the details have its id."""
    token_id = create_token(person)
    activity.do(lambda page: page.reload())
    activity.see("Access token created")
    activity.see("(Token: CI & <b>me</b>)")
    activity.do(lambda page: page.get_by_text("Details").first.click())
    activity.see(token_id)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"agent": "<i>reviewer</i>"}, "by the agent “<i>reviewer</i>”"),
        ({"clientId": "coditect-cli"}, "by the program “coditect-cli”"),
        ({"tokenId": "own"}, "by the program “CI & <b>me</b>”"),
        ({"clientId": "coditect-cli", "event": "program.removed"}, "(Program: coditect-cli)"),
        ({"event": "moon.landed"}, "moon.landed"),
    ],
)
def test_who_did_it_is_named(
    person: Person, activity: Screen, said: dict[str, str], shown: str
) -> None:
    """An agent before its program; a program by its id if nothing names it; an event of a newer server as it is."""
    token_id = create_token(person)
    known = {name: token_id if value == "own" else value for name, value in said.items()}

    def change(route: Route) -> None:
        response = route.fetch()
        body = response.json()
        body["data"]["events"] = [{**body["data"]["events"][-1], **known}]
        route.fulfill(response=response, json=body)

    def load(page: Page) -> None:
        page.route("**/api/v5/auth/me/activity*", change)
        page.reload()

    activity.do(load)
    activity.see(shown)


def create_token(person: Person) -> str:
    """Makes a personal access token; returns its id."""
    made = person.call("POST", "/auth/tokens", TOKEN)
    assert made.status_code == 201, made.text
    return str(made.json()["data"]["personalAccessToken"]["tokenId"])


def test_older_events_come_page_by_page(person: Person, activity: Screen) -> None:
    """The first page has fifty; the next ones come below, until there are no more."""
    for _ in range(60):
        switched = person.call(
            "POST", "/auth/switch-tenant", {"tenantId": person.answer["tenant"]["tenantId"]}
        )
        assert switched.status_code == 200
    activity.do(lambda page: page.reload())
    activity.see("Switched to another team")
    assert activity.do(lambda page: page.get_by_role("listitem").count()) == 50
    activity.press("Show more")
    activity.see("Account created")
    assert activity.do(lambda page: page.get_by_role("listitem").count()) == 63
    activity.see_no("Show more")
