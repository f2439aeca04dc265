"""The list of workspace sessions in the console: the user's own, and those of a whole team."""

from typing import Any

import pytest

from tests.console.conftest import NewScreen, log_in
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


def test_a_user_opens_renames_and_ends_a_session(logged_in: Screen, person: Person) -> None:
    """The list is empty at first and at the end; a path that is no path is refused at its field."""
    logged_in.see("No session is open. Open one to start working.")
    logged_in.press("Open a session")
    logged_in.fill("Name", "engine")
    logged_in.fill("Path of the workspace", "a\nb" * 600)
    logged_in.press("Open a session", within="Path of the workspace")
    logged_in.see("This is too long.")
    logged_in.see_value("Name", "engine")
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
    logged_in: Screen, person: Person
) -> None:
    """The dialog takes the focus and gives it back; Enter sends the form."""
    logged_in.do(lambda page: page.get_by_role("button", name="Open a session").focus())
    logged_in.type("Enter")
    logged_in.see_heading("Open a session")
    logged_in.type("engine", "Enter")
    logged_in.see("The session is open.")
    logged_in.see_focus("Open a session")
    logged_in.do(lambda page: page.get_by_role("link", name="engine").wait_for())
    logged_in.type("Tab", "Tab", "Tab")
    logged_in.see_focus("End: engine")
    logged_in.type("Enter")
    logged_in.see_heading("End “engine”?")
    logged_in.see_focus("Cancel")
    logged_in.type("Escape")
    logged_in.see_no("End “engine”?")
    logged_in.see_focus("End: engine")
    logged_in.type("Enter")
    logged_in.see_focus("Cancel")
    logged_in.type("Tab", "Enter")
    logged_in.see("The session has ended.")
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
