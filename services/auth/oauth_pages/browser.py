"""The browser in front of the pages: who is logged in there, and its cookies.

`__Host-coditect_browser` has the refresh token of a login of the user's own, which rotates with every
page. So the login is listed among the devices, and everything that ends logins ends it at once.
`__Host-coditect_visit` names a browser without a login, for its forms.
`__Host-coditect_page_device` is the secret by which the account knows the browser (see
`throttling.devices`). It is not the one of the console: a login on the page would end that of the console,
because a device has one login.
"""

from collections.abc import Callable
from uuid import UUID

from kernel import base64url
from kernel.identity.callers import Call, Caller
from kernel.runtime import Runtime
from services.auth.logins.devices import Devices
from services.auth.logins.errors import RefreshTokenInvalid
from services.auth.logins.model import LoginResult
from services.auth.logins.refresh import RefreshLogin
from services.auth.throttling.devices import COOKIE_SECONDS

LOGIN = "__Host-coditect_browser"
VISIT = "__Host-coditect_visit"
DEVICE = "__Host-coditect_page_device"
_VISIT_SECONDS = 3_600

Verify = Callable[[str], Caller]
"""The caller of an access token of ours."""


class Browsers:
    """Opens browsers.

    Args:
        runtime: The source of secrets.
        refresh: Rotates the login of a browser.
        devices: Ends it.
        verify: Reads its access token.
        idle_seconds: How long a browser keeps its login unused.
    """

    def __init__(
        self,
        runtime: Runtime,
        refresh: RefreshLogin,
        devices: Devices,
        verify: Verify,
        idle_seconds: int,
    ) -> None:
        self._runtime = runtime
        self._refresh = refresh
        self._devices = devices
        self._verify = verify
        self._idle_seconds = idle_seconds

    async def open(self, call: Call) -> "Browser":
        """The browser of a call, with its next refresh token. Raises `TenantsUnavailable`."""
        browser = Browser(call)
        text = call.cookies.get(LOGIN, "")
        if text:
            try:
                result = await self._refresh.refresh(text, device=call.device)
            except RefreshTokenInvalid:
                browser.leave()
            else:
                browser.enter(result, self._verify(result.tokens.access_token))
        return browser

    async def log_in(self, browser: "Browser", result: LoginResult) -> None:
        """Puts a new login in the place of the one in the browser, if there is one."""
        await self.log_out(browser)
        browser.enter(result, self._verify(result.tokens.access_token))
        browser.device_token = result.device_token

    async def log_out(self, browser: "Browser") -> None:
        """Ends the login in the browser, if there is one."""
        if browser.result is not None:
            call = browser.call.anonymous()
            await self._devices.log_out(call, browser.result.tokens.refresh_token or "")
            browser.leave()

    def send(self, browser: "Browser") -> None:
        """Has the answer set the cookies that have changed: each once, at the end of a call."""
        call, had = browser.call, browser.call.cookies
        token = browser.refresh_token
        if token or LOGIN in had:
            seconds = self._idle_seconds if token else 0
            call.set_cookie(LOGIN, token, seconds, same_site="Lax")
        if browser.device_token:
            call.set_cookie(DEVICE, browser.device_token, COOKIE_SECONDS, same_site="Lax")
        if browser.new_visit:
            call.set_cookie(VISIT, browser.new_visit, _VISIT_SECONDS, same_site="Lax")
        elif token and VISIT in had:
            call.set_cookie(VISIT, "", 0, same_site="Lax")

    def visit(self, browser: "Browser") -> str:
        """What names a browser without a login; one without a name gets one with this answer."""
        if not browser.visit:
            browser.new_visit = base64url.encode(self._runtime.ids.secret())
        return browser.visit


class Browser:
    """One browser during one call.

    Attributes:
        call: The call; of the user, if one is logged in.
        result: The login; None without.
        device_token: The secret of the browser that the answer sets; empty for none.
        new_visit: The name that the answer gives the browser; empty for none.
    """

    def __init__(self, call: Call) -> None:
        self.call = call
        self.result: LoginResult | None = None
        self.device_token = ""
        self.new_visit = ""

    @property
    def visit(self) -> str:
        """What names the browser before a login; empty if it has no name."""
        return self.new_visit or self.call.cookies.get(VISIT, "")

    @property
    def login_id(self) -> UUID | None:
        """The login; None without."""
        return None if self.result is None else self.call.caller.login_id

    @property
    def refresh_token(self) -> str:
        """What the browser keeps of the login; empty without one."""
        return "" if self.result is None else self.result.tokens.refresh_token or ""

    def enter(self, result: LoginResult, caller: Caller) -> None:
        """The user is logged in."""
        self.result, self.call = result, self.call.of(caller)

    def leave(self) -> None:
        """The user is not logged in any more."""
        self.result, self.call = None, self.call.anonymous()
