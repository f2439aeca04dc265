"""Several tabs of one browser share one login."""

from itertools import product

import pytest

from tests.console.conftest import NewScreen, open_sessions
from tests.console.screen import Screen
from tests.end_to_end.person import PASSWORD, Person
from tests.support.promises import within

REFRESH = "/api/v5/auth/refresh"
HOUR, STEP = 60, 10
"""In minutes."""
SECOND = 1.0


@pytest.fixture
def tabs(new_screen: NewScreen, person: Person) -> tuple[Screen, Screen]:
    """Two tabs of one profile, whose clocks the test moves; the user has logged in in the first."""
    first = new_screen()
    first.do(lambda page: page.context.clock.install())
    open_sessions(first, person)
    second = first.another()
    second.open("/sessions")
    second.see_heading("Sessions")
    return first, second


def refreshes(tab: Screen) -> int:
    """How often a tab has asked for tokens."""
    return sum(address.endswith(REFRESH) for address in tab.requests)


def test_an_hour_in_two_tabs_is_one_login(tabs: tuple[Screen, Screen], person: Person) -> None:
    """Each quarter of an hour one of the tabs refreshes for both, and neither is logged out."""
    first, second = tabs
    before = refreshes(first) + refreshes(second)
    for _ in range(0, HOUR, STEP):
        # The tabs of a profile have one clock.
        first.do(lambda page: page.clock.run_for(STEP * 60_000))
        # Each page that opens makes calls.
        for tab, name in product(tabs, ("Teams", "Sessions")):
            tab.follow(name)
            tab.see_heading(name)
    after = refreshes(first) + refreshes(second)
    assert 3 <= after - before <= 4
    logins = person.call("GET", "/auth/logins").json()["data"]["logins"]
    # That of the registration, and that of the browser.
    assert len(logins) == 2


def test_a_logout_in_one_tab_shows_in_the_other_within_a_second(
    tabs: tuple[Screen, Screen],
) -> None:
    """The other tab shows the login page, and nothing of what it showed before."""
    first, second = tabs
    first.press("Log out")
    limit = within(SECOND) * 1000
    second.do(lambda page: page.get_by_role("heading", name="Log in").wait_for(timeout=limit))
    second.see_no("Sessions")
    first.see_heading("Log in")


def test_a_login_in_one_tab_shows_in_the_other(new_screen: NewScreen, person: Person) -> None:
    """A tab that waits at the login goes on as soon as the user has logged in in another one."""
    first = new_screen()
    second = first.another()
    second.open("/login")
    second.see_heading("Log in")
    open_sessions(first, person)
    second.see_heading("Sessions")


def test_a_reload_keeps_the_login(at_sessions: Screen) -> None:
    """The access token is gone with the page; the cookie gets another one."""
    at_sessions.do(lambda page: page.reload())
    at_sessions.see_heading("Sessions")


def test_a_login_that_is_ended_elsewhere_leads_to_the_login_page(
    at_sessions: Screen, person: Person
) -> None:
    """The next call is refused, and the page says that the login has ended."""
    fresh = person.http.post(
        "/api/v5/auth/login", json={"email": person.email, "password": PASSWORD}
    ).json()["data"]["tokens"]
    ended = person.http.post(
        "/api/v5/auth/logout-all", headers={"authorization": f"Bearer {fresh['accessToken']}"}
    )
    assert ended.status_code == 200
    at_sessions.follow("Teams")
    at_sessions.see_heading("Log in")
    at_sessions.see("Your login has ended. Please log in again.")


def test_nothing_secret_is_kept_where_scripts_read_it(at_sessions: Screen) -> None:
    """Storage, history, script-readable cookies, the address and the console have no token."""
    answer = at_sessions.do(
        lambda page: page.evaluate(
            "fetch('/api/v5/auth/refresh', {method: 'POST', headers: {'X-Coditect-Tokens': 'cookie',"
            " 'content-type': 'application/json'}, body: '{}'}).then((answer) => answer.json())"
        )
    )
    assert set(answer["data"]["tokens"]) == {"accessToken", "tokenType", "expiresIn"}
    kept = at_sessions.kept() + " ".join(at_sessions.messages) + " ".join(at_sessions.requests)
    assert "eyJ" not in kept
    assert PASSWORD not in kept
    cookies = at_sessions.do(lambda page: page.context.cookies())
    assert {one["name"] for one in cookies} == {"__Host-coditect_refresh", "__Host-coditect_device"}
    assert all(one["httpOnly"] and one["secure"] and one["sameSite"] == "Strict" for one in cookies)
