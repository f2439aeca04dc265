"""The list of workspace sessions in the console: the user's own, and those of a whole team."""

from typing import Any

import pytest

from tests.console.conftest import NewScreen, log_in, open_sessions
from tests.console.looks import LOOKS
from tests.console.screen import Screen
from tests.console.workspaces import change, come_back, open_session
from tests.end_to_end.person import Person
from tests.end_to_end.team import joined


def names(screen: Screen) -> list[str]:
    """The names of the sessions in the list, from the top."""
    return screen.do(
        lambda page: page.get_by_role("list", name="sessions").get_by_role("link").all_inner_texts()
    )


def test_a_user_opens_renames_and_ends_a_session(at_sessions: Screen, person: Person) -> None:
    """The list is empty at first and at the end; a path that is no path is refused at its field."""
    at_sessions.see("No session is open. Open one to start working.")
    at_sessions.press("Open a session")
    at_sessions.fill("Name", "engine")
    at_sessions.fill("Path of the workspace", "a\nb" * 600)
    at_sessions.press("Open a session", within="Path of the workspace")
    at_sessions.see("This is too long.")
    at_sessions.see_value("Name", "engine")
    at_sessions.fill("Path of the workspace", "/home/ada/engine")
    at_sessions.press("Open a session", within="Path of the workspace")
    at_sessions.see("The session is open.")
    at_sessions.see("/home/ada/engine")
    at_sessions.press("Rename: engine")
    at_sessions.fill("Name", "motor")
    at_sessions.press("Save")
    at_sessions.see("The session has a new name.")
    assert [one["name"] for one in person.sessions()] == ["motor"]
    at_sessions.press("End: motor")
    at_sessions.press("End", within="End “motor”?")
    at_sessions.see("The session has ended.")
    at_sessions.see("No session is open.")
    assert list(person.sessions()) == []


def test_the_last_active_session_is_first_when_its_user_comes_back(
    at_sessions: Screen, person: Person
) -> None:
    """What other devices did meanwhile shows without a reload of the page."""
    for name in ("one", "two"):
        open_session(person, name)
    come_back(at_sessions)
    at_sessions.see("one")
    assert names(at_sessions) == ["two", "one"]
    change(person, next(one["sessionId"] for one in person.sessions() if one["name"] == "one"))
    open_session(person, "three")
    come_back(at_sessions)
    at_sessions.see("three")
    assert names(at_sessions) == ["three", "one", "two"]


def test_times_go_on_while_the_page_is_open(new_screen: NewScreen, person: Person) -> None:
    """No call is made for that."""
    open_session(person, "engine")
    screen = new_screen()
    screen.do(lambda page: page.context.clock.install())
    open_sessions(screen, person)
    screen.see("active now")
    before = len(screen.requests)
    screen.do(lambda page: page.clock.run_for(185_000))
    screen.see("active 3 minutes ago")
    assert len(screen.requests) == before


def test_a_session_that_ended_elsewhere_cannot_be_ended(
    at_sessions: Screen, person: Person
) -> None:
    """The dialog says so, with the id of the request."""
    session_id = open_session(person, "engine")
    come_back(at_sessions)
    at_sessions.press("End: engine")
    person.call("DELETE", f"/sessions/{session_id}")
    at_sessions.press("End", within="End “engine”?")
    at_sessions.see("This session does not exist any more.")
    at_sessions.see("Request ")


def test_a_user_ends_all_sessions(at_sessions: Screen, person: Person) -> None:
    """Those of the tenant in which they act, after a question."""
    for name in ("one", "two"):
        open_session(person, name)
    come_back(at_sessions)
    at_sessions.press("End all")
    at_sessions.see("This ends all your sessions in “Personal”.")
    at_sessions.press("End all", within="End all your sessions?")
    at_sessions.see("All your sessions have ended.")
    at_sessions.see("No session is open.")
    assert list(person.sessions()) == []


def test_an_admin_sees_the_sessions_of_all_members(
    new_screen: NewScreen, person: Person, acme: str
) -> None:
    """Those of others have no page, but can be ended; a reload keeps the choice."""
    member = joined(person, acme)
    open_session(person, "mine")
    open_session(member, "theirs", workspacePath="/home/grace", state={"a": 1})
    screen = new_screen()
    open_sessions(screen, person)
    screen.see("mine")
    screen.see_no("theirs")
    screen.choose("Show", "All sessions of the team")
    screen.see("theirs of Ada Lovelace")
    assert names(screen) == ["mine"]
    screen.do(lambda page: page.reload())
    screen.see("theirs of Ada Lovelace")
    screen.at("/sessions?scope=tenant")
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
    screen.see_no("All sessions of the team")
    screen.see_no("secret plans")


def test_a_session_is_opened_and_ended_with_the_keyboard_alone(
    at_sessions: Screen, person: Person
) -> None:
    """The dialog takes the focus and gives it back; Enter sends the form."""
    at_sessions.do(lambda page: page.get_by_role("button", name="Open a session").focus())
    at_sessions.type("Enter")
    at_sessions.see_heading("Open a session")
    at_sessions.type("engine", "Enter")
    at_sessions.see("The session is open.")
    at_sessions.see_focus("Open a session")
    at_sessions.do(lambda page: page.get_by_role("link", name="engine").wait_for())
    at_sessions.type("Tab", "Tab", "Tab")
    at_sessions.see_focus("End: engine")
    at_sessions.type("Enter")
    at_sessions.see_heading("End “engine”?")
    at_sessions.see_focus("Cancel")
    at_sessions.type("Escape")
    at_sessions.see_no("End “engine”?")
    at_sessions.see_focus("End: engine")
    at_sessions.type("Enter")
    at_sessions.see_focus("Cancel")
    at_sessions.type("Tab", "Enter")
    at_sessions.see("The session has ended.")
    assert list(person.sessions()) == []


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.usefixtures("acme")
def test_everybody_can_use_the_list(
    new_screen: NewScreen, person: Person, look: dict[str, Any]
) -> None:
    """Wide and light, narrow and dark: axe finds nothing, and nothing is wider than the window."""
    open_session(person, "engine " + "x" * 100, workspacePath="/" + "y" * 200)
    screen = new_screen(**look)
    log_in(screen, person)
    for path in ("/sessions?scope=tenant", "/sessions"):
        screen.open(path)
        screen.see("engine")
        assert screen.faults() == []
        assert screen.overflow() <= 0
    screen.press("Open a session")
    assert screen.faults() == []
    assert screen.overflow() <= 0
