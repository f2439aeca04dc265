"""Every page of getting in: for assistive technology, on a phone, in the dark, and without the network."""

from typing import Any

import pytest

from tests.console.conftest import NewScreen
from tests.console.getting_in import give_password
from tests.console.looks import LOOKS
from tests.console.screen import Screen
from tests.end_to_end.person import PASSWORD

TOKEN = "A" * 43
PAGES = {
    "/login": "Log in",
    "/register": "Create an account",
    "/forgot-password": "Forgot your password?",
    f"/verify-email#token={TOKEN}": "Confirm your email address",
    "/verify-email": "Confirm your email address",
    f"/confirm-registration#token={TOKEN}": "Confirm your registration",
    "/confirm-registration": "Confirm your registration",
    "/change-email": "Confirm your new email address",
    f"/undo-email#token={TOKEN}": "Keep your email address",
    "/undo-email": "Keep your email address",
    f"/reset-password#token={TOKEN}": "Set a new password",
    "/reset-password": "Set a new password",
    f"/recover-factors#token={TOKEN}": "Recover the access to your account",
    "/recover-factors": "Recover the access to your account",
    f"/undo-factor#token={TOKEN}": "Take back the second factor",
    f"/invitations#token={TOKEN}": "Accept an invitation",
    f"/invitations/opt-out#token={TOKEN}": "Invitation emails",
}


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_can_be_used(new_screen: NewScreen, look: dict[str, Any]) -> None:
    """axe-core finds nothing serious, and nothing is wider than the window."""
    screen = new_screen(**look)
    for path, title in PAGES.items():
        screen.open("/login")
        screen.open(path)
        screen.see_heading(title)
        assert screen.faults() == [], path
        assert screen.overflow() <= 0, path
        assert TOKEN not in screen.do(lambda page: page.evaluate("location.href")), path


def test_every_page_can_be_used_with_a_login(at_sessions: Screen) -> None:
    """The pages that look otherwise for a user who is logged in."""
    at_sessions.do(lambda page: page.set_viewport_size({"width": 360, "height": 740}))
    for path in ("/verify-email", "/change-email", "/invitations"):
        at_sessions.open(path)
        at_sessions.see_heading(PAGES.get(path, "Accept an invitation"))
        assert at_sessions.faults() == [], path
        assert at_sessions.overflow() <= 0, path


def test_a_page_is_in_the_language_of_the_browser(new_screen: NewScreen) -> None:
    """Its texts, its title and the language that screen readers use."""
    screen = new_screen(locale="de-DE")
    screen.open("/login")
    screen.see_heading("Anmelden")
    assert screen.do(lambda page: page.evaluate("document.documentElement.lang")) == "de"
    assert screen.do(lambda page: page.title()) == "Anmelden · Coditect"


def test_a_login_without_the_network_can_be_repeated(screen: Screen) -> None:
    """The page says that the server is out of reach, and keeps what was typed."""
    screen.open("/login")
    screen.see_heading("Log in")
    screen.do(lambda page: page.context.set_offline(True))
    give_password(screen, "ada@example.com")
    screen.see("The server cannot be reached.")
    screen.see("You are offline.")
    screen.see_value("Password", PASSWORD)
    screen.do(lambda page: page.context.set_offline(False))
    screen.see_no("You are offline.")
    screen.press("Log in")
    screen.see("The email address or the password is wrong.")
