"""One workspace session in the console: its state, its name, and the tokens of its agents."""

import json
from typing import Any

import httpx
import pytest

from tests.console.conftest import NewScreen, log_in
from tests.console.looks import LOOKS
from tests.console.screen import Screen
from tests.console.workspaces import change, come_back, open_session
from tests.end_to_end.person import Person
from tests.end_to_end.waiting import eventually

SCRIPT = '<img src=x onerror="alert(1)">'


def test_a_name_that_changed_meanwhile_is_shown_before_it_is_replaced(
    logged_in: Screen, person: Person
) -> None:
    """What was typed stays; a second save replaces the newer name."""
    session_id = open_session(person, "engine")
    logged_in.open(f"/sessions/{session_id}")
    logged_in.press("Rename")
    logged_in.fill("Name", "motor")
    change(person, session_id, name="rocket")
    come_back(logged_in)
    logged_in.press("Save")
    logged_in.see("Meanwhile the session was renamed to “rocket”")
    logged_in.see_value("Name", "motor")
    assert logged_in.faults() == []
    assert [one["name"] for one in person.sessions()] == ["rocket"]
    logged_in.press("Save")
    logged_in.see_heading("motor")
    assert [one["name"] for one in person.sessions()] == ["motor"]


def test_the_newer_name_can_be_kept(logged_in: Screen, person: Person) -> None:
    """The page shows it then."""
    session_id = open_session(person, "engine")
    logged_in.open(f"/sessions/{session_id}")
    logged_in.press("Rename")
    logged_in.fill("Name", "motor")
    change(person, session_id, name="rocket")
    logged_in.press("Save")
    logged_in.press("Keep “rocket”")
    logged_in.see_heading("rocket")
    assert [one["name"] for one in person.sessions()] == ["rocket"]


def test_a_state_that_changed_meanwhile_is_no_conflict_with_a_name(
    logged_in: Screen, person: Person
) -> None:
    """An editor saves its state often; a rename does not ask again for that, and keeps the state."""
    session_id = open_session(person, "engine")
    logged_in.open(f"/sessions/{session_id}")
    logged_in.press("Rename")
    logged_in.fill("Name", "motor")
    change(person, session_id, state={"openFiles": ["main.rs"]})
    logged_in.press("Save")
    logged_in.see_heading("motor")
    logged_in.see("main.rs")
    (session,) = person.sessions()
    assert (session["name"], session["state"]) == ("motor", {"openFiles": ["main.rs"]})


def test_a_session_shows_its_state_and_goes_on(at_sessions: Screen, person: Person) -> None:
    """The state is JSON to read, in which markup is text; to continue marks the session as active."""
    state = {"title": SCRIPT, "openFiles": ["b.rs", "a.rs"], "cursor": {"line": 3, "column": 1}}
    session_id = open_session(person, SCRIPT, workspacePath="/home/ada", state=state)
    at_sessions.follow("Teams")
    at_sessions.see_heading("Teams")
    at_sessions.follow("Sessions")
    at_sessions.follow(SCRIPT)
    at_sessions.see_heading(SCRIPT)
    shown = at_sessions.do(
        lambda page: page.get_by_role("region", name="State of the editor").last.inner_text()
    )
    assert json.loads(shown) == state
    assert shown.index("column") < shown.index("line") < shown.index("openFiles")
    (before,) = person.sessions()
    at_sessions.press("Continue")
    at_sessions.see("The session is active.")
    (after,) = person.sessions()
    assert (after["sessionId"], after["revision"]) == (session_id, before["revision"])
    assert after["lastActiveTime"] > before["lastActiveTime"]
    at_sessions.press("End")
    at_sessions.press("End", within=f"End “{SCRIPT}”?")
    at_sessions.at("/sessions")
    at_sessions.see("No session is open.")


@pytest.mark.parametrize("session_id", ["00000000-0000-4000-8000-000000000000", "nonsense"])
def test_a_session_that_is_not_there_is_said_to_be_so(logged_in: Screen, session_id: str) -> None:
    """The page leads back to the list."""
    logged_in.open(f"/sessions/{session_id}")
    logged_in.see_heading("There is no such session.")
    assert logged_in.faults() == []
    logged_in.follow("All sessions")
    logged_in.see_heading("Sessions")


def test_an_agent_gets_a_token_and_loses_it(
    logged_in: Screen, person: Person, http: httpx.Client
) -> None:
    """The token is shown once, reaches its session within its scopes, and is refused after its end."""
    session_id = open_session(person, "engine")
    path = f"/api/v5/sessions/{session_id}"
    logged_in.open(f"/sessions/{session_id}")
    logged_in.see("This session has no workspace tokens.")
    logged_in.press("Make a token")
    logged_in.fill("Name of the agent", SCRIPT)
    logged_in.check("sessions:write")
    logged_in.check("sessions:read")
    logged_in.press("Make a token", within="Name of the agent")
    logged_in.see("Please choose at least one.")
    logged_in.check("sessions:read")
    logged_in.press("Make a token", within="Name of the agent")
    logged_in.see_heading("The new token")
    token = logged_in.secret_in("Token")
    bearer = {"authorization": f"Bearer {token}"}
    assert http.get(path, headers=bearer).status_code == 200
    assert http.patch(path, headers=bearer, json={"name": "x"}).status_code == 403
    logged_in.type("Escape")
    logged_in.see_heading("The new token")
    logged_in.press("I have kept it")
    logged_in.see("never used")
    tokens = f"/sessions/{session_id}/tokens"
    # A use is noted a moment later.
    eventually(lambda: "lastUsedTime" in person.call("GET", tokens).text)
    come_back(logged_in)
    logged_in.see("last used")
    assert token not in logged_in.text() + logged_in.kept() + "".join(logged_in.messages)
    logged_in.press(f"Revoke: {SCRIPT}")
    logged_in.press("Revoke", within=f"Revoke the token of “{SCRIPT}”?")
    logged_in.see("The token is revoked.")
    logged_in.see("This session has no workspace tokens.")
    assert http.get(path, headers=bearer).status_code == 401


def test_a_token_names_the_agent_that_has_made_it(
    logged_in: Screen, person: Person, http: httpx.Client
) -> None:
    """Both end when the first one is revoked."""
    session_id = open_session(person, "engine")
    path = f"/sessions/{session_id}/token"
    made = person.call("POST", path, {"agent": "reviewer"}).json()["data"]["token"]
    bearer = {"authorization": f"Bearer {made}"}
    assert http.post(f"/api/v5{path}", json={"agent": "helper"}, headers=bearer).status_code == 201
    logged_in.open(f"/sessions/{session_id}")
    logged_in.see("made by “reviewer”")
    logged_in.press("Revoke: reviewer")
    logged_in.press("Revoke", within="Revoke the token of “reviewer”?")
    logged_in.see("This session has no workspace tokens.")


def test_the_state_can_be_copied(new_screen: NewScreen, person: Person) -> None:
    """As JSON, by the button beside it."""
    session_id = open_session(person, "engine", state={"openFiles": ["main.rs"]})
    screen = new_screen(permissions=["clipboard-read", "clipboard-write"])
    log_in(screen, person)
    screen.open(f"/sessions/{session_id}")
    screen.press("Copy: State of the editor")
    screen.see("Copied.")
    copied = screen.do(lambda page: page.evaluate("navigator.clipboard.readText()"))
    assert json.loads(copied) == {"openFiles": ["main.rs"]}


def test_a_browser_that_refuses_to_copy(logged_in: Screen, person: Person) -> None:
    """The page says so, instead of leaving the user with what was copied before."""
    logged_in.open(f"/sessions/{open_session(person, 'engine')}")
    refusal = (
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }"
    )
    logged_in.do(lambda page: page.evaluate(refusal))
    logged_in.press("Copy the id")
    logged_in.see("The browser does not copy.")


@pytest.mark.parametrize("look", LOOKS)
def test_everybody_can_use_the_page(
    new_screen: NewScreen, person: Person, look: dict[str, Any]
) -> None:
    """Wide and light, narrow and dark: axe finds nothing, and nothing is wider than the window."""
    long = {"workspacePath": "/" + "y" * 200, "state": {"line": "x" * 300}}
    session_id = open_session(person, "engine " + "x" * 100, **long)
    person.call("POST", f"/sessions/{session_id}/token", {"agent": "reviewer"})
    screen = new_screen(**look)
    log_in(screen, person)
    screen.open(f"/sessions/{session_id}")
    screen.see("reviewer")
    assert screen.faults() == []
    assert screen.overflow() <= 0
    for button in ("Rename", "End", "Make a token"):
        screen.press(button)
        assert screen.faults() == []
        assert screen.overflow() <= 0
        screen.press("Cancel")
