"""What is the same for all pages of one's own account: everyone can read and use them."""

import pyotp
import pytest

from tests.console.conftest import NewScreen, log_in
from tests.console.screen import Screen
from tests.end_to_end.person import Person

PAGES = {
    "/account": ("Profile", "Last name"),
    "/account/security": ("Security", "None yet."),
    "/account/devices": ("Devices", "This device"),
    "/account/activity": ("Activity", "Account created"),
}
NARROW = {"width": 360, "height": 740}


def show(screen: Screen, path: str) -> None:
    """Opens a page, and waits until it is loaded."""
    heading, text = PAGES[path]
    screen.open(path)
    screen.see_heading(heading)
    screen.see(text)


def test_pages_have_no_faults_in_a_narrow_dark_window(
    new_screen: NewScreen, person: Person
) -> None:
    """Nor in a light one, and none is wider than the window."""
    screen = new_screen(viewport=NARROW, color_scheme="dark")
    log_in(screen, person)
    for path in PAGES:
        show(screen, path)
        assert screen.faults() == []
        assert screen.overflow() <= 0
        screen.do(lambda page: page.emulate_media(color_scheme="light"))
        assert screen.faults() == []
        screen.do(lambda page: page.emulate_media(color_scheme="dark"))


def test_dialogs_have_no_faults_in_a_narrow_window(new_screen: NewScreen, person: Person) -> None:
    """That of the key and that of the codes, which are wide, and that of the deletion, which is high."""
    screen = new_screen(viewport=NARROW)
    log_in(screen, person)
    show(screen, "/account")
    screen.press("Delete the account")
    check_dialog(screen, "There is no way back")
    show(screen, "/account/security")
    screen.press("Add an authenticator app")
    screen.press("Continue")
    check_dialog(screen, "Scan this code")
    screen.fill("Code", pyotp.TOTP(screen.secret_in("Or type this key")).now())
    screen.press("Confirm")
    check_dialog(screen, "They are shown only now.")


def check_dialog(screen: Screen, text: str) -> None:
    """Neither it nor what is in it is wider than it may be, and axe finds nothing."""
    screen.see(text)
    script = "(() => { const one = document.querySelector('.modal'); return one.scrollWidth - one.clientWidth; })()"
    assert screen.do(lambda page: page.evaluate(script)) <= 0
    assert screen.overflow() <= 0
    assert screen.faults() == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_moves_while_a_page_loads(logged_in: Screen, path: str) -> None:
    """The layout shift of a page (CLS) is at most 0.02, of the 0.1 that counts as good."""
    show(logged_in, path)
    assert logged_in.shift() <= 0.02


def test_pages_speak_german(new_screen: NewScreen, person: Person) -> None:
    """With a browser that asks for it."""
    screen = new_screen(locale="de-DE")
    screen.open("/login")
    screen.fill("E-Mail-Adresse", person.email)
    screen.fill("Passwort", "correct horse battery staple")
    screen.press("Anmelden")
    screen.see_heading("Sitzungen")
    for path, heading in (
        ("/account", "Profil"),
        ("/account/security", "Sicherheit"),
        ("/account/devices", "Geräte"),
        ("/account/activity", "Aktivität"),
    ):
        screen.open(path)
        screen.see_heading(heading)
    screen.see("Konto angelegt")


def test_an_app_is_set_up_with_the_keyboard_alone(logged_in: Screen) -> None:
    """The dialogs take the focus and give it back to the button that opened them."""
    show(logged_in, "/account/security")
    logged_in.tab_to("Add an authenticator app")
    logged_in.type("Enter")
    logged_in.see("So that you recognize it")
    logged_in.see_focus_in_dialog()
    logged_in.type("Enter")
    logged_in.see("Scan this code")
    code = pyotp.TOTP(logged_in.secret_in("Or type this key")).now()
    logged_in.type(code, "Enter")
    logged_in.see("They are shown only now.")
    logged_in.tab_to("I have kept them")
    logged_in.type("Enter")
    logged_in.see("10 codes left")
    logged_in.do(lambda page: page.wait_for_timeout(300))
    logged_in.see_focus("Add an authenticator app")
