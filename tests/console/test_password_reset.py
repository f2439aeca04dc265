"""A user who has forgotten the password."""

from collections.abc import Callable

import pytest

from tests.console.conftest import open_sessions
from tests.console.getting_in import forgotten, give_password, open_link
from tests.console.screen import Screen
from tests.end_to_end.account import NEW_PASSWORD
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import Person


@pytest.fixture
def mails(person: Person, mailbox_of: Callable[[str], Mailbox]) -> Mailbox:
    """The emails to the user."""
    return mailbox_of(person.email)


@pytest.fixture
def asked(screen: Screen, person: Person) -> Screen:
    """A tab in which the user has asked for the email."""
    screen.open("/login")
    screen.follow("Forgot your password?")
    screen.see_heading("Forgot your password?")
    screen.fill("Email address", person.email)
    screen.press("Send the email")
    screen.see_heading("Set a new password")
    assert screen.faults() == []
    return screen


def finish(screen: Screen, person: Person) -> None:
    """Sees that the password is set, and logs in with it."""
    screen.see_heading("Your new password is set.")
    screen.follow("Log in")
    give_password(screen, person.email, NEW_PASSWORD)
    screen.see_heading("Sessions")
    assert NEW_PASSWORD not in screen.kept()


def test_a_reset_by_the_code(asked: Screen, person: Person, mails: Mailbox) -> None:
    """The code of the email goes on in the same tab; a bad password keeps the code good."""
    asked.fill("Code", mails.next("reset-password").code)
    asked.fill("New password", "too short")
    asked.press("Set the password")
    asked.see("At least 15 characters, please.")
    asked.fill("New password", NEW_PASSWORD)
    asked.press("Set the password")
    finish(asked, person)


def test_a_reset_by_the_link(asked: Screen, person: Person, mails: Mailbox) -> None:
    """The link goes on in another tab. Opening it twice spends nothing."""
    mail = mails.next("reset-password")
    tab = asked.another()
    open_link(tab, mail)
    tab.do(lambda page: page.reload())
    tab.see("Code")
    open_link(tab, mail)
    tab.fill("New password", NEW_PASSWORD)
    tab.press("Set the password")
    finish(tab, person)


def test_a_link_is_good_once(asked: Screen, mails: Mailbox) -> None:
    """A used link is explained, and leads to the code and to another email."""
    mail = mails.next("reset-password")
    for outcome in ("Your new password is set.", "The link or the code is wrong"):
        open_link(asked, mail)
        asked.fill("New password", NEW_PASSWORD)
        asked.press("Set the password")
        asked.see(outcome)
    asked.press("Type the code instead")
    asked.see("The code in our email")
    asked.follow("Ask for another email")
    asked.see_heading("Forgot your password?")


def test_an_unknown_address_gets_the_same_page(screen: Screen) -> None:
    """The page does not tell whether there is an account."""
    screen.open("/forgot-password")
    screen.fill("Email address", "unknown@example.com")
    screen.press("Send the email")
    screen.see("If there is an account with unknown@example.com")


def test_another_email_can_be_asked_for(asked: Screen, person: Person, mails: Mailbox) -> None:
    """The second email works as the first one."""
    mails.next("reset-password")
    asked.press("Send another email")
    asked.see("we have sent another email")
    asked.fill("Code", mails.next("reset-password").code)
    asked.fill("New password", NEW_PASSWORD)
    asked.press("Set the password")
    finish(asked, person)


def test_a_reset_ends_the_login_of_this_browser(
    screen: Screen, person: Person, mails: Mailbox
) -> None:
    """Every login of the account ends, also the one of the tab that sets the password."""
    open_sessions(screen, person)
    tab = screen.another()
    tab.open("/forgot-password")
    tab.fill("Email address", person.email)
    tab.press("Send the email")
    tab.fill("Code", mails.next("reset-password").code)
    tab.fill("New password", NEW_PASSWORD)
    tab.press("Set the password")
    tab.see_heading("Your new password is set.")
    screen.see_heading("Log in")
    screen.see("Your login has ended. Please log in again.")


def test_a_reset_with_the_keyboard_alone(screen: Screen, person: Person, mails: Mailbox) -> None:
    """The fields follow one another, and Enter sends the form."""
    screen.open("/forgot-password")
    screen.see_heading("Forgot your password?")
    screen.type(person.email, "Enter")
    screen.see_heading("Set a new password")
    screen.type(mails.next("reset-password").code, "Tab", NEW_PASSWORD, "Enter")
    screen.see_heading("Your new password is set.")


def test_a_token_leaves_the_history(asked: Screen, mails: Mailbox) -> None:
    """Going away and back does not bring the token into the address again."""
    mail = mails.next("reset-password")
    open_link(asked, mail)
    asked.follow("Ask for another email")
    asked.see_heading("Forgot your password?")
    asked.do(lambda page: page.go_back())
    asked.see_heading("Set a new password")
    forgotten(asked, mail.token)
