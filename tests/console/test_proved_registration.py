"""Registration and login where addresses must be proved first (`REGISTRATION=verified`)."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.console import build
from tests.console.getting_in import give_password, open_link, register
from tests.console.screen import Screen
from tests.end_to_end.account import NEW_PASSWORD
from tests.end_to_end.conftest import client, start
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import PASSWORD, Person, new_person
from tools.laptop import Laptop


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the system."""
    return tmp_path_factory.mktemp("verified")


@pytest.fixture(scope="module")
def unproved(folder: Path) -> list[Person]:
    """Users from the time when an address did not have to be proved."""
    build.site()
    with start(folder) as running, client(running) as http:
        running.wait_until_ready()
        return [new_person(http) for _ in range(3)]


@pytest.fixture(scope="module")
def laptop(folder: Path, unproved: list[Person]) -> Iterator[Laptop]:
    """The system since then."""
    assert unproved
    with start(folder, SITE=str(build.site()), REGISTRATION="verified") as running:
        running.wait_until_ready()
        yield running


@pytest.fixture(scope="module")
def url(laptop: Laptop) -> str:
    """The origin of its console."""
    return f"http://localhost:{laptop.settings.port}"


@pytest.fixture
def email() -> str:
    """An address without an account."""
    return f"{uuid4()}@example.com"


@pytest.fixture
def mails(email: str, mailbox_of: Callable[[str], Mailbox]) -> Mailbox:
    """The emails to it."""
    return mailbox_of(email)


@pytest.fixture
def waiting(screen: Screen, email: str) -> Screen:
    """A tab in which the address was registered."""
    screen.open("/register")
    register(screen, email)
    screen.see_heading("Look into your mailbox")
    screen.see(f"We have sent an email to {email}.")
    assert screen.faults() == []
    return screen


def test_the_code_of_the_email_goes_on_in_the_same_tab(waiting: Screen, mails: Mailbox) -> None:
    """The page knows address and password: the code makes the account, and logs in."""
    waiting.fill("Code", "AAAA-AAAA")
    waiting.press("Confirm and log in")
    waiting.see("The link or the code is wrong, was used already, or has expired.")
    waiting.fill("Code", mails.next("confirm-registration").code.lower().replace("-", " "))
    waiting.press("Confirm and log in")
    waiting.see_heading("Sessions")
    assert PASSWORD not in waiting.kept()


def test_the_link_of_the_email_takes_the_password(
    waiting: Screen, mails: Mailbox, email: str
) -> None:
    """In another tab the password of the registration makes the account, and logs in."""
    tab = waiting.another()
    open_link(tab, mails.next("confirm-registration"))
    tab.see_heading("Confirm your registration")
    tab.fill("Password of your registration", PASSWORD)
    tab.press("Confirm and log in")
    tab.see_heading("Sessions")
    tab.see(f"Logged in as {email}")
    waiting.see_heading("Sessions")


def test_the_email_can_be_sent_again(waiting: Screen, mails: Mailbox) -> None:
    """Another email comes, and its code is good."""
    mails.next("confirm-registration")
    waiting.press("Send the email again")
    waiting.see("We have sent another email.")
    waiting.fill("Code", mails.next("confirm-registration").code)
    waiting.press("Confirm and log in")
    waiting.see_heading("Sessions")


def test_a_login_without_a_proof_goes_on_with_the_code(
    screen: Screen, unproved: list[Person], mailbox_of: Callable[[str], Mailbox]
) -> None:
    """A user who may not log in yet gets an email, can have another one, and keeps the account."""
    person = unproved[0]
    mails = mailbox_of(person.email)
    mails.next("verify-email")
    screen.open("/login")
    give_password(screen, person.email)
    screen.see_heading("Confirm your email address")
    mails.next("verify-email")
    screen.press("Send the email again")
    screen.see("We have sent another email.")
    screen.fill("Code", mails.next("verify-email").code)
    screen.press("Confirm and log in")
    screen.see_heading("Sessions")
    screen.see(f"Logged in as {person.email}")


def test_a_login_on_the_way_of_the_link_uses_its_token(
    screen: Screen, unproved: list[Person], mailbox_of: Callable[[str], Mailbox]
) -> None:
    """Who comes by the link and logs in only confirms: the right password keeps the account."""
    person = unproved[1]
    open_link(screen, mailbox_of(person.email).next("verify-email"))
    screen.follow("Log in")
    give_password(screen, person.email)
    screen.see("Your password is right. Confirm now that")
    screen.press("Confirm and log in")
    screen.see_heading("Confirm your email address")
    screen.see(f"Confirm that {person.email} is your email address.")


def test_a_user_who_cannot_log_in_starts_over(
    screen: Screen, unproved: list[Person], mailbox_of: Callable[[str], Mailbox]
) -> None:
    """With a new password the account begins from nothing, which the page says before."""
    person = unproved[2]
    open_link(screen, mailbox_of(person.email).next("verify-email"))
    screen.see("Then the account starts over")
    screen.fill("New password", NEW_PASSWORD)
    screen.press("Confirm the address and start over")
    screen.see("Your address is confirmed, and the account has your new password.")
    screen.follow("Log in")
    give_password(screen, person.email, NEW_PASSWORD)
    screen.see_heading("Sessions")
