"""How requests are made for httpx, and what its failures mean."""

import platform
from typing import Any

import httpx

from coditect_client.calls import NotSent, Send
from coditect_client.exceptions import NetworkError

DEFAULT_URL = "http://localhost:8080"
SECONDS = 30.0
VERSION = "5.0.0"
"""The version of the package, which takes it from here."""

THIS_MACHINE = ("all://localhost", "all://127.0.0.1", "all://[::1]")
"""Where no proxy of the environment leads to."""

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def headers() -> dict[str, str]:
    """The headers of every request."""
    return {
        "accept": "application/json, application/x-ndjson",
        "user-agent": f"coditect-client/{VERSION} (Python {platform.python_version()})",
    }


def arguments(step: Send) -> dict[str, Any]:
    """What httpx makes the request from."""
    made: dict[str, Any] = {
        "method": step.method,
        "url": step.url,
        "params": dict(step.query),
        "headers": dict(step.headers),
    }
    if step.body is not None:
        made["data" if step.form else "json"] = dict(step.body)
    return made


def failure(error: httpx.TransportError) -> NetworkError:
    """The error for a failure of the network. Its text has no header, which may be a secret."""
    kind = NotSent if isinstance(error, _NOT_SENT) else NetworkError
    where = f"{error.request.url.scheme}://{error.request.url.netloc.decode('ascii')}"
    return kind(f"{where} gave no answer: {type(error).__name__}")
