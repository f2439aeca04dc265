"""`/authorize`: programs that a user lets in, or does not."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.clients.foreign_programs import SCOPE, Authlib, Client
from tests.console.conftest import NewScreen, log_in
from tests.console.letting_in import ASKED, ConsoleUser, Waiting, ask, fill_login
from tests.console.looks import SCHEMES
from tests.console.screen import Screen
from tests.end_to_end.aging import age_proofs
from tests.end_to_end.authorization import CALLBACK, exchange
from tests.end_to_end.person import PASSWORD, Person, new_person
from tests.end_to_end.team import found, switch
from tools.laptop import Laptop

WEB_CALLBACK = "https://robot.example.com/callback"
SCRIPT = "<img src=x onerror=alert(1)>"
NARROW = {"viewport": {"width": 360, "height": 740}}

Robot = dict[str, Any]


@pytest.fixture
def robot(person: Person) -> Robot:
    """A client with a secret, of an organization of the person, whose name tries to be markup."""
    tenant_id = found(person, "Acme")
    switch(person, tenant_id)
    body = {
        "name": SCRIPT,
        "authMethod": "client_secret_post",
        "grantTypes": ["authorization_code", "refresh_token"],
        "scopes": ["openid", "sessions:read", "offline_access"],
        "redirectUris": [WEB_CALLBACK],
    }
    made = person.call("POST", f"/tenants/{tenant_id}/clients", body)
    assert made.status_code == 201, made.text
    answer: Robot = made.json()["data"]
    return answer


def of(robot: Robot, **more: str) -> dict[str, str]:
    """The parameters of a request of that client."""
    client_id = robot["client"]["clientId"]
    return {"client_id": client_id, "redirect_uri": WEB_CALLBACK, **more}


def redeemed(http: httpx.Client, location: httpx.URL, **form: str) -> int:
    """Whether the program gets tokens for its code."""
    redirect_uri = str(location.copy_with(query=None))
    return exchange(http, location.params["code"], redirect_uri=redirect_uri, **form).status_code


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated via RFC 9864")
def test_a_program_of_others(laptop: Laptop, screen: Screen, person: Person) -> None:
    """Authlib gets tokens by a code with PKCE, and by the code of a device."""
    issuer = laptop.settings.environ["TOKEN_ISSUER"]
    seen = Authlib().run(issuer, Client("coditect-ide", CALLBACK), ConsoleUser(screen, person))
    assert (seen["claims"]["iss"], seen["claims"]["sub"]) == (issuer, person.user_id)
    assert set(seen["scope"].split()) == set(SCOPE.split())
    assert (seen["userinfo"]["email"], seen["deviceUser"]["email"]) == (person.email, person.email)
    assert (seen["rotated"], seen["revoked"]) == (True, "invalid_grant")


def test_what_the_user_sees(http: httpx.Client, screen: Screen, person: Person) -> None:
    """Who asks, for what, for whom, and where the browser goes; the code stays nowhere in the browser."""
    waiting = Waiting(screen)
    ask(screen, login_hint=person.email)
    screen.see("Coditect CLI")
    screen.see_value("Email address", person.email)
    screen.fill("Password", PASSWORD)
    screen.press("Log in")
    screen.see_heading("Allow access?")
    text = screen.text()
    for shown in (person.email, "127.0.0.1:49152", "coditect-cli", "See your workspace sessions"):
        assert shown in text
    assert text.index("See your workspace sessions") < text.index("Do this also while you are away")
    screen.press("Allow")
    location = waiting.answer()
    assert (location.params["state"], redeemed(http, location)) == (ASKED["state"], 200)
    screen.open("/sessions")
    screen.see_heading("Sessions")
    assert location.params["code"] not in screen.kept()
    assert not any(location.params["code"] in one for one in screen.messages)


def test_a_user_who_refuses(new_screen: NewScreen, person: Person) -> None:
    """The program learns it, also before a login."""
    for user in (None, person):
        screen = new_screen()
        waiting = Waiting(screen)
        ask(screen)
        if user:
            fill_login(screen, user)
            screen.see_heading("Allow access?")
        screen.press("Refuse")
        location = waiting.answer()
        assert (location.params["error"], location.params["state"]) == (
            "access_denied", ASKED["state"],
        )  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"redirect_uri": "https://evil.example/"}, "an address that is not its own"),
        ({"client_id": "unknown"}, "not known here"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "has ended or was answered"),
    ],
)
def test_a_wrong_request_leads_nowhere(
    logged_in: Screen, changed: dict[str, str], said: str
) -> None:
    """It is shown, with and without a question to the user, and the browser stays (RFC 9700, section 4.1.1)."""
    for prompt in ("", "none"):
        ask(logged_in, **changed, prompt=prompt)
        logged_in.see_heading("This does not work")
        logged_in.see(said)
        logged_in.do(lambda page: page.wait_for_timeout(300))
        assert logged_in.path.startswith("/authorize?")
    # A parameter that comes twice has no meaning, and no service is asked.
    logged_in.open("/authorize?client_id=coditect-cli&client_id=unknown")
    logged_in.see_heading("This does not work")


def test_without_a_question(
    http: httpx.Client, screen: Screen, person: Person, robot: Robot
) -> None:
    """`prompt=none` gives an error until the user has allowed as much, and then a code, and shows nothing."""
    waiting = Waiting(screen, WEB_CALLBACK)

    def unasked() -> httpx.URL:
        ask(screen, **of(robot, prompt="none"))
        return waiting.answer()

    assert unasked().params["error"] == "login_required"
    log_in(screen, person)
    assert unasked().params["error"] == "consent_required"
    ask(screen, **of(robot))
    screen.see_heading("Allow access?")
    # The client is of one organization, and its name is text.
    screen.see(SCRIPT)
    screen.see("It acts in Acme")
    screen.press("Allow")
    secret = {"client_id": robot["client"]["clientId"], "client_secret": robot["clientSecret"]}
    assert redeemed(http, waiting.answer(), **secret) == 200
    assert redeemed(http, unasked(), **secret) == 200


def test_a_request_that_cannot_be_granted(screen: Screen) -> None:
    """The program of this machine learns it at once."""
    waiting = Waiting(screen)
    ask(screen, scope="root")
    assert waiting.answer().params["error"] == "invalid_scope"


def test_a_program_that_asks_for_a_proof(logged_in: Screen) -> None:
    """`prompt=login`: the password is asked for once, and again after a reload."""
    waiting = Waiting(logged_in)
    ask(logged_in, prompt="login")
    for _ in range(2):
        logged_in.see("Coditect CLI asks for a fresh proof")
        logged_in.fill("Password", "wrong")
        logged_in.press("Confirm")
        logged_in.see("The password is wrong")
        logged_in.fill("Password", PASSWORD)
        logged_in.press("Confirm")
        logged_in.see_heading("Allow access?")
        logged_in.do(lambda page: page.reload())
    logged_in.press("Refuse")
    assert waiting.answer().params["error"] == "access_denied"


def test_a_program_that_asks_for_the_account(
    http: httpx.Client, logged_in: Screen, person: Person
) -> None:
    """`prompt=select_account`: the user goes on as they are, or as another one."""
    other = new_person(http)
    ask(logged_in, prompt="select_account")
    logged_in.press(f"Continue as {person.email}")
    logged_in.see_heading("Allow access?")
    ask(logged_in, prompt="select_account")
    logged_in.press("Other account")
    fill_login(logged_in, other)
    logged_in.see_heading("Allow access?")
    logged_in.see(other.email)
    # With `login` beside it, the user logs in in any case.
    ask(logged_in, prompt="login select_account")
    logged_in.press("Log out and log in")
    fill_login(logged_in, person)
    logged_in.see_heading("Allow access?")
    logged_in.see(person.email)


def test_a_program_that_asks_for_two_factors(logged_in: Screen) -> None:
    """A user without a second factor is told so, and can set one up, or refuse."""
    waiting = Waiting(logged_in)
    ask(logged_in, acr_values="aal2")
    logged_in.see_heading("A second factor is needed")
    logged_in.press("Refuse")
    assert waiting.answer().params["error"] == "access_denied"


def test_an_old_login_is_proved_again(laptop: Laptop, logged_in: Screen, person: Person) -> None:
    """Allowing needs a recent proof, which the page asks for; refusing does not."""
    asyncio.run(age_proofs(laptop, person.user_id))
    waiting = Waiting(logged_in)
    ask(logged_in)
    logged_in.press("Allow")
    logged_in.see_heading("Please confirm that it is you")
    logged_in.press("Cancel")
    logged_in.see("Not done, because it was not confirmed.")
    logged_in.press("Allow")
    logged_in.fill("Password", PASSWORD)
    logged_in.press("Confirm")
    assert "code" in waiting.answer().params


def test_the_language_that_a_program_suggests(new_screen: NewScreen) -> None:
    """`ui_locales` counts unless the user has chosen a language; nothing is stored for it."""
    screen = new_screen()
    ask(screen, ui_locales="fr de-CH")
    screen.see_heading("Anmelden")
    assert "coditect.language" not in screen.kept()
    screen.choose("Sprache", "English")
    screen.see_heading("Log in")
    ask(screen, ui_locales="de")
    screen.see_heading("Log in")


def test_a_registration_on_the_way(screen: Screen) -> None:
    """A user without an account makes one, and comes back to the request."""
    ask(screen)
    screen.follow("Create an account")
    screen.fill("First name", "Ada")
    screen.fill("Last name", "Lovelace")
    screen.fill("Email address", "ada.on.the.way@example.com")
    screen.fill("Password", PASSWORD)
    screen.press("Create the account")
    screen.see_heading("Allow access?")
    screen.see("ada.on.the.way@example.com")


def test_the_keyboard_alone(screen: Screen, person: Person) -> None:
    """From the link of the program back to it, without a pointer."""
    waiting = Waiting(screen)
    ask(screen)
    screen.do(lambda page: page.get_by_label("Email address").wait_for())
    screen.type(person.email, "Tab", PASSWORD, "Enter")
    screen.see_heading("Allow access?")
    screen.see_focus("Allow access?")
    screen.tab_to("Allow")
    screen.see_enabled("Allow")
    screen.type("Enter")
    assert "code" in waiting.answer().params


@pytest.mark.parametrize("look", SCHEMES)
def test_the_pages_are_accessible(
    new_screen: NewScreen, person: Person, look: str, robot: Robot
) -> None:
    """On a small screen, in both appearances: axe finds nothing, and nothing is cut off."""
    screen = new_screen(color_scheme=look, **NARROW)
    ask(screen)
    screen.see_heading("Log in")
    assert (screen.faults(), screen.overflow()) == ([], 0)
    fill_login(screen, person)
    screen.see_heading("Allow access?")
    for changed, heading in (
        (of(robot), "Allow access?"),
        ({"prompt": "login"}, "Please confirm that it is you"),
        ({"prompt": "select_account"}, "Which account?"),
        ({"acr_values": "aal2"}, "A second factor is needed"),
        ({"client_id": "unknown"}, "This does not work"),
    ):
        ask(screen, **changed)
        screen.see_heading(heading)
        assert (screen.faults(), screen.overflow()) == ([], 0)
