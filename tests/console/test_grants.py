"""`/account/programs`: the programs that can act for a user."""

import httpx
import pytest

from tests.console.conftest import NewScreen, log_in
from tests.console.looks import SCHEMES
from tests.console.screen import Screen
from tests.end_to_end.authorization import granted, refresh
from tests.end_to_end.person import Person

NARROW = {"viewport": {"width": 360, "height": 740}}
TAKE_BACK = "Take back: Coditect CLI"


def test_a_program_is_listed_and_ended(
    http: httpx.Client, logged_in: Screen, person: Person
) -> None:
    """With what it may do; after it is taken back, the program gets no tokens."""
    logged_in.open("/account/programs")
    logged_in.see("No program can act for you.")
    tokens = granted(http, person)
    logged_in.do(lambda page: page.reload())
    logged_in.see("Acts in Personal")
    logged_in.do(lambda page: page.get_by_text("Details").click())
    logged_in.see("See your workspace sessions")
    logged_in.see("coditect-cli")
    logged_in.press(TAKE_BACK)
    logged_in.press("Cancel")
    logged_in.see_focus(TAKE_BACK)
    tokens = refresh(http, tokens).json()
    logged_in.press(TAKE_BACK)
    logged_in.press("Take back", within="refused at once")
    logged_in.see("The program has no access any more.")
    logged_in.see("No program can act for you.")
    assert refresh(http, tokens).json()["error"] == "invalid_grant"


def test_a_program_that_was_ended_elsewhere(
    http: httpx.Client, logged_in: Screen, person: Person
) -> None:
    """The page says that it has no access any more."""
    granted(http, person)
    logged_in.open("/account/programs")
    logged_in.press(TAKE_BACK)
    (grant,) = person.call("GET", "/oauth/grants").json()["data"]["grants"]
    assert person.call("DELETE", f"/oauth/grants/{grant['grantId']}").status_code == 200
    logged_in.press("Take back", within="refused at once")
    logged_in.see("This program has no access any more.")


@pytest.mark.parametrize("look", SCHEMES)
def test_the_page_is_accessible(
    http: httpx.Client, new_screen: NewScreen, person: Person, look: str
) -> None:
    """On a small screen, in both appearances: axe finds nothing, and nothing is cut off."""
    granted(http, person)
    screen = new_screen(color_scheme=look, **NARROW)
    log_in(screen, person)
    screen.open("/account/programs")
    screen.do(lambda page: page.get_by_text("Details").click())
    screen.see("coditect-cli")
    assert (screen.faults(), screen.overflow()) == ([], 0)
    screen.press(TAKE_BACK)
    screen.see("refused at once")
    assert (screen.faults(), screen.overflow()) == ([], 0)
