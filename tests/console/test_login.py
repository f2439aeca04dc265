"""The page of the login: passwords, second factors, passkeys, and where the user goes on."""

from typing import NamedTuple

import httpx
import pytest

from tests.console.getting_in import give_password
from tests.console.passkeys import Passkeys, new_passkey
from tests.console.screen import Screen
from tests.end_to_end.person import PASSWORD, Person
from tests.end_to_end.second_factor import App, equipped
from tools.laptop import Laptop


class Equipped(NamedTuple):
    """A user with second factors."""

    person: Person
    app: App
    codes: list[str]


@pytest.fixture
def user(laptop: Laptop, http: httpx.Client) -> Equipped:
    """A user with a proved address, an app and recovery codes."""
    return Equipped(*equipped(laptop, http))


@pytest.fixture
def challenged(screen: Screen, user: Equipped) -> Screen:
    """A tab in which the user has given the password."""
    screen.open("/login")
    give_password(screen, user.person.email)
    screen.see_heading("Second step")
    assert screen.faults() == []
    return screen


@pytest.fixture
def refused(screen: Screen, person: Person) -> Screen:
    """A tab in which the user has given a wrong password."""
    screen.open("/login")
    give_password(screen, person.email, "a wrong one, and long enough")
    screen.see("The email address or the password is wrong.")
    return screen


def test_a_wrong_password_is_refused_with_the_id_of_the_request(refused: Screen) -> None:
    """The error is in plain words, and has the id by which an operator finds it."""
    refused.see("Request ")


def test_the_right_password_after_a_wrong_one_logs_in(refused: Screen, person: Person) -> None:
    """What was typed is still there; only the password is typed again."""
    refused.see_value("Email address", person.email)
    refused.fill("Password", PASSWORD)
    refused.press("Log in")
    refused.see_heading("Sessions")
    assert PASSWORD not in refused.kept()


def test_a_login_goes_on_where_the_user_wanted_to_be(screen: Screen, person: Person) -> None:
    """A page that needs a login sends its user to the login, and gets the user back."""
    screen.open("/sessions?order=name")
    give_password(screen, person.email)
    screen.at("/sessions?order=name")


@pytest.mark.parametrize(
    "next_page", ["//evil.example", "https://evil.example", "/\\evil.example", "/%09/evil.example"]
)
def test_a_login_never_goes_on_at_another_site(
    screen: Screen, person: Person, next_page: str
) -> None:
    """An address of another site in `next` is ignored."""
    screen.open(f"/login?next={next_page}")
    give_password(screen, person.email)
    screen.see_heading("Sessions")
    screen.at("/sessions")


def test_a_password_can_be_looked_at(screen: Screen) -> None:
    """A button shows what was typed, and hides it again."""
    screen.open("/login")
    screen.fill("Password", PASSWORD)
    for shown, hidden in (("text", "Show password"), ("password", "Hide password")):
        screen.press(hidden)
        kind = screen.do(
            lambda page: page.get_by_label("Password", exact=True).get_attribute("type")
        )
        assert kind == shown


def test_a_code_of_an_app_logs_in(challenged: Screen, user: Equipped) -> None:
    """A wrong code is refused, the next one is taken."""
    challenged.fill("Code", "000000")
    challenged.press("Confirm")
    challenged.see("The code or the passkey is wrong")
    challenged.fill("Code", user.app.code())
    challenged.press("Confirm")
    challenged.see_heading("Sessions")


def test_a_recovery_code_logs_in(challenged: Screen, user: Equipped) -> None:
    """A user without the app at hand uses one of the recovery codes."""
    challenged.press("Use a recovery code")
    challenged.fill("Recovery code", user.codes[0])
    challenged.press("Confirm")
    challenged.see_heading("Sessions")


def test_the_second_step_can_be_left(challenged: Screen) -> None:
    """The user goes back to the password, and is not logged in."""
    challenged.press("Back to the login")
    challenged.see_heading("Log in")
    challenged.at("/login")


def test_a_login_with_the_keyboard_alone(screen: Screen, user: Equipped) -> None:
    """Both steps: the field of each has the focus."""
    screen.open("/login")
    screen.see_heading("Log in")
    screen.type(user.person.email, "Tab", PASSWORD, "Enter")
    screen.see_heading("Second step")
    screen.type(user.app.code(), "Enter")
    screen.see_heading("Sessions")


@pytest.fixture
def authenticator(screen: Screen) -> Passkeys:
    """A passkey authenticator of the tab's browser."""
    return Passkeys(screen)


def test_a_passkey_logs_in_alone(
    screen: Screen, url: str, person: Person, authenticator: Passkeys
) -> None:
    """A passkey of the account needs neither address nor password."""
    authenticator.take(new_passkey(person, url))
    screen.open("/login")
    screen.press("Log in with a passkey")
    screen.see_heading("Sessions")
    screen.see(f"Logged in as {person.email}")


def test_a_passkey_is_the_second_step(
    screen: Screen, url: str, person: Person, authenticator: Passkeys
) -> None:
    """After the password the passkey signs; it is the first that the page offers."""
    authenticator.take(new_passkey(person, url))
    screen.open("/login")
    give_password(screen, person.email)
    screen.press("Use a passkey")
    screen.see_heading("Sessions")


def test_a_passkey_that_is_missing_is_explained(screen: Screen, authenticator: Passkeys) -> None:
    """A browser without a passkey for this site is told so in plain words."""
    assert authenticator
    screen.open("/login")
    screen.press("Log in with a passkey")
    screen.see("The passkey was not used")
