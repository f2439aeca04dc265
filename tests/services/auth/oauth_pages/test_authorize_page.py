"""The page /oauth/authorize: what a person sees, and what a program gets."""

from dataclasses import replace

import pytest

from kernel.identity.callers import Role
from services.auth.authorizations.repository import AUTHORIZATION_CODES
from services.auth.oauth_clients.model import AuthMethod
from services.auth.oauth_pages import browser
from tests.services.auth.apps import equipped
from tests.services.auth.device_login.harness import CLI
from tests.services.auth.harness import EMAIL, OTHER_PASSWORD, PASSWORD, AuthHarness
from tests.services.auth.oauth_pages.harness import CALLBACK, REQUEST, OAuthPages, Surfer, codes
from tests.support.clock import FixedClock

OTHER = "eve@example.com"


async def test_a_login_and_an_approval(surfer: Surfer, harness: AuthHarness) -> None:
    """The program gets a code, its state and the issuer; the page has said what it asks for."""
    await harness.register()
    asked = await surfer.open()
    assert (asked.status, asked.title) == (200, "Log in")
    assert "Coditect CLI" in asked.text
    allowed = await surfer.log_in()
    assert (allowed.status, allowed.title) == (200, "Allow access?")
    for text in (EMAIL, "Coditect CLI", "coditect-cli", "http://127.0.0.1:8765"):
        assert text in allowed.text
    assert "See your workspace sessions." in allowed.text
    assert "Recognize you when you log in again." in allowed.text
    answered = await surfer.press("approve")
    assert (answered.status, answered.html) == (303, "")
    assert answered.location.startswith(f"{CALLBACK}?")
    assert answered.answer["state"] == REQUEST.state
    assert answered.answer["iss"] == "https://coditect.local"
    assert answered.answer["code"]
    assert await codes(harness) == 1


async def test_a_user_who_is_logged_in(surfer: Surfer, harness: AuthHarness) -> None:
    """The next request is only allowed or denied."""
    await harness.register()
    await surfer.open()
    await surfer.log_in()
    await surfer.press("approve")
    assert (await surfer.open()).title == "Allow access?"
    denied = await surfer.press("deny")
    assert denied.answer == {
        "error": "access_denied",
        "state": REQUEST.state,
        "iss": "https://coditect.local",
    }
    assert await codes(harness) == 1


async def test_cancelling_the_login(surfer: Surfer, harness: AuthHarness) -> None:
    """The program learns that the user has refused."""
    await harness.register()
    await surfer.open()
    assert (await surfer.press("cancel")).answer["error"] == "access_denied"


async def test_a_wrong_password(surfer: Surfer, harness: AuthHarness) -> None:
    """The same page comes for a wrong password, an unknown address and guesses that are stopped."""
    await harness.register()
    await surfer.open()
    shown = []
    for email, password in ((EMAIL, OTHER_PASSWORD), (OTHER, PASSWORD)):
        again = await surfer.log_in(email, password)
        assert (again.status, again.title) == (403, "Log in")
        assert "The email address or the password is wrong." in again.text
        assert "request-7" in again.text
        assert password not in again.html
        shown.append(again.text)
    assert shown[0] == shown[1]
    hashes = harness.passwords.hashes
    for _ in range(harness.settings.guesses_free):
        await surfer.log_in(EMAIL, OTHER_PASSWORD)
    stopped = await surfer.log_in()
    assert (stopped.status, stopped.text) == (403, shown[0])
    assert harness.passwords.hashes == hashes + harness.settings.guesses_free + 1


async def test_the_second_factor(surfer: Surfer, harness: AuthHarness) -> None:
    """A wrong code asks once more; the right one goes on."""
    user = await equipped(harness)
    await surfer.open()
    asked = await surfer.log_in()
    assert (asked.status, asked.title) == (200, "Second factor")
    again = await surfer.press("factor", code="000000")
    assert (again.status, again.title) == (403, "Second factor")
    assert "The code is wrong" in again.text
    code = user.app.code()
    allowed = await surfer.press("factor", code=f"{code[:3]} {code[3:]}")
    assert allowed.title == "Allow access?"
    assert (await surfer.press("approve")).answer["code"]


async def test_a_recovery_code(surfer: Surfer, harness: AuthHarness) -> None:
    """It is taken in the same field."""
    user = await equipped(harness)
    await surfer.open()
    await surfer.log_in()
    assert (await surfer.press("factor", code=user.codes[0])).title == "Allow access?"


async def test_a_challenge_that_has_ended(
    surfer: Surfer, harness: AuthHarness, clock: FixedClock
) -> None:
    """The login begins anew."""
    user = await equipped(harness)
    await surfer.open()
    await surfer.log_in()
    clock.advance(minutes=6)
    asked = await surfer.press("factor", code=user.app.code())
    assert (asked.title, "That took too long" in asked.text) == ("Log in", True)


async def test_the_login_of_the_browser(surfer: Surfer, harness: AuthHarness) -> None:
    """It is one of the user's own devices; its secret rotates with every page."""
    ada = await harness.register()
    await surfer.open()
    await surfer.log_in()
    first = surfer.cookies[browser.LOGIN]
    own = [one for one in await harness.logins_of(ada) if not one.is_grant]
    assert len(own) == 2
    await surfer.open()
    assert surfer.cookies[browser.LOGIN] != first
    assert len(await harness.logins_of(ada)) == 2


async def test_a_logout_everywhere_ends_it(surfer: Surfer, harness: AuthHarness) -> None:
    """The next page asks for the password, and the cookie goes."""
    ada = await harness.register()
    await surfer.open()
    await surfer.log_in()
    await harness.devices.end_all(harness.call(ada))
    expired = await surfer.press("approve")
    assert (expired.title, expired.location) == ("Log in", "")
    assert browser.LOGIN not in surfer.cookies
    assert await codes(harness) == 0


async def test_a_stolen_cookie(pages: OAuthPages, surfer: Surfer, clock: FixedClock) -> None:
    """Two browsers with one secret end the login of both."""
    await pages.auth.register()
    await surfer.open()
    await surfer.log_in()
    thief = Surfer(pages)
    thief.cookies[browser.LOGIN] = surfer.cookies[browser.LOGIN]
    await surfer.open()
    await surfer.open()
    clock.advance(minutes=1)
    assert (await thief.open()).title == "Log in"
    assert (await surfer.open()).title == "Log in"


async def test_another_account(surfer: Surfer, harness: AuthHarness) -> None:
    """The login in the browser ends, and another user logs in."""
    ada = await harness.register()
    await harness.register(OTHER)
    await surfer.open()
    await surfer.log_in()
    assert (await surfer.press("switch")).title == "Log in"
    assert len(await harness.logins_of(ada)) == 1
    assert OTHER in (await surfer.log_in(OTHER)).text


async def test_a_further_login_takes_the_place_of_the_first(
    surfer: Surfer, harness: AuthHarness
) -> None:
    """A browser has one login, also of different users."""
    ada, eve = await harness.register(), await harness.register(OTHER)
    await surfer.open()
    await surfer.log_in()
    for email in (EMAIL, OTHER):
        await surfer.open(prompt="login")
        await surfer.log_in(email)
    assert len(await harness.logins_of(ada)) == 1
    assert len(await harness.logins_of(eve)) == 2


async def test_prompt_login(surfer: Surfer, harness: AuthHarness, clock: FixedClock) -> None:
    """The user proves anew who they are, and the login says so; the address is filled in."""
    await harness.register()
    await surfer.open()
    await surfer.log_in()
    clock.advance(minutes=1)
    asked = await surfer.open(prompt="login")
    assert (asked.title, asked.form("login")["email"]) == ("Log in", EMAIL)
    await surfer.log_in()
    assert (await surfer.press("approve")).answer["code"]


async def test_prompt_select_account(surfer: Surfer, harness: AuthHarness) -> None:
    """The user is asked who logs in."""
    await harness.register()
    await surfer.open()
    await surfer.log_in()
    asked = await surfer.open(prompt="select_account")
    assert (asked.title, asked.form("login")["email"]) == ("Log in", "")


async def test_the_hint_of_a_program(surfer: Surfer) -> None:
    """It is filled in."""
    asked = await surfer.open(login_hint="ada@example.com")
    assert asked.form("login")["email"] == "ada@example.com"


@pytest.mark.parametrize(("seconds", "title"), [(299, "Allow access?"), (301, "Log in")])
async def test_max_age(
    surfer: Surfer, harness: AuthHarness, clock: FixedClock, seconds: int, title: str
) -> None:
    """A login that is too old is not enough, and a new one is."""
    await harness.register()
    await surfer.open()
    await surfer.log_in()
    clock.advance(seconds=seconds)
    assert (await surfer.open(max_age="300")).title == title
    if title == "Log in":
        await surfer.log_in()
    assert (await surfer.press("approve")).answer["code"]


async def test_max_age_of_zero(surfer: Surfer, harness: AuthHarness, clock: FixedClock) -> None:
    """It always asks for a login, which the user has time to answer after."""
    await harness.register()
    await surfer.open()
    await surfer.log_in()
    assert (await surfer.open(max_age="0")).title == "Log in"
    await surfer.log_in()
    clock.advance(seconds=60)
    assert (await surfer.press("approve")).answer["code"]


async def test_an_answer_that_comes_too_late(
    surfer: Surfer, harness: AuthHarness, clock: FixedClock
) -> None:
    """It needs another login."""
    await harness.register()
    await surfer.open(max_age="300")
    await surfer.log_in()
    clock.advance(minutes=10)
    late = await surfer.press("approve")
    assert (late.title, late.location) == ("Log in", "")


async def test_prompt_none(pages: OAuthPages, surfer: Surfer) -> None:
    """Without a page: no login, no consent, and a code where the user has allowed as much before."""
    harness, devices = pages.auth, pages.devices
    web = replace(CLI, auth_method=AuthMethod.BASIC, redirect_uris=(CALLBACK,))
    pages.devices.clients.of[CLI.client_id] = web
    ada = await harness.register()
    assert (await surfer.open(prompt="none")).answer["error"] == "login_required"
    await surfer.open()
    await surfer.log_in()
    assert (await surfer.open(prompt="none")).answer["error"] == "consent_required"
    device = await devices.start(scope="openid sessions:read")
    await devices.approve(ada, device)
    await devices.ask(device, web)
    assert (await surfer.open(prompt="none")).answer["code"]
    more = await surfer.open(prompt="none", scope="openid sessions:write")
    assert more.answer["error"] == "consent_required"
    moved = replace(web, redirect_time=harness.clock.now())
    pages.devices.clients.of[CLI.client_id] = moved
    assert (await surfer.open(prompt="none")).answer["error"] == "consent_required"


async def test_prompt_none_and_an_old_login(
    surfer: Surfer, harness: AuthHarness, clock: FixedClock
) -> None:
    """The program learns that a login is needed."""
    await harness.register()
    await surfer.open()
    await surfer.log_in()
    clock.advance(minutes=10)
    screen = await surfer.open(prompt="none", max_age="300")
    assert screen.answer["error"] == "login_required"


async def test_two_factors_for_a_user_without(surfer: Surfer, harness: AuthHarness) -> None:
    """The page says what is missing, and the program gets no code."""
    await harness.register()
    await surfer.open(acr_values="aal2")
    asked = await surfer.log_in()
    assert "your account has none" in asked.text
    again = await surfer.press("approve")
    assert (again.status, again.location) == (403, "")
    screen = await surfer.open(acr_values="aal2", prompt="none")
    assert screen.answer["error"] == "unmet_authentication_requirements"


async def test_two_factors_for_a_user_with(surfer: Surfer, harness: AuthHarness) -> None:
    """The user has shown them at the login."""
    user = await equipped(harness)
    await surfer.open(acr_values="aal2")
    await surfer.log_in()
    await surfer.press("factor", code=user.app.code())
    assert (await surfer.press("approve")).answer["code"]


async def test_the_choice_of_a_tenant(surfer: Surfer, harness: AuthHarness) -> None:
    """The page lists those of the user, and the code is for the chosen one."""
    ada = await harness.register()
    acme = harness.memberships.put(ada.user.user_id, Role.ADMIN)
    await surfer.open()
    allowed = await surfer.log_in()
    assert "Your personal workspace" in allowed.text
    assert "Acme" in allowed.text
    assert allowed.form("approve")["tenant_id"] == str(ada.tenant.tenant_id)
    await surfer.press("approve", tenant_id=str(acme.tenant_id))
    found = await harness.store.read(lambda tx: AUTHORIZATION_CODES.page(tx, after=None, limit=9))
    assert [code.tenant_id for code in found.items] == [acme.tenant_id]


async def test_a_tenant_of_somebody_else(surfer: Surfer, harness: AuthHarness) -> None:
    """The page says that it cannot be chosen."""
    await harness.register()
    eve = await harness.register(OTHER)
    acme = harness.memberships.put(eve.user.user_id, Role.OWNER)
    await surfer.open()
    await surfer.log_in()
    refused = await surfer.press("approve", tenant_id=str(acme.tenant_id))
    assert (refused.status, "cannot choose" in refused.text) == (404, True)
    assert await codes(harness) == 0


async def test_a_page_of_the_console_keeps_its_login(surfer: Surfer, harness: AuthHarness) -> None:
    """A login on the page does not end the one of the same user elsewhere, with its device secret."""
    await harness.register()
    console = await harness.log_in()
    surfer.cookies["__Host-coditect_device"] = console.device_token
    await surfer.open()
    await surfer.log_in()
    await harness.refresh_login.refresh(console.tokens.refresh_token or "")


async def test_german(surfer: Surfer, harness: AuthHarness) -> None:
    """A browser that asks for it gets every page in it."""
    await harness.register()
    surfer.language = "de"
    asked = await surfer.open()
    assert (asked.title, 'lang="de"' in asked.html) == ("Anmelden", True)
    allowed = await surfer.log_in()
    assert allowed.title == "Zugriff erlauben?"
    assert "Ihre Arbeitssitzungen sehen." in allowed.text
    assert asked.page.headers["content-language"] == "de"
