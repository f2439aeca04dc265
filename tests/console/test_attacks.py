"""What others try with the pages and the tabs of a user."""

import asyncio
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import log_in, open_sessions
from tests.console.letting_in import Waiting, ask
from tests.console.screen import Screen
from tests.end_to_end.aging import age_proofs
from tests.end_to_end.browser import Browser
from tests.end_to_end.late_answers import LateAnswers
from tests.end_to_end.pages import Pages
from tests.end_to_end.person import PASSWORD, Person, new_person
from tests.end_to_end.programs import script_of, service_account
from tests.end_to_end.team import become_member, found, invite, switch
from tools.laptop import Laptop

MARKUP = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
TURNED = "Ada \u202e(renwo)"
# Names that every object of JavaScript has.
INHERITED = ("__proto__", "constructor", "toString")

_HEAR = "window.alert = () => { window.ran = true; };"
_RAN = """[window.ran === true, document.querySelectorAll("img[src=x], [onerror]").length,
  [...document.scripts].filter((one) => one.text.includes("alert")).length]"""
_OPEN_ALL = 'for (const one of document.querySelectorAll("details")) one.open = true'
# What the client tells the other tabs after a login.
_LOG_IN_UNHEARD = """async ([email, password]) => {
  const answer = await fetch("/api/v5/auth/login", {
    method: "POST", headers: { "X-Coditect-Tokens": "cookie", "Content-Type": "application/json" },
    body: JSON.stringify({ email, password }) });
  const { data: { user, tenant, tokens } } = await answer.json();
  new BroadcastChannel("coditect").postMessage({ state: { status: "signedIn", user, tenant },
    access: { token: tokens.accessToken, until: Date.now() + 900_000 }, time: Date.now() });
}"""
_FOCUS_AND_PRESS = "(one) => { dispatchEvent(new Event('focus')); one.click(); }"
_PRESS_AT_ONCE = """(name) => {
  new MutationObserver(() => {
    for (const one of document.querySelectorAll("button")) if (one.innerText.trim() === name) one.click();
  }).observe(document, { childList: true, subtree: true });
}"""


def answers(screen: Screen) -> int:
    """How many answers to programs a tab has sent."""
    return sum(one.endswith("/oauth/authorizations") for one in screen.requests)


def log_in_unheard(screen: Screen, person: Person) -> None:
    """Another user logs in in another tab of the profile, with no logout before."""
    other = screen.another()
    other.open("/docs")
    other.do(lambda page: page.evaluate(_LOG_IN_UNHEARD, [person.email, PASSWORD]))


@pytest.fixture
def colleague(http: httpx.Client, person: Person, acme: str) -> Person:
    """Another user, who acts in the same organization."""
    colleague = new_person(http)
    become_member(person, acme, colleague)
    assert switch(colleague, acme).status_code == 200
    return colleague


def test_names_stay_text(screen: Screen, http: httpx.Client, person: Person) -> None:
    """Wherever somebody's words are shown, also to others: markup is not run, and no name breaks a page."""
    tenant_id = found(person, MARKUP)
    assert switch(person, tenant_id).status_code == 200
    member = new_person(http)
    member.call("PATCH", "/auth/me", {"firstName": MARKUP, "lastName": TURNED})
    become_member(person, tenant_id, member)
    made = person.call("POST", "/sessions", {"name": MARKUP, "state": {MARKUP: MARKUP}})
    for name in (MARKUP, *INHERITED):
        service_account(person, tenant_id, name=name)
        script_of(person, name=name)
    credentials = {"email": person.email, "password": PASSWORD}
    http.post("/api/v5/auth/login", json=credentials, headers={"user-agent": MARKUP})
    screen.do(lambda page: page.add_init_script(_HEAR))
    open_sessions(screen, person)
    team = f"/teams/{tenant_id}"
    sections = (
        "",
        "/invitations",
        "/policy",
        "/audit",
        "/settings",
        "/service-accounts",
        "/clients",
    )
    account = ("", "/security", "/devices", "/activity", "/tokens", "/programs")
    session = f"/sessions/{made.json()['data']['sessionId']}"
    for path in (
        *("/sessions", session, "/teams"),
        *(team + one for one in sections),
        *(f"/account{one}" for one in account),
    ):
        screen.open(path)
        screen.do(lambda page: page.wait_for_load_state("networkidle"))
        screen.do(lambda page: page.evaluate(_OPEN_ALL))
        assert screen.do(lambda page: page.evaluate(_RAN)) == [False, 0, 0], path
        text = screen.text()
        assert "This page is broken." not in text, path
        # What names a tenant, a member or a token is in it, as it was typed.
        assert MARKUP in text or path.startswith("/account"), path
        assert "\u202e" not in text, path


def test_a_path_that_looks_like_another_site_keeps_no_token(screen: Screen) -> None:
    """The token of a link leaves the address even if browsers read the path as a host."""
    screen.open("//evil.example/reset-password#token=hunter2")
    screen.see_heading("There is no such page.")
    assert "hunter2" not in screen.do(lambda page: page.evaluate("location.href")) + screen.kept()


def test_the_token_of_a_link_goes_nowhere_by_itself(screen: Screen) -> None:
    """Opening a link calls nothing but for a login, and neither a reload nor the way back brings the token again."""
    screen.open("/undo-email#token=hunter2")
    screen.see_heading("Keep your email address")
    screen.do(lambda page: page.wait_for_timeout(500))
    calls = {urlsplit(one).path for one in screen.requests if "/api/" in one}
    assert calls == {"/api/v5/auth/refresh"}
    screen.do(lambda page: page.reload())
    screen.see_heading("Keep your email address")
    screen.do(lambda page: expect(page.get_by_role("button")).to_have_count(0))
    screen.open("/login")
    screen.do(lambda page: page.go_back())
    screen.see_heading("Keep your email address")
    assert "hunter2" not in screen.do(lambda page: page.content()) + screen.kept()


def test_what_one_user_typed_is_not_sent_by_another(
    screen: Screen, person: Person, colleague: Person
) -> None:
    """A user who takes the place of another one in the same organization gets no form of theirs."""
    log_in(screen, person)
    screen.open("/account")
    screen.fill("First name", "Private")
    log_in_unheard(screen, colleague)
    screen.see(colleague.email)
    screen.see_value("First name", "Ada")
    screen.see_no("Private")


def test_an_answer_to_one_user_is_not_shown_to_the_next(
    screen: Screen, person: Person, colleague: Person
) -> None:
    """A team whose answer comes after another user has logged in is neither named nor opened."""
    log_in(screen, person)
    screen.open("/teams")
    screen.press("New team")
    screen.fill("Name of the team", "Secret Rockets")
    late = screen.do(lambda page: LateAnswers(page, "/api/v5/tenants"))
    screen.press("Create team")
    screen.do(lambda _: late.wait())
    log_in_unheard(screen, colleague)
    screen.see(colleague.email)
    screen.do(lambda _: late.send())
    screen.see_no("Secret Rockets")
    screen.at("/teams")


def test_an_answer_that_comes_after_a_logout_shows_no_login(
    at_sessions: Screen, person: Person
) -> None:
    """A page that waits for its calls when another tab logs out shows the login, and stays there."""
    other = at_sessions.another()
    other.open("/sessions")
    other.see_heading("Sessions")
    late = other.do(lambda page: LateAnswers(page, "/api/v5/tenants", "GET"))
    who = other.do(lambda page: LateAnswers(page, "/api/v5/auth/me", "GET"))
    other.follow("Teams")
    other.do(lambda _: late.wait())
    other.do(
        lambda page: page.evaluate(
            "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
        )
    )
    other.do(lambda _: who.wait())
    at_sessions.press("Log out")
    other.see_heading("Log in")
    other.do(lambda _: (late.send(), who.send()))
    other.see_heading("Log in")
    other.see_no(person.email)
    at_sessions.see_heading("Log in")


def test_a_question_for_a_proof_ends_with_its_user(
    laptop: Laptop, screen: Screen, person: Person, colleague: Person
) -> None:
    """The proof of another user does not carry out what was asked for before."""
    asyncio.run(age_proofs(laptop, person.user_id))
    open_sessions(screen, person)
    asyncio.run(age_proofs(laptop, person.user_id))
    screen.do(lambda page: page.reload())
    screen.open("/account/devices")
    screen.press("Log out everywhere")
    screen.press("Log out everywhere", within="every")
    screen.do(lambda page: page.get_by_label("Password", exact=True).wait_for())
    log_in_unheard(screen, colleague)
    screen.see(colleague.email)
    screen.do(lambda page: expect(page.get_by_role("dialog")).to_have_count(0))
    assert not [one for one in screen.requests if one.endswith("/auth/logout-all")][1:]


def test_a_press_that_comes_too_early_lets_no_program_in(at_sessions: Screen) -> None:
    """The second click of a double click that began at another site is no answer; a later one is."""
    waiting = Waiting(at_sessions)
    at_sessions.do(lambda page: page.add_init_script(f"({_PRESS_AT_ONCE})('Allow')"))
    ask(at_sessions)
    at_sessions.see_enabled("Allow")
    # The window of the other site closes, and this one gets the focus.
    at_sessions.do(lambda page: page.get_by_text("Allow", exact=True).evaluate(_FOCUS_AND_PRESS))
    at_sessions.do(lambda page: page.wait_for_timeout(600))
    assert answers(at_sessions) == 0
    at_sessions.press("Allow")
    assert "code" in waiting.answer().params


def test_a_press_that_comes_too_early_accepts_no_invitation(
    screen: Screen, http: httpx.Client, person: Person, acme: str
) -> None:
    """Somebody who invites knows the link, and can lead a double click to its page."""
    guest = new_person(http)
    token = invite(person, acme, guest.email)["token"]
    open_sessions(screen, guest)
    screen.do(lambda page: page.add_init_script(f"({_PRESS_AT_ONCE})('Accept the invitation')"))
    screen.open(f"/invitations#token={token}")
    screen.see_enabled("Accept the invitation")
    screen.do(
        lambda page: page.get_by_text("Accept the invitation", exact=True).evaluate(
            _FOCUS_AND_PRESS
        )
    )
    screen.do(lambda page: page.wait_for_timeout(600))
    assert not [one for one in screen.requests if one.endswith("/invitations/accept")]
    screen.press("Accept the invitation")
    screen.see("Acme Rockets")


def test_a_key_that_is_held_lets_no_program_in(logged_in: Screen) -> None:
    """A key that went down at another site, and repeats here, is no answer."""
    ask(logged_in)
    devtools = logged_in.devtools()

    def hold(page: Page, key: str, text: str) -> None:
        allow = page.get_by_role("button", name="Allow", exact=True)
        expect(allow).to_be_enabled()
        allow.focus()
        event = {"key": key, "code": key, "text": text, "windowsVirtualKeyCode": ord(text)}
        for _ in range(5):
            devtools.send(
                "Input.dispatchKeyEvent", {"type": "keyDown", "autoRepeat": True, **event}
            )
        devtools.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})
        page.wait_for_timeout(300)

    for key, text in (("Enter", "\r"), (" ", " ")):
        logged_in.do(lambda page, key=key, text=text: hold(page, key, text))  # type: ignore[misc]
        assert answers(logged_in) == 0


def test_a_page_that_the_browser_kept_shows_no_login_that_has_ended(
    at_sessions: Screen, person: Person
) -> None:
    """After the way back from another site, the page asks whether its user is still logged in."""
    ended = person.call("POST", "/auth/logout-all")
    assert ended.status_code == 200, ended.text
    event = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
    at_sessions.do(lambda page: page.evaluate(event))
    at_sessions.see_heading("Log in")
    at_sessions.see_no(person.email)


def test_nothing_comes_back_after_a_logout(at_sessions: Screen, person: Person) -> None:
    """Neither the way back nor a reload shows anything of the user."""
    at_sessions.follow("Profile")
    at_sessions.see_heading("Profile")
    at_sessions.press("Log out")
    at_sessions.see_heading("Log in")
    for act in ("history.back()", "location.reload()"):
        at_sessions.do(lambda page, act=act: page.evaluate(act))  # type: ignore[misc]
        at_sessions.see_heading("Log in")
        at_sessions.see_no(person.email)
        assert person.email not in at_sessions.kept()


def test_a_page_of_others_loses_the_window_that_it_opened(chromium: Browser, url: str) -> None:
    """It can neither see nor move the window of the console, and the console does not see it either."""
    with Pages() as pages:
        page = chromium.page()

        def attack() -> tuple[bool, bool, str]:
            page.goto(f"{pages.origin('127.0.0.1')}/hostile.html")
            with page.context.expect_page() as opening:
                page.evaluate("(url) => { window.victim = open(url); }", f"{url}/login")
            victim = opening.value
            victim.get_by_role("heading", name="Log in").wait_for()
            page.evaluate("victim.location = 'about:blank'; victim.postMessage('x', '*'); null")
            victim.wait_for_timeout(300)
            return page.evaluate("victim.closed"), victim.evaluate("opener === null"), victim.url

        assert chromium.do(attack) == (True, True, f"{url}/login")
        chromium.do(page.context.close)
