"""`/authorize` for a program that has registered itself: its name and its address are unchecked."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.console import build
from tests.console.conftest import NewScreen, log_in
from tests.console.letting_in import Waiting, ask, fill_login
from tests.console.screen import Screen
from tests.end_to_end.conftest import start
from tests.end_to_end.person import Person
from tools.laptop import Laptop

CALLBACK = "https://robot.example.com/callback"
NAME = "Helpful Robot"
NOT_CHECKED = "Coditect has not checked this program."
NARROW = {"viewport": {"width": 360, "height": 740}}


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A system at which programs register themselves."""
    given = {"OAUTH_PAGES": "console", "DYNAMIC_CLIENT_REGISTRATION": "open"}
    folder = tmp_path_factory.mktemp("unknown")
    with start(folder, SITE=str(build.site()), **given) as running:
        running.wait_until_ready()
        yield running


@pytest.fixture
def url(laptop: Laptop) -> str:
    """The origin of the console of that system."""
    return f"http://localhost:{laptop.settings.port}"


@pytest.fixture
def unknown(http: httpx.Client) -> dict[str, Any]:
    """The parameters of a program that has named itself."""
    body = {
        "client_name": NAME,
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code"],
        "token_endpoint_auth_method": "none",
    }
    made = http.post("/oauth/register", json=body)
    assert made.status_code == 201, made.text
    return {"client_id": made.json()["client_id"], "redirect_uri": CALLBACK}


def test_the_user_is_warned(screen: Screen, person: Person, unknown: dict[str, Any]) -> None:
    """Before the login and at the question, which names the address; a user who refuses goes there at once."""
    waiting = Waiting(screen, CALLBACK)
    ask(screen, **unknown)
    screen.see(NOT_CHECKED)
    fill_login(screen, person)
    screen.see_heading("Allow access?")
    screen.see(NOT_CHECKED)
    screen.see("https://robot.example.com")
    screen.press("Refuse")
    assert waiting.answer().params["error"] == "access_denied"


def test_nobody_is_sent_on_unasked(screen: Screen, unknown: dict[str, Any]) -> None:
    """Neither by an error nor by a refusal before a login: the page names the host first."""
    waiting = Waiting(screen, CALLBACK)
    for changed in ({"scope": "root"}, {"prompt": "none"}):
        ask(screen, **unknown, **changed)
        screen.see_heading("Go on to another site?")
        screen.do(lambda page: page.wait_for_timeout(300))
        assert screen.path.startswith("/authorize?")
    ask(screen, **unknown)
    screen.press("Refuse")
    screen.see_heading("Go on to another site?")
    screen.press("Back")
    screen.see_heading("Log in")
    screen.press("Refuse")
    screen.press("Go on to https://robot.example.com")
    assert waiting.answer().params["error"] == "access_denied"


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_pages_are_accessible(
    new_screen: NewScreen, person: Person, unknown: dict[str, Any], look: str
) -> None:
    """On a small screen, in both appearances, in German, too: axe finds nothing, and nothing is cut off."""
    screen = new_screen(color_scheme=look, **NARROW)
    ask(screen, **unknown, scope="root")
    screen.see_heading("Go on to another site?")
    assert (screen.faults(), screen.overflow()) == ([], 0)
    log_in(screen, person)
    ask(screen, **unknown)
    screen.see_heading("Allow access?")
    assert (screen.faults(), screen.overflow()) == ([], 0)
    screen.choose("Language", "Deutsch")
    screen.see_heading("Zugriff erlauben?")
    screen.see("Jeder kann einem Programm diesen Namen geben.")
    assert screen.overflow() == 0
