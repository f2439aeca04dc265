"""The profile page: names, address, download and the end of the account."""

import json
from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest

from tests.console.conftest import log_in
from tests.console.screen import Screen
from tests.end_to_end.account import try_login
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import PASSWORD, Person
from tests.end_to_end.second_factor import age_proofs
from tools.laptop import Laptop

MailboxOf = Callable[[str], Mailbox]


@pytest.fixture
def profile(logged_in: Screen) -> Screen:
    """A tab at the profile page."""
    logged_in.open("/account")
    logged_in.see_heading("Profile")
    logged_in.see("Last name")
    return logged_in


def me(person: Person) -> dict[str, object]:
    """The profile as the API has it."""
    found: dict[str, object] = person.call("GET", "/auth/me").json()["data"]
    return found


def test_names_and_language_are_saved(profile: Screen, person: Person) -> None:
    """Markup in a name stays text, and emails come in the chosen language from now on."""
    profile.fill("First name", "<b>Augusta</b>")
    profile.fill("Company", "Analytical Engines")
    profile.choose("Language of emails", "Deutsch")
    profile.press("Save")
    profile.see("Saved.")
    saved_as = me(person)
    assert saved_as["firstName"] == "<b>Augusta</b>"
    assert (saved_as["company"], saved_as["language"]) == ("Analytical Engines", "de")
    profile.do(lambda page: page.reload())
    profile.see("Last name")
    profile.see_value("First name", "<b>Augusta</b>")


def test_what_was_changed_elsewhere_meanwhile_stays(profile: Screen, person: Person) -> None:
    """Only the fields that the user has changed here are sent."""
    person.call("PATCH", "/auth/me", {"company": "Elsewhere Ltd."})
    profile.fill("Last name", "King")
    profile.press("Save")
    profile.see("Saved.")
    saved_as = me(person)
    assert (saved_as["lastName"], saved_as["company"]) == ("King", "Elsewhere Ltd.")


def test_a_name_that_is_refused_stays_in_its_field(profile: Screen, person: Person) -> None:
    """The field says what is wrong and has the focus; nothing is changed."""
    profile.fill("First name", "x" * 101)
    profile.press("Save")
    profile.do(lambda page: page.locator(".fault").first.wait_for())
    profile.see_value("First name", "x" * 101)
    assert me(person)["firstName"] == "Ada"


def test_an_address_is_verified_by_the_code_of_an_email(
    profile: Screen, person: Person, mailbox_of: MailboxOf
) -> None:
    """A wrong code is refused and can be corrected; afterwards the page says that the address is confirmed."""
    mailbox = mailbox_of(person.email)
    mailbox.next("verify-email")
    profile.see("Not confirmed")
    profile.press("Confirm the address")
    profile.see("An email is on its way")
    code = mailbox.next("verify-email").code
    profile.fill("Code", "0000-0000")
    profile.press("Confirm")
    profile.see("Request ")
    profile.fill("Code", code)
    profile.press("Confirm")
    profile.see(f"{person.email} is confirmed.")
    profile.see_no("Not confirmed")
    assert me(person)["emailVerified"] is True


def test_another_address_is_proved_before_it_counts(
    profile: Screen, person: Person, mailbox_of: MailboxOf
) -> None:
    """The new address gets a code. Until it is typed, the old one stays."""
    email = f"{uuid4()}@example.org"
    profile.press("Change the address")
    profile.fill("New email address", email)
    profile.press("Send the email")
    profile.see(f"An email is on its way to {email}")
    assert me(person)["email"] == person.email
    profile.fill("Code", mailbox_of(email).next("change-email").code)
    profile.press("Confirm")
    profile.see(f"{email} is confirmed.")
    profile.see(f"Logged in as {email}")
    assert me(person)["email"] == email


def test_a_change_of_the_address_asks_for_a_recent_proof(
    screen: Screen, person: Person, laptop: Laptop
) -> None:
    """The password is asked for; cancelled, nothing is done and what was typed stays."""
    log_in(screen, person)
    age_proofs(laptop, person)
    screen.open("/account")
    screen.press("Change the address")
    screen.fill("New email address", "ada@example.org")
    screen.press("Send the email")
    screen.see_heading("Please confirm that it is you")
    screen.press("Cancel", within="Please confirm that it is you")
    screen.see("Not done, because it was not confirmed.")
    screen.see_value("New email address", "ada@example.org")
    screen.press("Send the email")
    screen.fill("Password", PASSWORD)
    screen.press("Confirm", within="Please confirm that it is you")
    screen.see("An email is on its way to ada@example.org")


def test_everything_about_the_user_is_downloaded_as_a_file(profile: Screen, person: Person) -> None:
    """One JSON object per line, as the API streams it."""
    name, text = profile.saved("Download your data")
    assert name.startswith("my-data-")
    assert name.endswith(".ndjson")
    (user,) = [one for one in map(json.loads, text.splitlines()) if one["kind"] == "user"]
    assert user["email"] == person.email
    profile.see("The file is complete.")


def test_the_account_is_deleted_after_its_address_was_typed(
    profile: Screen, person: Person, http: httpx.Client
) -> None:
    """Another address and a wrong password are refused; then no login is left."""
    profile.press("Delete the account")
    profile.see("longest-serving admin")
    profile.fill(f"Type {person.email} to confirm", "somebody@example.com")
    profile.fill("Password", "not the password at all")
    profile.press("Delete the account", within="There is no way back")
    profile.see("This is not your email address.")
    profile.fill(f"Type {person.email} to confirm", person.email.upper())
    profile.press("Delete the account", within="There is no way back")
    profile.see("Request ")
    assert try_login(http, person.email, PASSWORD).status_code == 200
    profile.fill("Password", PASSWORD)
    profile.press("Delete the account", within="There is no way back")
    profile.see_heading("Log in")
    profile.see("Your account is deleted.")
    assert try_login(http, person.email, PASSWORD).status_code == 401
