"""Browser mode: the refresh token of a browser is in a cookie, and never in the reach of scripts.

A page asks for it with `X-Coditect-Tokens: cookie`. Only then is the cookie read or set, so no form and no
link of another page can use it: they cannot send the header. A page of another origin that could is
refused by its `Origin`, which browsers send with every POST and DELETE and scripts cannot set.
"""

from kernel.errors import InvalidRequest, OriginNotAllowed
from kernel.identity.callers import Call
from kernel.origins import KnownOrigins
from services.auth.logins.model import Tokens

COOKIE = "__Host-coditect_refresh"
_HEADER, _IN_COOKIE = "x-coditect-tokens", "cookie"


class BrowserModeCheck:
    """Checks calls of the methods that give, take or end the tokens of a login, before they run."""

    def __init__(self, origins: KnownOrigins) -> None:
        self._origins = origins

    def __call__(self, call: Call) -> None:
        """Raises `InvalidRequest` for an unknown mode, `OriginNotAllowed` for a page of others."""
        mode = call.header(_HEADER)
        if mode and mode != _IN_COOKIE:
            raise InvalidRequest.of("X-Coditect-Tokens", "UNKNOWN", "Must be cookie.")
        if mode and call.header("origin") not in self._origins:
            raise OriginNotAllowed


def is_browser(call: Call) -> bool:
    """Whether the call has its refresh token kept in the cookie. The check has seen it."""
    return call.header(_HEADER) == _IN_COOKIE


def given_refresh_token(call: Call, in_body: str) -> str:
    """The refresh token of a call; that in the body comes first. Empty without one."""
    return in_body or (call.cookies.get(COOKIE, "") if is_browser(call) else "")


def kept_in_cookie(call: Call, tokens: Tokens) -> bool:
    """Puts a refresh token into the cookie if the call asks for that; returns whether it does."""
    if not is_browser(call):
        return False
    if tokens.refresh_token is not None:
        call.set_cookie(COOKIE, tokens.refresh_token, tokens.login_expires_in)
    return True


def remove_cookie(call: Call) -> None:
    """Removes the cookie of a login that has ended."""
    if is_browser(call):
        call.set_cookie(COOKIE, "", 0)
