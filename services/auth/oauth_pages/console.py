"""Sends browsers to the pages of the console, which take the place of ours with `OAUTH_PAGES=console`.

Nothing is looked up: those pages check the request by `POST oauth/authorizations/check`, and devices by
their code. What comes as a form of ours is still answered here.
"""

from urllib.parse import urlencode

from services.auth.authorizations.model import AuthorizationParameters
from services.auth.oauth_pages.model import given
from services.auth.oauth_pages.rendering import Page, redirect

AUTHORIZE = "/authorize"
DEVICE = "/device"
FORGOT_PASSWORD = "/forgot-password"  # noqa: S105 - no secret


def authorize(parameters: AuthorizationParameters, ui_locales: str) -> Page:
    """Goes to the page of a request, with the same parameters; those that OAuth does not have are left out."""
    return _go(AUTHORIZE, [*given(parameters), ("ui_locales", ui_locales)])


def device(user_code: str) -> Page:
    """Goes to the page of devices; a code is filled in there."""
    return _go(DEVICE, [("user_code", user_code)])


def _go(path: str, parameters: list[tuple[str, str]]) -> Page:
    query = urlencode([(name, value) for name, value in parameters if value])
    return redirect(f"{path}?{query}" if query else path)
