"""The pages behind the links about email addresses."""

from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest

from tests.console.conftest import log_in
from tests.console.getting_in import give_password, open_link, prove
from tests.console.screen import Screen
from tests.end_to_end.account import NEW_PASSWORD, change, me
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import Person, new_person

WRONG = "The link or the code is wrong, was used already, or has expired."


@pytest.fixture
def mails(person: Person, mailbox_of: Callable[[str], Mailbox]) -> Mailbox:
    """The emails to the user."""
    return mailbox_of(person.email)


def test_a_user_who_is_logged_in_proves_the_address_by_a_click(
    logged_in: Screen, person: Person, mails: Mailbox
) -> None:
    """Opening the link spends nothing; the click proves the address."""
    open_link(logged_in, mails.next("verify-email"))
    logged_in.see(f"Confirm that {person.email} is your email address.")
    assert me(person)["emailVerified"] is False
    logged_in.press("Confirm the address")
    logged_in.see("Your email address is confirmed.")
    assert me(person)["emailVerified"] is True
    logged_in.follow("Continue")
    logged_in.see_heading("Sessions")


def test_a_user_proves_the_address_by_the_code(
    logged_in: Screen, person: Person, mails: Mailbox
) -> None:
    """Without the link the page asks for the code; it knows the address."""
    logged_in.open("/verify-email")
    logged_in.fill("Code", mails.next("verify-email").code)
    logged_in.press("Confirm the address")
    logged_in.see("Your email address is confirmed.")
    assert me(person)["emailVerified"] is True


def test_a_user_who_is_not_logged_in_comes_back_with_the_token(
    screen: Screen, person: Person, mails: Mailbox
) -> None:
    """The token waits in memory while the user logs in; the account is kept."""
    open_link(screen, mails.next("verify-email"))
    screen.follow("Log in")
    give_password(screen, person.email)
    screen.at("/verify-email")
    screen.press("Confirm the address")
    screen.see("Your email address is confirmed.")
    assert me(person)["emailVerified"] is True


def test_a_user_who_cannot_log_in_starts_over(
    screen: Screen, person: Person, mails: Mailbox
) -> None:
    """A new password makes a new account of it."""
    open_link(screen, mails.next("verify-email"))
    screen.fill("New password", "too short")
    screen.press("Confirm the address and start over")
    screen.see("At least 15 characters, please.")
    screen.fill("New password", NEW_PASSWORD)
    screen.press("Confirm the address and start over")
    screen.see("Your address is confirmed, and the account has your new password.")
    screen.follow("Log in")
    give_password(screen, person.email, NEW_PASSWORD)
    screen.see_heading("Sessions")


def test_the_link_of_another_account(screen: Screen, person: Person, mails: Mailbox) -> None:
    """It is refused, and the user can log in to the right account without opening it again.

    A logout that does not reach the server says so.
    """
    log_in(screen, new_person(person.http))
    open_link(screen, mails.next("verify-email"))
    screen.press("Confirm the address")
    screen.see(WRONG)
    screen.do(lambda page: page.context.set_offline(True))
    screen.press("Log in to that one")
    screen.see("The server cannot be reached.")
    screen.do(lambda page: page.context.set_offline(False))
    screen.press("Log in to that one")
    screen.follow("Log in")
    give_password(screen, person.email)
    screen.press("Confirm the address")
    screen.see("Your email address is confirmed.")


@pytest.fixture
def changing(
    logged_in: Screen,
    http: httpx.Client,
    person: Person,
    mails: Mailbox,
    mailbox_of: Callable[[str], Mailbox],
) -> tuple[Screen, Mailbox, str]:
    """A user with a proved address who has asked for another one: tab, its mailbox, the address."""
    prove(mails, http, person)
    email = f"{uuid4()}@example.org"
    change(person, email)
    return logged_in, mailbox_of(email), email


def test_a_change_of_address_by_the_link(changing: tuple[Screen, Mailbox, str]) -> None:
    """A click makes the new address that of the account."""
    screen, new, email = changing
    open_link(screen, new.next("change-email"))
    screen.press("Use the new address")
    screen.see(f"Your account now has the address {email}.")
    screen.open("/sessions")
    screen.see(f"Logged in as {email}")


def test_a_change_of_address_by_the_code(changing: tuple[Screen, Mailbox, str]) -> None:
    """The page asks for the new address and the code."""
    screen, new, email = changing
    screen.open("/change-email")
    screen.fill("New email address", email)
    screen.fill("Code", new.next("change-email").code)
    screen.press("Use the new address")
    screen.see(f"Your account now has the address {email}.")


def test_a_change_of_address_needs_a_login(
    new_screen: Callable[[], Screen], changing: tuple[Screen, Mailbox, str], person: Person
) -> None:
    """Another browser logs in first, with the present address."""
    _, new, email = changing
    screen = new_screen()
    open_link(screen, new.next("change-email"))
    screen.follow("Log in")
    give_password(screen, person.email)
    screen.press("Use the new address")
    screen.see(f"Your account now has the address {email}.")


def test_a_change_of_address_is_undone(
    changing: tuple[Screen, Mailbox, str], person: Person, mails: Mailbox
) -> None:
    """The old address stays, this login ends, and an email sets a new password."""
    screen, _, _ = changing
    open_link(screen, mails.next("undo-email"))
    screen.see_heading("Keep your email address")
    screen.press("Keep this address")
    screen.see("Your account keeps this address, and all logins have ended.")
    open_link(screen, mails.next("reset-password"))
    screen.fill("New password", NEW_PASSWORD)
    screen.press("Set the password")
    screen.follow("Log in")
    give_password(screen, person.email, NEW_PASSWORD)
    screen.see(f"Logged in as {person.email}")


def test_an_undo_needs_its_link(screen: Screen) -> None:
    """Without a token, and with a wrong one, the page says so and does nothing."""
    screen.open("/undo-email")
    screen.see("This page needs the link from our email.")
    screen.open(f"/undo-email#token={'A' * 43}")
    screen.press("Keep this address")
    screen.see(WRONG)
