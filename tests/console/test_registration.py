"""The page of registration, where a new user is logged in at once."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.console.getting_in import register
from tests.console.screen import Screen
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import PASSWORD, Person


@pytest.fixture
def email() -> str:
    """An address without an account."""
    return f"{uuid4()}@example.com"


def test_a_registration_logs_in(
    screen: Screen, email: str, mailbox_of: Callable[[str], Mailbox]
) -> None:
    """The new user is at the list of sessions, has an email, and the page keeps no secret."""
    screen.open("/login")
    screen.follow("Create an account")
    screen.see_heading("Create an account")
    register(screen, email)
    screen.see_heading("Sessions")
    screen.see("Your account is ready.")
    screen.see(f"Logged in as {email}")
    assert PASSWORD not in screen.kept()
    assert mailbox_of(email).next("verify-email").token


def test_emails_are_in_the_language_of_the_page(
    screen: Screen, email: str, mailbox_of: Callable[[str], Mailbox]
) -> None:
    """A user who chose German in an English browser is written to in German."""
    screen.open("/register")
    screen.choose("Language", "Deutsch")
    screen.see_heading("Konto anlegen")
    screen.fill("Vorname", "Ada")
    screen.fill("Nachname", "Lovelace")
    screen.fill("E-Mail-Adresse", email)
    screen.fill("Passwort", PASSWORD)
    screen.press("Konto anlegen")
    screen.see_heading("Sitzungen")
    assert "Bestätigen Sie" in mailbox_of(email).next("verify-email").subject


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "At least 15 characters, please."),
        ("passwordpassword", "This is one of the passwords that are tried first."),
        ("ada lovelace ada lovelace", "This password is made of your names"),
    ],
)
def test_a_bad_password_is_explained_at_its_field(
    screen: Screen, email: str, password: str, says: str
) -> None:
    """The reason stands at the field, which has the focus, and what was typed is still there."""
    screen.open("/register")
    register(screen, email, password)
    screen.see(says)
    screen.see_value("First name", "Ada")
    screen.see_value("Password", password)
    name = screen.do(lambda page: page.evaluate("document.activeElement.name"))
    assert name == "password"


def test_an_empty_field_is_named_before_anything_is_sent(screen: Screen) -> None:
    """A field that must be filled in says so, and the service is not asked."""
    screen.open("/register")
    screen.press("Create the account")
    screen.see("Please fill this in.")
    assert not [one for one in screen.requests if one.endswith("/auth/register")]


def test_a_taken_address_leads_to_the_login(screen: Screen, person: Person) -> None:
    """The page says what its owner can do, and what another person can do."""
    screen.open("/register")
    register(screen, person.email)
    screen.see("There is already an account with this email address.")
    screen.see("If the account is yours, log in")
    screen.follow("Log in")
    screen.see_heading("Log in")


def test_a_user_who_is_logged_in_is_sent_on(logged_in: Screen) -> None:
    """The page of registration is not for users who have a login."""
    logged_in.open("/register")
    logged_in.see_heading("Sessions")


def test_a_registration_with_the_keyboard_alone(screen: Screen, email: str) -> None:
    """The first field has the focus; Tab and Enter do the rest."""
    screen.open("/register")
    screen.see_heading("Create an account")
    screen.type("ada", "Tab", "lovelace", "Tab", email, "Tab", PASSWORD, "Enter")
    screen.see_heading("Sessions")
