"""`/device`: devices that a user lets in by their code, or does not."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.cli.command import Command, finish
from tests.console.conftest import NewScreen
from tests.console.letting_in import fill_login
from tests.console.looks import SCHEMES
from tests.console.screen import Screen
from tests.end_to_end.person import PASSWORD, Person
from tests.end_to_end.team import found
from tests.support.plain_http import PLAIN
from tools.laptop import Laptop

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
ELSEWHERE = "in another network"
NARROW = {"viewport": {"width": 360, "height": 740}}


@pytest.fixture
def near(laptop: Laptop) -> Iterator[httpx.Client]:
    """A device in the network of the browser."""
    with httpx.Client(base_url=laptop.settings.url, trust_env=False, verify=PLAIN) as client:
        yield client


@pytest.fixture
def far(laptop: Laptop) -> Iterator[httpx.Client]:
    """A device in another network."""
    transport = httpx.HTTPTransport(local_address="127.9.0.1")
    with httpx.Client(base_url=laptop.settings.url, transport=transport) as client:
        yield client


def begin(device: httpx.Client, scope: str = "sessions:read") -> dict[str, Any]:
    """The codes of a device."""
    form = {"client_id": "coditect-cli", "scope": scope}
    answer = device.post("/oauth/device_authorization", data=form)
    assert answer.status_code == 200, answer.text
    codes: dict[str, Any] = answer.json()
    return codes


def result(device: httpx.Client, codes: dict[str, Any]) -> str:
    """What the device gets: the scope of its tokens, or the error."""
    form = {"grant_type": GRANT, "device_code": codes["device_code"], "client_id": "coditect-cli"}
    answer = device.post("/oauth/token", data=form).json()
    return str(answer.get("scope") or answer["error"])


def test_the_command_logs_in(screen: Screen, person: Person, tmp_path: Path) -> None:
    """`coditect login` shows a code; its user logs in on the page, and lets it in."""
    coditect = Command(tmp_path)
    process = coditect.start("login", "--server", screen.url)
    assert process.stderr
    said = process.stderr.readline() + process.stderr.readline()
    address, code = re.search(r"Open (\S+)\nand enter the code (\S+)", said).groups()  # type: ignore[union-attr]
    screen.open(address.removeprefix(screen.url))
    screen.see("Log in to let a device in.")
    fill_login(screen, person)
    screen.fill("Code", code.lower().replace("-", " "))
    screen.press("Continue")
    screen.see_heading("Let this device in?")
    screen.see("Coditect CLI")
    screen.see_no(ELSEWHERE)
    screen.press("Let in")
    screen.see_heading("The device is let in")
    done = finish(process)
    assert (done.code, done.out) == (0, f"Logged in to {screen.url} as {person.email}.\n"), done.err
    assert coditect("whoami", "--json").json["user"]["email"] == person.email
    screen.follow("Your programs")
    screen.see("Coditect CLI")


def test_a_code_in_the_link(near: httpx.Client, screen: Screen, person: Person) -> None:
    """It outlives the login and leaves the address at once; nothing is asked before its user wants it."""
    codes = begin(near)
    screen.open(f"/oauth/device?user_code={codes['user_code']}")
    screen.see("Log in to let a device in.")
    screen.at("/device")
    fill_login(screen, person)
    screen.see_heading("Let a device in")
    screen.see_value("Code", codes["user_code"])
    assert not any("/api/v5/oauth/device" in one for one in screen.requests)
    assert codes["user_code"] not in screen.kept()
    screen.press("Continue")
    screen.see("See your workspace sessions")
    screen.press("Let in")
    screen.see_heading("The device is let in")
    assert result(near, codes) == "sessions:read"


def test_a_device_elsewhere(far: httpx.Client, logged_in: Screen) -> None:
    """The page warns, shows the address, and the user refuses."""
    codes = begin(far)
    logged_in.open(f"/device?user_code={codes['user_code']}")
    logged_in.press("Continue")
    logged_in.see(ELSEWHERE)
    logged_in.see("127.9.0.1")
    logged_in.press("Refuse")
    logged_in.see_heading("The device is refused")
    assert result(far, codes) == "access_denied"


def test_a_wrong_code(near: httpx.Client, logged_in: Screen) -> None:
    """The page says so, keeps what was typed, and takes another one; an answered code is no more."""
    logged_in.open("/device")
    logged_in.fill("Code", "BBBB-BBBB")
    logged_in.press("Continue")
    logged_in.see("No device waits with this code")
    logged_in.see_value("Code", "BBBB-BBBB")
    codes = begin(near)
    logged_in.fill("Code", codes["user_code"])
    logged_in.press("Continue")
    logged_in.see_heading("Let this device in?")
    second = logged_in.another()
    second.open(f"/device?user_code={codes['user_code']}")
    second.press("Continue")
    second.press("Refuse")
    second.see_heading("The device is refused")
    logged_in.press("Let in")
    logged_in.see("No device waits with this code")
    logged_in.press("Other code")
    logged_in.see_heading("Let a device in")


def test_the_tenant_of_a_device(near: httpx.Client, logged_in: Screen, person: Person) -> None:
    """The user chooses where the device acts."""
    tenant_id = found(person, "Acme")
    codes = begin(near, "openid tenants:read")
    logged_in.open(f"/device?user_code={codes['user_code']}")
    logged_in.press("Continue")
    logged_in.choose("In which team?", "Acme")
    logged_in.press("Let in")
    logged_in.see_heading("The device is let in")
    assert result(near, codes) == "openid tenants:read"
    (grant,) = person.call("GET", "/oauth/grants").json()["data"]["grants"]
    assert grant["tenantId"] == tenant_id


def test_the_keyboard_alone(near: httpx.Client, screen: Screen, person: Person) -> None:
    """From the code to the answer, without a pointer."""
    codes = begin(near)
    screen.open("/device")
    screen.do(lambda page: page.get_by_label("Email address").wait_for())
    screen.type(person.email, "Tab", PASSWORD, "Enter")
    screen.see_heading("Let a device in")
    screen.type(codes["user_code"].lower(), "Enter")
    screen.see_heading("Let this device in?")
    screen.see_focus("Let this device in?")
    screen.tab_to("Let in")
    screen.see_enabled("Let in")
    screen.type("Enter")
    screen.see_heading("The device is let in")


@pytest.mark.parametrize("look", SCHEMES)
def test_the_pages_are_accessible(
    far: httpx.Client, new_screen: NewScreen, person: Person, look: str
) -> None:
    """On a small screen, in both appearances: axe finds nothing, and nothing is cut off."""
    screen = new_screen(color_scheme=look, **NARROW)
    screen.open(f"/device?user_code={begin(far, '')['user_code']}")
    for heading, action in (
        ("Log in", lambda: fill_login(screen, person)),
        ("Let a device in", lambda: screen.press("Continue")),
        ("Let this device in?", lambda: screen.press("Refuse")),
        ("The device is refused", lambda: None),
    ):
        screen.see_heading(heading)
        assert (screen.faults(), screen.overflow()) == ([], 0)
        action()
