"""What others do to the pages: forged forms, frames, redirects and script."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from kernel.identity.callers import Role
from services.auth.authorizations.model import AuthorizationParameters
from services.auth.oauth_clients.model import ClientOrigin
from services.auth.oauth_pages import browser
from services.auth.oauth_pages.rendering import render
from tests.services.auth.apps import equipped
from tests.services.auth.device_login.harness import CLI
from tests.services.auth.harness import EMAIL, PASSWORD, AuthHarness
from tests.services.auth.oauth_pages.harness import CALLBACK, OAuthPages, Screen, Surfer, codes
from tests.support.clock import FixedClock

SCRIPT = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
FOREIGN = ["https://evil.example", "null", "", "https://coditect.local.evil.example"]
OTHER = "eve@example.com"


def nothing_runs(screen: Screen) -> bool:
    """Whether a page has no script, no handler of an event, and nothing that is loaded."""
    harmless = all(
        tag not in {"script", "img", "iframe", "object", "embed", "svg", "base"}
        and not any(name.startswith("on") or name in {"src", "srcset"} for name in given)
        for tag, given in screen.tags
    )
    links = [given["href"] for tag, given in screen.tags if tag in {"a", "link"}]
    return harmless and links in ([], ["data:,"])


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_form_of_another_origin(surfer: Surfer, harness: AuthHarness, origin: str) -> None:
    """Nothing is done, even with the token of the page and the cookies of the user."""
    ada = await harness.register()
    await surfer.open()
    refused = await surfer.press("login", origin=origin, email=EMAIL, password=PASSWORD)
    assert (refused.status, refused.title) == (403, "This does not work")
    assert browser.LOGIN not in surfer.cookies
    assert len(await harness.logins_of(ada)) == 1
    await surfer.open()
    allowed = await surfer.log_in()
    for step in ("approve", "deny", "switch"):
        surfer.screen = allowed
        refused = await surfer.press(step, origin=origin)
        assert (refused.status, refused.location) == (403, "")
    assert await codes(harness) == 0
    assert len(await harness.logins_of(ada)) == 2


@pytest.mark.parametrize("token", ["", "x", "A" * 54, "é", "A" * 10_000])
async def test_a_form_without_a_good_token(
    surfer: Surfer, harness: AuthHarness, token: str
) -> None:
    """Nothing is done; the page comes once more."""
    ada = await harness.register()
    await surfer.open()
    again = await surfer.press("login", form_token=token, email=EMAIL, password=PASSWORD)
    assert (again.status, again.title) == (403, "Log in")
    assert len(await harness.logins_of(ada)) == 1
    await surfer.log_in()
    again = await surfer.press("approve", form_token=token)
    assert (again.status, again.title, again.location) == (403, "Allow access?", "")
    assert await codes(harness) == 0


async def test_the_token_of_another_session(pages: OAuthPages, surfer: Surfer) -> None:
    """A form that an attacker got for their own login does not count in the browser of the user."""
    harness = pages.auth
    await harness.register()
    await harness.register(OTHER)
    attacker = Surfer(pages)
    await attacker.open()
    theirs = (await attacker.log_in(OTHER)).form("approve")
    await surfer.open()
    await surfer.log_in()
    refused = await surfer.post({**theirs, "step": "approve"})
    assert (refused.status, refused.location) == (403, "")
    assert await codes(harness) == 0


async def test_the_token_of_another_request(surfer: Surfer, harness: AuthHarness) -> None:
    """What the user was shown is what is answered: no other scope, client, redirect URI or tenant's page."""
    await harness.register()
    await surfer.open()
    form = (await surfer.log_in()).form("approve")
    for changed in (
        {"scope": "openid sessions:read sessions:write"},
        {"redirect_uri": "http://127.0.0.1:9999/callback"},
        {"client_id": "other"},
        {"state": "another"},
        {"code_challenge": "a" * 43},
        {"nonce": "another"},
    ):
        refused = await surfer.post({**form, **changed, "step": "approve"})
        assert (refused.status, refused.location) == (403, "")
    assert await codes(harness) == 0


async def test_the_token_of_another_step(surfer: Surfer, harness: AuthHarness) -> None:
    """That of a login approves nothing."""
    await harness.register()
    token = (await surfer.open()).form("login")["form_token"]
    await surfer.log_in()
    refused = await surfer.press("approve", form_token=token)
    assert (refused.status, refused.location) == (403, "")


async def test_a_page_that_was_open_for_too_long(
    surfer: Surfer, harness: AuthHarness, clock: FixedClock
) -> None:
    """It is shown anew."""
    await harness.register()
    await surfer.open()
    clock.advance(minutes=61)
    again = await surfer.log_in()
    assert (again.status, again.title) == (403, "Log in")
    assert (await surfer.log_in()).title == "Allow access?"


async def test_a_forged_login(pages: OAuthPages, surfer: Surfer) -> None:
    """A site cannot log its visitors in to the account of the attacker: it knows no token of theirs."""
    harness = pages.auth
    await harness.register(OTHER)
    attacker = Surfer(pages)
    theirs = (await attacker.open()).form("login")
    await surfer.open()
    forged = {**theirs, "step": "login", "email": OTHER, "password": PASSWORD}
    for origin in ("https://evil.example", "https://coditect.local"):
        assert (await surfer.post(forged, origin=origin)).status == 403
        assert browser.LOGIN not in surfer.cookies


async def test_a_fixed_visit(pages: OAuthPages, surfer: Surfer) -> None:
    """A name of a visit that an attacker has put into the browser is worth nothing after the login."""
    harness = pages.auth
    await harness.register()
    attacker = Surfer(pages)
    await attacker.open()
    known = attacker.cookies[browser.VISIT]
    surfer.cookies[browser.VISIT] = known
    await surfer.open()
    allowed = await surfer.log_in()
    assert browser.VISIT not in surfer.cookies
    assert (await attacker.open()).title == "Log in"
    refused = await attacker.post({**allowed.form("approve"), "step": "approve"})
    assert (refused.title, refused.location) == ("Log in", "")
    assert await codes(harness) == 0


async def test_a_fixed_login(pages: OAuthPages, surfer: Surfer) -> None:
    """A login of the attacker that is in the browser ends when the user logs in."""
    harness = pages.auth
    await harness.register()
    eve = await harness.register(OTHER)
    attacker = Surfer(pages)
    await attacker.open()
    await attacker.log_in(OTHER)
    surfer.cookies = dict(attacker.cookies)
    await surfer.open(prompt="login")
    assert EMAIL in (await surfer.log_in()).text
    assert surfer.cookies[browser.LOGIN] != attacker.cookies[browser.LOGIN]
    assert (await attacker.open()).title == "Log in"
    assert len(await harness.logins_of(eve)) == 1


async def test_the_second_factor_is_not_skipped(surfer: Surfer, harness: AuthHarness) -> None:
    """Neither the form of the password nor that of the approval goes past it."""
    await equipped(harness)
    await surfer.open()
    form = (await surfer.log_in()).form("factor")
    assert browser.LOGIN not in surfer.cookies
    for step in ("approve", "login"):
        again = await surfer.post({**form, "step": step, "email": EMAIL, "password": "x"})
        assert (again.title, again.location) == ("Log in", "")
    assert browser.LOGIN not in surfer.cookies


async def test_the_challenge_of_another_user(pages: OAuthPages, surfer: Surfer) -> None:
    """A challenge counts only in the form that it was given in."""
    harness = pages.auth
    user = await equipped(harness)
    attacker = Surfer(pages)
    await attacker.open()
    theirs = (await attacker.log_in()).form("factor")
    await surfer.open()
    mine = (await surfer.log_in()).form("factor")
    swapped = {**mine, "challenge": theirs["challenge"], "step": "factor", "code": user.app.code()}
    assert (await surfer.post(swapped)).title == "Log in"
    assert browser.LOGIN not in surfer.cookies


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "http://127.0.0.1:8765.evil.example/callback"},
        {"redirect_uri": "http://127.0.0.1:8765/callback/../evil"},
        {"redirect_uri": "http://127.0.0.1:8765@evil.example/callback"},
        {"redirect_uri": "//evil.example/callback"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "data:text/html,x"},
        {"client_id": "unknown"},
        {"client_id": "unknown", "prompt": "none"},
        {"client_id": ""},
        {"redirect_uri": "https://evil.example/", "response_type": "token"},
        {"request_uri": "https://evil.example/request"},
        {"request_uri": "urn:ietf:params:oauth:request_uri:x"},
    ],
)
async def test_a_browser_is_sent_nowhere_else(surfer: Surfer, changed: dict[str, str]) -> None:
    """A client or an address that is not known gets a page with what is wrong, and no redirect."""
    page = await surfer.open(**changed)
    assert (page.status, page.title, page.location) == (400, "This does not work", "")
    assert "request-7" in page.text
    assert nothing_runs(page)
    assert "form-action 'self';" in page.page.headers["content-security-policy"]
    await _submitted(surfer, changed)


async def _submitted(surfer: Surfer, changed: dict[str, str]) -> None:
    """Also not by a form."""
    form = {**(await surfer.open()).form("cancel"), **changed, "step": "cancel"}
    assert (await surfer.post(form)).location == ""


SITE = "https://site.example/callback"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"scope": "root"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
async def test_a_link_of_ours_leads_to_no_site_of_a_stranger(
    pages: OAuthPages, surfer: Surfer, changed: dict[str, str], error: str
) -> None:
    """Anybody registers a client: the user sees where a wrong request leads, and decides (RFC 9700, 4.11.2)."""
    client = replace(CLI, origin=ClientOrigin.DYNAMIC, redirect_uris=(SITE,))
    pages.devices.clients.of[CLI.client_id] = client
    page = await surfer.open(redirect_uri=SITE, **changed)
    assert (page.status, page.title, page.location) == (400, "Go on to another site?", "")
    assert "Go on to https://site.example" in page.text
    (link,) = [given["href"] for tag, given in page.tags if tag == "a"]
    assert link.startswith(f"{SITE}?error={error}&")
    assert page.page.headers["referrer-policy"] == "no-referrer"
    pages.devices.clients.of[CLI.client_id] = replace(client, redirect_uris=(CALLBACK,))
    assert (await surfer.open(**changed)).answer["error"] == error


async def test_a_user_who_cancels_is_not_sent_to_a_stranger(
    pages: OAuthPages, surfer: Surfer
) -> None:
    """No user is logged in yet; who has seen what is asked for, and by whom, is sent back at once."""
    await pages.auth.register()
    client = replace(CLI, origin=ClientOrigin.DYNAMIC, redirect_uris=(SITE,))
    pages.devices.clients.of[CLI.client_id] = client
    await surfer.open(redirect_uri=SITE)
    assert (await surfer.press("cancel")).title == "Go on to another site?"
    await surfer.open(redirect_uri=SITE)
    asked = await surfer.log_in()
    assert "https://site.example" in asked.text
    assert (await surfer.press("deny")).location.startswith(f"{SITE}?error=access_denied&")


@pytest.mark.parametrize(
    "name", [field.name for field in fields(AuthorizationParameters) if field.name != "resource"]
)
async def test_script_in_a_parameter(surfer: Surfer, harness: AuthHarness, name: str) -> None:
    """It is text, on every page, wherever a parameter comes back."""
    await harness.register()
    screen = await surfer.open(**{name: SCRIPT})
    assert nothing_runs(screen)
    assert "<script" not in screen.html
    assert screen.location.startswith(CALLBACK) or not screen.location


async def test_script_in_a_resource(surfer: Surfer) -> None:
    """The program gets an error."""
    assert (await surfer.open(resource=(SCRIPT,))).answer["error"] == "invalid_target"


@pytest.mark.parametrize("name", ["email", "password", "form_token", "tenant_id", "state"])
async def test_script_in_a_field(surfer: Surfer, harness: AuthHarness, name: str) -> None:
    """What was typed comes back as text, and a password does not come back."""
    await harness.register()
    await surfer.open()
    typed = {"email": EMAIL, "password": "x", name: SCRIPT}
    screen = await surfer.press("login", **typed)
    assert nothing_runs(screen)
    assert "<script" not in screen.html
    if name == "password":
        assert "alert(1)" not in screen.html


@pytest.mark.parametrize("code", [SCRIPT, "BCDF-GHJK" + SCRIPT])
async def test_script_in_a_user_code(surfer: Surfer, harness: AuthHarness, code: str) -> None:
    """It is text."""
    await harness.register()
    for act in (
        lambda: surfer.open_device(code),
        lambda: surfer.press("login", email=EMAIL, password=PASSWORD),
        lambda: surfer.press("look", user_code=code),
    ):
        screen = await act()
        assert nothing_runs(screen)
        assert "<script" not in screen.html


async def test_script_in_names(pages: OAuthPages, surfer: Surfer) -> None:
    """Those of clients, tenants and devices are the words of strangers: text, in a direction of its own."""
    harness = pages.auth
    ada = await harness.register()
    pages.devices.clients.of[CLI.client_id] = replace(CLI, name=SCRIPT, origin=ClientOrigin.DYNAMIC)
    acme = harness.memberships.put(ada.user.user_id, Role.MEMBER)
    key = ada.user.user_id, acme.tenant_id
    harness.memberships.of[key] = replace(acme, name=SCRIPT)
    await surfer.open()
    screen = await surfer.log_in()
    assert nothing_runs(screen)
    assert "<script" not in screen.html
    assert "Coditect has not checked this program." in screen.text
    assert screen.html.count("<bdi>") >= 4


@pytest.mark.parametrize("open_page", [Surfer.open, Surfer.open_device])
async def test_headers(surfer: Surfer, open_page: Callable[[Surfer], Any]) -> None:
    """No frame, no script, nothing loaded, nothing kept, and no address told to other sites."""
    headers = (await open_page(surfer)).page.headers
    policy = headers["content-security-policy"]
    for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert part in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("redirect_uri", "source"),
    [
        ("http://127.0.0.1:8765/callback", "http://127.0.0.1:8765"),
        ("https://app.example.com/callback?a=b", "https://app.example.com"),
        ("https://app.example.com:8443/callback", "https://app.example.com:8443"),
        ("http://[::1]:8765/callback", "http:"),
        ("com.example.app:/callback", "com.example.app:"),
        ("", ""),
    ],
)
def test_where_forms_may_lead(redirect_uri: str, source: str) -> None:
    """To ourselves and to where the program is, because browsers apply that to redirects."""
    page = render("message", "en", answer_to=redirect_uri, title="", text="", button="")
    targets = f"'self' {source}".strip()
    assert f"form-action {targets};" in page.headers["content-security-policy"]
