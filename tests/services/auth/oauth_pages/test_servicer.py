"""The pages over gRPC, with tenants as another service."""

from typing import Any

import pytest

from coditect.auth.v5 import oauth_pages_pb2
from services.auth.oauth_pages.rendering import Page
from tests.services.auth.fakes import FakeServices
from tests.services.auth.harness import EMAIL, PASSWORD
from tests.services.auth.oauth_pages.harness import ORIGIN, REQUEST, Screen
from tests.services.auth.server import Auth
from tests.support.clock import FixedClock

QUERY = {
    "client_id": REQUEST.client_id,
    "response_type": "code",
    "redirect_uri": REQUEST.redirect_uri,
    "code_challenge": REQUEST.code_challenge,
    "code_challenge_method": "S256",
}


async def send(
    auth: Auth, method: str, request: Any, cookies: dict[str, str]
) -> tuple[Screen, dict[str, str]]:
    """A call of a browser: the page, and its headers."""
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    metadata = (("origin", ORIGIN), ("x-forwarded-for", "192.0.2.1"), ("cookie", cookie))
    call = getattr(auth.stub, method)(request, metadata=metadata, timeout=10)
    body = await call
    headers: dict[str, str] = {}
    for name, value in await call.initial_metadata():
        if name == "set-cookie":
            pair, *_ = value.split("; ")
            key, _, text = pair.partition("=")
            cookies[key] = text
        else:
            headers[name] = value
    assert body.content_type == "text/html; charset=utf-8"
    return Screen(Page(int(headers["x-coditect-status"]), body.data.decode(), headers)), headers


async def opened(auth: Auth, cookies: dict[str, str], **given: str) -> Screen:
    """The page as it is opened."""
    request = oauth_pages_pb2.OpenAuthorizePageRequest(**QUERY, **given)
    page, _ = await send(auth, "OpenAuthorizePage", request, cookies)
    return page


async def logged_in(auth: Auth, cookies: dict[str, str], **given: str) -> Screen:
    """The page after a login."""
    form = {
        **(await opened(auth, cookies, **given)).form("login"),
        "email": EMAIL,
        "password": PASSWORD,
        "step": "login",
    }
    request = oauth_pages_pb2.AnswerAuthorizePageRequest(**form)
    page, _ = await send(auth, "AnswerAuthorizePage", request, cookies)
    return page


async def test_a_login_and_an_approval(auth: Auth, fakes: FakeServices) -> None:
    """Status and headers go with the answer; the tenants are those that tenants knows."""
    user_id = (await auth.register()).user.user_id
    tenant_id = fakes.join(user_id)
    cookies: dict[str, str] = {}
    allowed = await logged_in(auth, cookies)
    assert (allowed.status, allowed.title) == (200, "Allow access?")
    assert "Acme" in allowed.text
    form = {**allowed.form("approve"), "tenant_id": tenant_id, "step": "approve"}
    request = oauth_pages_pb2.AnswerAuthorizePageRequest(**form)
    answered, headers = await send(auth, "AnswerAuthorizePage", request, cookies)
    assert answered.status == 303, answered.text
    assert headers["location"].startswith(f"{REQUEST.redirect_uri}?code=")


async def test_the_client_suggests_a_language(auth: Auth) -> None:
    """The first that there is (OpenID Connect Core 1.0, section 3.1.2.1), on every page of the request."""
    await auth.register()
    assert (await opened(auth, {}, ui_locales="fr de-AT en")).title == "Anmelden"
    assert (await opened(auth, {}, ui_locales="fr")).title == "Log in"
    assert (await logged_in(auth, {}, ui_locales="de")).title == "Zugriff erlauben?"


async def test_tenants_does_not_answer(auth: Auth, fakes: FakeServices) -> None:
    """The page says that it is not possible at the moment, and when to try again."""
    await auth.register()
    cookies: dict[str, str] = {}
    fakes.failures = 100
    page = await logged_in(auth, cookies)
    assert (page.status, page.title) == (503, "This does not work")
    assert "cannot be looked up" in page.text
    assert page.page.headers["retry-after"] == "1"


async def test_a_browser_keeps_its_login_while_tenants_does_not_answer(
    auth: Auth, fakes: FakeServices, clock: FixedClock
) -> None:
    """The secret has rotated all the same, and the browser has the next one."""
    await auth.register()
    cookies: dict[str, str] = {}
    await logged_in(auth, cookies)
    for failures in (1, 1, 0):
        fakes.failures = failures
        clock.advance(minutes=1)
        page = await opened(auth, cookies)
        assert page.status == (503 if failures else 200)
    assert page.title == "Allow access?"


@pytest.mark.parametrize("method", ["OpenDevicePage", "AnswerDevicePage"])
async def test_the_page_of_devices(auth: Auth, method: str) -> None:
    """It asks for a login first."""
    request = getattr(oauth_pages_pb2, f"{method}Request")(user_code="BCDF-GHJK")
    page, _ = await send(auth, method, request, {})
    assert page.title == "Log in"
