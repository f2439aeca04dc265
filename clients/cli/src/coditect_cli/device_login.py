"""Device login (RFC 8628): a person lets this command in with a browser, on any device."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from coditect_cli import oauth, web
from coditect_cli.discovery import Endpoints
from coditect_cli.failures import Refused, Unavailable
from coditect_cli.output import Json
from coditect_cli.tokens import Tokens

_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_INTERVAL = 5  # RFC 8628, section 3.2
_SLOWER = 5  # section 3.5
_LONGEST_INTERVAL = 60


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What the person needs, and what the command asks with meanwhile.

    `seconds` is the life of the codes, `interval` the least number of seconds between two questions.
    """

    device_code: str
    user_code: str
    url: str
    complete_url: str | None
    seconds: float
    interval: float


def begin(client: httpx.Client, endpoints: Endpoints, scopes: str) -> DeviceCode:
    """Asks for the codes of a login; raises Refused or Unavailable."""
    form = {"client_id": oauth.CLIENT_ID, "scope": scopes}
    answer = oauth.post(client, endpoints.device_authorization, form)
    complete_url = _text(answer, "verification_uri_complete")
    code = DeviceCode(
        _text(answer, "device_code"),
        _text(answer, "user_code"),
        _text(answer, "verification_uri"),
        complete_url if web.is_safe(complete_url) else None,
        oauth.seconds(answer.get("expires_in"), 600),
        max(1.0, oauth.seconds(answer.get("interval"), _INTERVAL)),
    )
    if not code.device_code or not code.user_code or not web.is_safe(code.url):
        raise Unavailable("The server's answer to the device login cannot be used.")
    return code


def wait(
    client: httpx.Client,
    endpoints: Endpoints,
    code: DeviceCode,
    sleep: Callable[[float], None] = time.sleep,
) -> Tokens:
    """Asks until the person has answered; raises Refused if they refuse or do not answer."""
    form = {
        "grant_type": _GRANT,
        "device_code": code.device_code,
        "client_id": oauth.CLIENT_ID,
    }
    interval, waited = code.interval, 0.0
    while waited + interval <= code.seconds:
        sleep(interval)
        waited += interval
        try:
            return oauth.tokens(client, endpoints.token, form)
        except web.OAuthError as error:
            interval += _slower(error)
        except Unavailable:  # section 3.5: ask less often
            interval = min(2 * interval, _LONGEST_INTERVAL)
    raise _expired()


def _slower(error: web.OAuthError) -> float:
    """By how many seconds to wait longer; raises what the error means if it is the last answer."""
    match error.code:
        case "authorization_pending":
            return 0
        case "slow_down":
            return _SLOWER
        case "expired_token":
            raise _expired(error.request_id)
        case "access_denied":
            raise Refused("The login was refused.", error.code, error.request_id)
        case _:
            raise Refused(error.message, error.code, error.request_id)


def _expired(request_id: str = "") -> Refused:
    return Refused("The code has expired before it was used.", "expired_token", request_id)


def _text(answer: Json, name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else ""
