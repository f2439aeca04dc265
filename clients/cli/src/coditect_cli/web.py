"""HTTP: which servers secrets may be sent to, and how answers are read."""

import ipaddress
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import SplitResult, urlsplit

import httpx

from coditect_cli import VERSION
from coditect_cli.failures import Failure, Misuse, NotLoggedIn, Refused, Unavailable
from coditect_cli.output import Json

DEFAULT_SERVER = "http://localhost:8080"
_SECONDS = 30
_THIS_MACHINE = ("all://localhost", "all://127.0.0.1", "all://[::1]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@contextmanager
def open_client() -> Iterator[httpx.Client]:
    """An HTTP client that follows no redirect, so that it sends a token nowhere else.

    It uses the proxy of the environment, but not for this machine.
    """
    agent = f"coditect-cli/{VERSION} ({platform.system()}; Python {platform.python_version()})"
    with httpx.Client(
        headers={"user-agent": agent, "accept": "application/json"},
        timeout=_SECONDS,
        mounts=dict.fromkeys(_THIS_MACHINE),
    ) as client:
        yield client


def server_url(text: str) -> str:
    """The URL of a server in its one spelling, from what a person types.

    Without a scheme it is `https`, or `http` for this machine. Raises Misuse if it is no such URL,
    or if secrets would be sent to another machine without TLS.
    """
    typed = text.strip()
    if "://" not in typed:
        scheme = "http" if _is_this_machine(urlsplit(f"//{typed}").hostname or "") else "https"
        typed = f"{scheme}://{typed}"
    try:
        parts = urlsplit(typed)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Misuse("The server is no URL.") from None
    if not host or parts.username is not None or parts.query or parts.fragment:
        raise Misuse("The server is no URL such as https://coditect.example.com.")
    if not _is_safe(parts):
        raise Misuse("The server must have an https URL. Only this machine may have an http one.")
    host = f"[{host}]" if ":" in host else host
    shown = "" if port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{port}"
    return f"{parts.scheme}://{host}{shown}{parts.path.rstrip('/')}"


def is_safe(url: str) -> bool:
    """Whether a URL is https, or http on this machine, so that secrets can be sent to it."""
    try:
        return _is_safe(urlsplit(url))
    except ValueError:
        return False


def _is_safe(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host))
    )


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def send(client: httpx.Client, request: httpx.Request) -> httpx.Response:
    """The answer to a request; raises Unavailable if there is none."""
    try:
        return client.send(request)
    except httpx.TimeoutException:
        raise Unavailable(f"{_origin(request)} does not answer in time.") from None
    except httpx.ConnectError as error:
        raise Unavailable(f"{_origin(request)} cannot be reached: {error}.") from None
    except httpx.HTTPError as error:  # its text may quote a header
        name = type(error).__name__
        raise Unavailable(f"{_origin(request)} gave no answer: {name}.") from None


def _origin(request: httpx.Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"


def fits_a_header(token: str) -> bool:
    """Whether a token can be sent; an error about one that cannot would quote it."""
    return token.isascii() and token.isprintable() and " " not in token


def body_of(answer: httpx.Response) -> Json:
    """The JSON object in an answer; raises Unavailable if there is none."""
    try:
        body = answer.json()
    except ValueError:
        raise _foreign(answer) from None
    if not isinstance(body, dict):
        raise _foreign(answer)
    return body


def data_of(answer: httpx.Response) -> Json:
    """What the API answered; raises the failure that it answered otherwise."""
    body = body_of(answer)
    data, error = body.get("data"), body.get("error")
    if answer.is_success and body.get("success") is True and isinstance(data, dict):
        return data
    if not isinstance(error, dict) or not isinstance(error.get("code"), str):
        raise _foreign(answer)
    message = str(error.get("message")) + _details(error)
    request_id = str(error.get("requestId") or _request_id(answer))
    raise _failure(answer.status_code, message, error["code"], request_id)


def _foreign(answer: httpx.Response) -> Unavailable:
    origin = _origin(answer.request)
    message = f"{origin} answered {answer.status_code}, but not as Coditect does."
    return Unavailable(message, request_id=_request_id(answer))


def _details(error: Json) -> str:
    """The fields that were refused and the figures of the error, such as a limit, in brackets."""
    details = error.get("details") or ()
    found = [
        f"{violation.get('field')}: {violation.get('reason')}"
        for detail in details
        for violation in detail.get("fieldViolations") or ()
    ]
    found += [
        f"{name}: {value}"
        for detail in details
        for name, value in (detail.get("metadata") or {}).items()
    ]
    return f" ({', '.join(found)})" if found else ""


def _failure(status: int, message: str, code: str, request_id: str) -> Failure:
    if status == httpx.codes.UNAUTHORIZED:
        return NotLoggedIn(message, code, request_id)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return Unavailable(message, code, request_id)
    return Refused(message, code, request_id)


class OAuthError(Failure):
    """An OAuth endpoint answered with an error (RFC 6749, section 5.2)."""


def oauth_answer(answer: httpx.Response) -> Json:
    """What an OAuth endpoint answered; raises OAuthError or Unavailable."""
    if answer.is_success and not answer.content:  # a revocation
        return {}
    body = body_of(answer)
    if answer.is_success:
        return body
    code = body.get("error")
    if not isinstance(code, str) or answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        message = f"{_origin(answer.request)} answered {answer.status_code}."
        raise Unavailable(message, str(code or "UNAVAILABLE"), _request_id(answer))
    message = str(body.get("error_description") or f"The server answered: {code}.")
    raise OAuthError(message, code, _request_id(answer))


def _request_id(answer: httpx.Response) -> str:
    return str(answer.headers.get("x-request-id", ""))
