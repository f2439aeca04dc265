"""Workspace sessions in the console: the list, one session, and those of a whole team."""

import json
from typing import Any

import pytest

from tests.console.conftest import NewScreen, log_in
from tests.console.screen import Screen
from tests.end_to_end.person import Person
from tests.end_to_end.team import found, joined, switch

NARROW = {"width": 360, "height": 740}
SCRIPT = '<img src=x onerror="alert(1)">'


def open_session(person: Person, name: str, **more: Any) -> str:
    """Opens a session by the API, and returns its id."""
    answer = person.call("POST", "/sessions", {"name": name, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["sessionId"])


def change(person: Person, session_id: str, **fields: Any) -> None:
    """Changes a session by the API, as an editor or another tab does."""
    answer = person.call("PATCH", f"/sessions/{session_id}", fields)
    assert answer.status_code == 200, answer.text


def names(screen: Screen) -> list[str]:
    """The names of the sessions in the list, from the top."""
    return screen.do(
        lambda page: page.get_by_role("list", name="sessions").get_by_role("link").all_inner_texts()
    )


def come_back(screen: Screen) -> None:
    """Does what a browser does when its user comes back to the tab."""
    screen.do(lambda page: page.evaluate("document.dispatchEvent(new Event('visibilitychange'))"))


@pytest.fixture
def acme(person: Person) -> str:
    """An organization whose owner acts in it."""
    tenant_id = found(person, "Acme Rockets")
    assert switch(person, tenant_id).status_code == 200
    return tenant_id


def test_a_user_opens_renames_and_ends_a_session(logged_in: Screen, person: Person) -> None:
    """The list is empty at first and at the end; a path that is no path is refused at its field."""
    logged_in.see("No session is open. Open one to begin to work.")
    logged_in.press("Open a session")
    logged_in.fill("Name", "engine")
    logged_in.fill("Path of the workspace", "a\nb" * 600)
    logged_in.press("Open a session", within="Path of the workspace")
    logged_in.see("This is too long.")
    assert logged_in.value("Name") == "engine"
    logged_in.fill("Path of the workspace", "/home/ada/engine")
    logged_in.press("Open a session", within="Path of the workspace")
    logged_in.see("The session is open.")
    logged_in.see("/home/ada/engine")
    logged_in.press("Rename: engine")
    logged_in.fill("Name", "motor")
    logged_in.press("Save")
    logged_in.see("The session has a new name.")
    assert [one["name"] for one in person.sessions()] == ["motor"]
    logged_in.press("End: motor")
    logged_in.press("End", within="End “motor”?")
    logged_in.see("The session has ended.")
    logged_in.see("No session is open.")
    assert list(person.sessions()) == []


def test_the_last_active_session_is_first_when_its_user_comes_back(
    logged_in: Screen, person: Person
) -> None:
    """What other devices did meanwhile shows without a reload of the page."""
    for name in ("one", "two"):
        open_session(person, name)
    come_back(logged_in)
    logged_in.see("one")
    assert names(logged_in) == ["two", "one"]
    change(person, next(one["sessionId"] for one in person.sessions() if one["name"] == "one"))
    open_session(person, "three")
    come_back(logged_in)
    logged_in.see("three")
    assert names(logged_in) == ["three", "one", "two"]


def test_times_go_on_while_the_page_is_open(new_screen: NewScreen, person: Person) -> None:
    """No call is made for that."""
    open_session(person, "engine")
    screen = new_screen()
    screen.do(lambda page: page.context.clock.install())
    log_in(screen, person)
    screen.see("active now")
    before = len(screen.requests)
    screen.do(lambda page: page.clock.run_for(185_000))
    screen.see("active 3 minutes ago")
    assert len(screen.requests) == before


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
    assert logged_in.value("Name") == "motor"
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


def test_a_session_shows_its_state_and_goes_on(logged_in: Screen, person: Person) -> None:
    """The state is JSON to read, in which markup is text; to continue marks the session as active."""
    state = {"title": SCRIPT, "openFiles": ["b.rs", "a.rs"], "cursor": {"line": 3, "column": 1}}
    session_id = open_session(person, SCRIPT, workspacePath="/home/ada", state=state)
    logged_in.follow("Teams")
    logged_in.follow("Sessions")
    logged_in.follow(SCRIPT)
    logged_in.see_heading(SCRIPT)
    shown = logged_in.do(
        lambda page: page.get_by_role("region", name="State of the editor").last.inner_text()
    )
    assert json.loads(shown) == state
    assert shown.index("column") < shown.index("line") < shown.index("openFiles")
    (before,) = person.sessions()
    logged_in.press("Continue")
    logged_in.see("The session is active.")
    (after,) = person.sessions()
    assert (after["sessionId"], after["revision"]) == (session_id, before["revision"])
    assert after["lastActiveTime"] > before["lastActiveTime"]
    logged_in.press("End")
    logged_in.press("End", within=f"End “{SCRIPT}”?")
    logged_in.at("/sessions")
    logged_in.see("No session is open.")


@pytest.mark.parametrize("session_id", ["00000000-0000-4000-8000-000000000000", "nonsense"])
def test_a_session_that_is_not_there_is_said_to_be_so(logged_in: Screen, session_id: str) -> None:
    """The page leads back to the list."""
    logged_in.open(f"/sessions/{session_id}")
    logged_in.see_heading("There is no such session.")
    assert logged_in.faults() == []
    logged_in.follow("All sessions")
    logged_in.see_heading("Sessions")


def test_a_session_that_ended_elsewhere_cannot_be_ended(logged_in: Screen, person: Person) -> None:
    """The dialog says so, with the id of the request."""
    session_id = open_session(person, "engine")
    come_back(logged_in)
    logged_in.press("End: engine")
    person.call("DELETE", f"/sessions/{session_id}")
    logged_in.press("End", within="End “engine”?")
    logged_in.see("This session does not exist any more.")
    logged_in.see("Request ")


def test_a_user_ends_all_sessions(logged_in: Screen, person: Person) -> None:
    """Those of the tenant in which they act, after a question."""
    for name in ("one", "two"):
        open_session(person, name)
    come_back(logged_in)
    logged_in.press("End all")
    logged_in.see("This ends all your sessions in “Personal”.")
    logged_in.press("End all", within="End all your sessions?")
    logged_in.see("All your sessions have ended.")
    logged_in.see("No session is open.")
    assert list(person.sessions()) == []


def test_an_admin_sees_the_sessions_of_all_members(
    new_screen: NewScreen, person: Person, acme: str
) -> None:
    """Those of others have no page, but can be ended; a reload keeps the choice."""
    member = joined(person, acme)
    open_session(person, "mine")
    open_session(member, "theirs", workspacePath="/home/grace", state={"a": 1})
    screen = new_screen()
    log_in(screen, person)
    screen.see("mine")
    screen.see_no("theirs")
    screen.choose("Show", "All sessions of the team")
    screen.see("theirs of Ada Lovelace")
    assert names(screen) == ["mine"]
    screen.do(lambda page: page.reload())
    screen.see("theirs of Ada Lovelace")
    assert screen.path == "/sessions?scope=tenant"
    assert screen.faults() == []
    screen.press("End: theirs")
    screen.see("It belongs to Ada Lovelace")
    screen.press("End", within="End “theirs”?")
    screen.see("The session has ended.")
    screen.see_no("theirs")
    assert list(member.sessions()) == []


def test_a_member_sees_only_their_own_sessions(
    new_screen: NewScreen, person: Person, acme: str
) -> None:
    """Also by the address that an admin has sent them."""
    member = joined(person, acme)
    open_session(person, "secret plans")
    screen = new_screen()
    log_in(screen, member)
    screen.open("/sessions?scope=tenant")
    screen.see("No session is open.")
    assert "All sessions of the team" not in screen.text()
    assert "secret plans" not in screen.text()


def test_a_session_is_opened_and_ended_with_the_keyboard_alone(
    logged_in: Screen, person: Person
) -> None:
    """The dialog takes the focus and gives it back; Enter sends the form."""
    logged_in.do(lambda page: page.get_by_role("button", name="Open a session").focus())
    logged_in.type("Enter")
    logged_in.see_heading("Open a session")
    logged_in.type("engine", "Enter")
    logged_in.see("The session is open.")
    logged_in.do(lambda page: page.wait_for_function("document.activeElement.tagName === 'BUTTON'"))
    assert logged_in.focused() == "Open a session"
    logged_in.do(lambda page: page.get_by_role("link", name="engine").wait_for())
    logged_in.type("Tab", "Tab", "Tab")
    assert logged_in.focused() == "End: engine"
    logged_in.type("Enter")
    logged_in.see_heading("End “engine”?")
    assert logged_in.focused() == "Cancel"
    logged_in.type("Escape")
    logged_in.see_no("End “engine”?")
    assert logged_in.focused() == "End: engine"
    logged_in.type("Enter", "Tab", "Enter")
    logged_in.see("The session has ended.")
    assert list(person.sessions()) == []


@pytest.mark.parametrize("look", [{}, {"viewport": NARROW, "color_scheme": "dark"}])
def test_the_pages_can_be_used_by_everybody(
    new_screen: NewScreen, person: Person, acme: str, look: dict[str, Any]
) -> None:
    """Wide and light, narrow and dark: axe finds nothing, and nothing is wider than the window."""
    state = {"line": "x" * 300}
    session_id = open_session(
        person, "engine " + "x" * 100, workspacePath="/" + "y" * 200, state=state
    )
    person.call("POST", f"/sessions/{session_id}/token", {"agent": "reviewer"})
    screen = new_screen(**look)
    log_in(screen, person)
    for path, text in (
        ("/sessions?scope=tenant", "engine"),
        ("/sessions", "engine"),
        (f"/sessions/{session_id}", "reviewer"),
    ):
        screen.open(path)
        screen.see(text)
        assert screen.faults() == []
        assert screen.overflow() <= 0
    for button in ("Rename", "End", "Make a token"):
        screen.press(button)
        assert screen.faults() == []
        assert screen.overflow() <= 0
        screen.press("Cancel")
