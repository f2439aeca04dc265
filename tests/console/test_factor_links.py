"""A user who has lost all second factors, or takes the first one back."""

from collections.abc import Callable
from typing import NamedTuple

import httpx
import pytest

from tests.console.getting_in import end_waiting_time, give_password, open_link
from tests.console.screen import Screen
from tests.end_to_end.account import NEW_PASSWORD
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import Person
from tests.end_to_end.second_factor import App, equipped
from tools.laptop import Laptop


class User(NamedTuple):
    """A user with second factors, and the emails to the user."""

    person: Person
    app: App
    mails: Mailbox


@pytest.fixture
def user(laptop: Laptop, http: httpx.Client, mailbox_of: Callable[[str], Mailbox]) -> User:
    """A user with a proved address and an app."""
    person, app, _ = equipped(laptop, http)
    return User(person, app, mailbox_of(person.email))


@pytest.fixture
def lost(screen: Screen, user: User) -> Screen:
    """A tab in which the user has given the password, and asked for the email of a recovery."""
    screen.open("/login")
    return ask(screen, user)


def ask(screen: Screen, user: User) -> Screen:
    """Gives the password and asks for the email, at the page of the login."""
    give_password(screen, user.person.email)
    screen.press("I have lost all of them")
    screen.see_heading("All second factors lost?")
    screen.press("Send me the email")
    screen.see("we have sent an email to it")
    assert screen.faults() == []
    return screen


def test_a_recovery_by_codes(lost: Screen, laptop: Laptop, user: User) -> None:
    """The first code begins the waiting time, one after it removes the factors; then the password logs in."""
    lost.fill("Code", user.mails.next("recover-factors").code)
    lost.press("Confirm")
    lost.see("The waiting time has begun.")
    end_waiting_time(laptop, user.person)
    lost.press("Back to the login")
    ask(lost, user)
    lost.fill("Code", user.mails.next("recover-factors").code)
    lost.press("Confirm")
    lost.see("All second factors are removed.")
    lost.press("Back to the login")
    give_password(lost, user.person.email)
    lost.see_heading("Sessions")


def test_a_recovery_by_links(lost: Screen, laptop: Laptop, user: User) -> None:
    """The same by two links, each by a click."""
    open_link(lost, user.mails.next("recover-factors"))
    lost.press("Confirm")
    lost.see("The waiting time has begun.")
    end_waiting_time(laptop, user.person)
    lost.follow("Log in")
    ask(lost, user)
    open_link(lost, user.mails.next("recover-factors"))
    lost.press("Confirm")
    lost.see("All second factors are removed.")
    lost.follow("Log in")
    give_password(lost, user.person.email)
    lost.see_heading("Sessions")


def test_a_login_tells_of_a_recovery_and_cancels_it(lost: Screen, user: User) -> None:
    """The second step names the time, and a second factor keeps all of them."""
    lost.fill("Code", user.mails.next("recover-factors").code)
    lost.press("Confirm")
    lost.press("Back to the login")
    give_password(lost, user.person.email)
    lost.see("Somebody who knows your password has asked to remove all your second factors.")
    lost.fill("Code", user.app.code())
    lost.press("Confirm")
    lost.see_heading("Sessions")
    assert user.mails.next(subject="Your second factors stay")


def test_a_wrong_code_of_a_recovery(lost: Screen) -> None:
    """It is refused, and nothing begins."""
    lost.fill("Code", "AAAA-AAAA")
    lost.press("Confirm")
    lost.see("The link or the code is wrong, was used already, or has expired.")


def test_the_first_second_factor_is_taken_back(screen: Screen, user: User) -> None:
    """A click removes all factors and logins; an email sets a new password, which then logs in alone."""
    open_link(screen, user.mails.next("undo-factor"))
    screen.see_heading("Take back the second factor")
    screen.press("Remove the second factor")
    screen.see("All second factors are removed, and all logins have ended.")
    open_link(screen, user.mails.next("reset-password"))
    screen.fill("New password", NEW_PASSWORD)
    screen.press("Set the password")
    screen.follow("Log in")
    give_password(screen, user.person.email, NEW_PASSWORD)
    screen.see_heading("Sessions")
