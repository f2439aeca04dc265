"""The page of logins."""

import httpx
import pytest

from tests.console.screen import Screen
from tests.end_to_end.person import PASSWORD, Person

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
STRANGE = "<script>alert(1)</script>"


def login_with(http: httpx.Client, person: Person, user_agent: str) -> Person:
    """A login of another device."""
    body = {"email": person.email, "password": PASSWORD}
    answer = http.post("/api/v5/auth/login", json=body, headers={"user-agent": user_agent})
    data = answer.json()["data"]
    return Person(http, person.email, data, data["tokens"])


@pytest.fixture
def others(http: httpx.Client, person: Person) -> tuple[Person, Person]:
    """The user on two further devices."""
    return login_with(http, person, FIREFOX), login_with(http, person, STRANGE)


@pytest.fixture
def devices(others: object, logged_in: Screen) -> Screen:
    """A tab at the page."""
    assert others
    logged_in.open("/account/devices")
    logged_in.see("This device")
    return logged_in


def test_devices_have_names_that_people_know(devices: Screen) -> None:
    """This one is marked and first. What a program says of itself stays text."""
    first = devices.do(lambda page: page.get_by_role("listitem").first.inner_text())
    assert "Chrome on Linux" in first
    assert "This device" in first
    devices.see("Firefox on Windows")
    devices.see(STRANGE)


def test_one_device_is_logged_out(devices: Screen, others: tuple[Person, Person]) -> None:
    """At once, and the others stay. One that is gone meanwhile is said to be."""
    firefox, strange = others
    devices.press("Log out: Firefox on Windows")
    devices.press("Log out", within="It loses its access at once")
    devices.see("The device is logged out.")
    devices.see_no("Firefox on Windows")
    assert firefox.call("GET", "/auth/me").status_code == 401
    assert strange.call("GET", "/auth/me").status_code == 200
    assert strange.call("POST", "/auth/logout", {}).status_code == 200
    devices.press(f"Log out: {STRANGE}")
    devices.press("Log out", within="It loses its access at once")
    devices.see("This device is logged out already.")


def test_all_devices_are_logged_out(
    devices: Screen, others: tuple[Person, Person], person: Person
) -> None:
    """This one, too, which then shows the login page."""
    devices.press("Log out everywhere")
    devices.press("Cancel")
    devices.press("Log out everywhere")
    devices.press("Log out everywhere", within="lose their access at once, this device included")
    devices.see_heading("Log in")
    for one in (*others, person):
        assert one.call("GET", "/auth/me").status_code == 401
