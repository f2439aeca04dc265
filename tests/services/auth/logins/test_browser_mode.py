"""Browser mode over a real channel: which calls may ask for it, and where the refresh token is."""

from typing import Any, NamedTuple

import grpc
import pytest

from coditect.auth.v5 import accounts_pb2, logins_pb2, tokens_pb2
from kernel.rpc.errors import from_call
from kernel.rpc.methods import methods_of
from services.auth.logins.browser_mode import COOKIE
from tests.services.auth.harness import EMAIL, PASSWORD, registration
from tests.services.auth.server import Auth
from tests.support import contract

TOKENS = tokens_pb2.Tokens.DESCRIPTOR
OURS, EVIL = "https://coditect.local", "https://evil.example"
MODE = ("x-coditect-tokens", "cookie")
REMOVED = f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict"


class Answer(NamedTuple):
    """What a browser gets."""

    message: Any
    reason: str
    set_cookies: list[str]

    @property
    def cookie(self) -> str:
        """The refresh token that the browser keeps now; fails without a new one."""
        (value,) = [text for text in self.set_cookies if text.startswith(f"{COOKIE}=")]
        return value.partition(";")[0].partition("=")[2]


class Page:
    """A page in a browser, which keeps the one cookie."""

    def __init__(self, auth: Auth, origin: str = OURS, mode: tuple[str, str] | None = MODE) -> None:
        self._auth = auth
        self._origin, self._mode = origin, mode
        self.cookie = ""

    async def call(self, method: str, request: Any = None, token: str = "") -> Answer:
        """Calls a method; keeps or drops the cookie as the answer says."""
        metadata = [("origin", self._origin)] if self._origin else []
        metadata += [self._mode] if self._mode else []
        metadata += [("cookie", f"{COOKIE}={self.cookie}")] if self.cookie else []
        metadata += [("authorization", f"Bearer {token}")] if token else []
        if request is None:
            request = contract.request("auth.v5", method)()
        call = getattr(self._auth.stub, method)(request, metadata=metadata)
        message, reason = None, ""
        try:
            message = await call
        except grpc.aio.AioRpcError as error:
            reason = from_call(error).reason
        sent = [str(value) for name, value in await call.initial_metadata() if name == "set-cookie"]
        answer = Answer(message, reason, sent)
        if any(text.startswith(f"{COOKIE}=") for text in sent):
            self.cookie = answer.cookie
        return answer

    async def register(self) -> tokens_pb2.Tokens:
        """Registers a user; returns the tokens of the answer."""
        answer = await self.call("Register", registration(EMAIL, PASSWORD))
        tokens: tokens_pb2.Tokens = answer.message.tokens
        return tokens


@pytest.fixture
def page(auth: Auth) -> Page:
    """A page of ours."""
    return Page(auth)


def login() -> logins_pb2.LoginRequest:
    """The request of a login."""
    return logins_pb2.LoginRequest(email=EMAIL, password=PASSWORD)


def about_tokens() -> list[str]:
    """The methods that give, take or end the tokens of a login."""
    services = [
        f"coditect.auth.v5.{name}Service" for name in ("Accounts", "Logins", "Totp", "Passkeys")
    ]
    return [method.name for method in methods_of(services).values() if method.login_tokens]


def test_every_answer_with_tokens_knows_the_mode() -> None:
    """No method of the contract gives a refresh token that a browser cannot have in a cookie."""
    giving = {
        method.name
        for service in contract.services_of("auth.v5")
        for method in service.descriptor.methods
        if any(field.message_type is TOKENS for field in method.output_type.fields)
    }
    assert giving | {"Logout", "LogoutAll", "DeleteMe"} == set(about_tokens())


async def test_the_refresh_token_is_in_the_cookie_alone(page: Page) -> None:
    """Register, login and refresh keep both secrets of a browser out of their answers."""
    for method, request in (
        ("Register", registration(EMAIL, PASSWORD)),
        ("Login", login()),
        ("Refresh", None),
    ):
        answer = await page.call(method, request)
        assert answer.reason == ""
        assert answer.message.tokens.access_token
        assert not answer.message.tokens.HasField("refresh_token")
        assert method == "Refresh" or not answer.message.HasField("device_token")
        assert page.cookie
        assert page.cookie not in str(answer.message)


async def test_the_cookie_lasts_as_long_as_the_login(page: Page) -> None:
    """14 days without a refresh; for this host, over TLS, for no script, and with no call from elsewhere."""
    answer = await page.call("Register", registration(EMAIL, PASSWORD))
    more = f"Path=/; Max-Age={14 * 86_400}; HttpOnly; Secure; SameSite=Strict"
    assert f"{COOKIE}={page.cookie}; {more}" in answer.set_cookies


async def test_without_the_header_nothing_changes(auth: Auth, page: Page) -> None:
    """The tokens are in the answer, and the cookie is neither set nor read, as a form would have it."""
    await page.register()
    plain = Page(auth, mode=None)
    plain.cookie = page.cookie
    answer = await plain.call("Login", login())
    assert answer.message.tokens.refresh_token
    assert answer.message.device_token
    assert [text.partition("=")[0] for text in answer.set_cookies] == ["__Host-coditect_device"]
    assert (await plain.call("Refresh")).reason == "INVALID_REQUEST"
    assert (await plain.call("Logout")).reason == "ACCESS_TOKEN_MISSING"
    assert (await page.call("Refresh")).reason == ""


async def test_a_refresh_rotates_the_cookie(page: Page) -> None:
    """A cookie that was spent long ago ends the login, as a refresh token in a body does."""
    await page.register()
    first = page.cookie
    await page.call("Refresh")
    second = page.cookie
    assert second != first
    await page.call("Refresh")
    page.cookie = first
    answer = await page.call("Refresh")
    assert (answer.reason, answer.set_cookies, page.cookie) == (
        "REFRESH_TOKEN_INVALID", [REMOVED], "",
    )  # fmt: skip
    page.cookie = second
    assert (await page.call("Refresh")).reason == "REFRESH_TOKEN_INVALID"


async def test_a_browser_without_a_login(page: Page) -> None:
    """A refresh is refused as that of a login that has ended; a logout has nothing to do."""
    answer = await page.call("Refresh")
    assert (answer.reason, answer.set_cookies) == ("REFRESH_TOKEN_INVALID", [REMOVED])
    answer = await page.call("Logout")
    assert (answer.reason, answer.set_cookies) == ("", [REMOVED])


async def test_a_token_in_the_body_comes_first(auth: Auth, page: Page) -> None:
    """So a page that kept its refresh token itself moves over by one refresh."""
    kept = (await auth.register()).tokens
    page.cookie = "spoiled"
    request = logins_pb2.RefreshRequest(refresh_token=kept.refresh_token)
    answer = await page.call("Refresh", request)
    assert not answer.message.tokens.HasField("refresh_token")
    assert page.cookie not in {"spoiled", kept.refresh_token}
    assert (await page.call("Refresh")).reason == ""


async def test_a_bad_token_in_the_body_leaves_the_cookie(page: Page) -> None:
    """It says nothing about the login of the cookie."""
    await page.register()
    request = logins_pb2.RefreshRequest(refresh_token="spoiled")
    answer = await page.call("Refresh", request)
    assert (answer.reason, answer.set_cookies) == ("REFRESH_TOKEN_INVALID", [])
    assert (await page.call("Refresh")).reason == ""


@pytest.mark.parametrize("with_access_token", [True, False])
async def test_a_logout_ends_the_login_of_the_cookie(page: Page, with_access_token: bool) -> None:
    """In every service at once; the cookie goes."""
    tokens = await page.register()
    kept = page.cookie
    answer = await page.call("Logout", token=tokens.access_token if with_access_token else "")
    assert (answer.reason, answer.set_cookies) == ("", [REMOVED])
    assert (await page.call("GetMe", token=tokens.access_token)).reason == "ACCESS_TOKEN_REVOKED"
    page.cookie = kept
    assert (await page.call("Refresh")).reason == "REFRESH_TOKEN_INVALID"


@pytest.mark.parametrize("method", ["LogoutAll", "DeleteMe"])
async def test_what_ends_all_logins_removes_the_cookie(page: Page, method: str) -> None:
    """The browser keeps no token that is good for nothing."""
    tokens = await page.register()
    request = accounts_pb2.DeleteMeRequest(password=PASSWORD) if method == "DeleteMe" else None
    answer = await page.call(method, request, tokens.access_token)
    assert (answer.reason, answer.set_cookies) == ("", [REMOVED])


async def test_a_further_proof_puts_the_new_login_into_the_cookie(page: Page) -> None:
    """The answer of a reauthentication has an access token alone."""
    tokens = await page.register()
    before = page.cookie
    request = logins_pb2.ReauthenticateRequest(password=PASSWORD)
    answer = await page.call("Reauthenticate", request, tokens.access_token)
    assert not answer.message.tokens.HasField("refresh_token")
    assert page.cookie != before
    assert (await page.call("Refresh")).reason == ""


async def test_a_failed_login_leaves_the_cookie(page: Page) -> None:
    """A wrong password in one tab logs no other tab out."""
    await page.register()
    kept = page.cookie
    request = logins_pb2.LoginRequest(email=EMAIL, password="wrong")
    answer = await page.call("Login", request)
    assert (answer.reason, answer.set_cookies) == ("BAD_CREDENTIALS", [])
    assert page.cookie == kept


@pytest.mark.parametrize("method", about_tokens())
@pytest.mark.parametrize("origin", [EVIL, "null", "", "https://sub.coditect.local"])
async def test_a_page_of_others_is_refused_before_anything_happens(
    auth: Auth, page: Page, method: str, origin: str
) -> None:
    """Also with the cookie, the access token and whatever request."""
    tokens = await page.register()
    other = Page(auth, origin)
    other.cookie = page.cookie
    answer = await other.call(method, token=tokens.access_token)
    assert (answer.reason, answer.set_cookies) == ("ORIGIN_NOT_ALLOWED", [])
    assert (await page.call("GetMe", token=tokens.access_token)).reason == ""
    assert (await page.call("Refresh")).reason == ""


@pytest.mark.parametrize("mode", ["Cookie", "cookies", "cookie,cookie", "memory"])
async def test_there_is_one_mode(auth: Auth, mode: str) -> None:
    """An unknown mode is refused, and not taken for none: its page would get tokens that it expects elsewhere."""
    answer = await Page(auth, mode=(MODE[0], mode)).call("Register", registration(EMAIL, PASSWORD))
    assert (answer.reason, answer.set_cookies) == ("INVALID_REQUEST", [])
