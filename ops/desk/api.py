"""Calls of the API: with which credentials, and what a refusal says."""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

from kernel.version import VERSION
from ops.desk.failures import DeskFailed, Refused

_SECONDS = 30.0
_NO_CONTENT = 204


class Api:
    """The API at one URL. It follows no redirect, so it sends a token nowhere else.

    Args:
        http: The HTTP client.
        url: The URL of the gateway.
    """

    def __init__(self, http: httpx.Client, url: str) -> None:
        self._http = http
        self.url = url

    def call(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        body: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Any:
        """The data of the answer. Raises `Refused`, `DeskFailed` without an answer."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        try:
            answer = self._http.request(
                method, f"{self.url}/api/v5{path}", headers=headers, json=body, params=query
            )
        except httpx.HTTPError as error:
            raise DeskFailed(f"{self.url} does not answer: {error}.") from None
        return None if answer.status_code == _NO_CONTENT else _data(answer)

    def download(self, path: str, *, token: str) -> Iterator[bytes]:
        """The pieces of a file. Raises `Refused`, `DeskFailed` if it breaks off."""
        headers = {"authorization": f"Bearer {token}"}
        try:
            with self._http.stream("GET", f"{self.url}/api/v5{path}", headers=headers) as answer:
                if answer.is_success:
                    yield from answer.iter_bytes()
                else:
                    answer.read()
                    _data(answer)
        except httpx.HTTPError as error:
            raise DeskFailed(f"{self.url} does not answer: {error}.") from None


@contextmanager
def open_api(url: str) -> Iterator[Api]:
    """The API at a URL, which must be https unless it is on this machine. Raises `DeskFailed`."""
    _check(url)
    agent = {"user-agent": f"coditect-ops/{VERSION}", "accept": "application/json"}
    # A proxy of the environment sees what is sent without TLS: never to this machine.
    proxies = urlsplit(url).scheme == "https"
    with httpx.Client(headers=agent, timeout=_SECONDS, trust_env=proxies) as http:
        yield Api(http, url.rstrip("/"))


def _data(answer: httpx.Response) -> Any:
    try:
        envelope = answer.json()
        if envelope["success"]:
            return envelope["data"]
        error = envelope["error"]
        details = [*_details(error["details"])]
        refused = Refused(error["code"], error["message"], error["requestId"], details)
    except (ValueError, KeyError, TypeError):
        text = f"What answers at {answer.request.url.host} is not the API ({answer.status_code})."
        raise DeskFailed(text) from None
    raise refused


def _details(details: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The fields that were refused, and the figures of an error, a line each (google.rpc)."""
    for detail in details:
        for violation in detail.get("fieldViolations", ()):
            yield f"  {violation['field']}: {violation['description']}"
        for name, value in detail.get("metadata", {}).items():
            yield f"  {name}: {value}"


def _check(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise DeskFailed("The URL is no URL such as https://coditect.example.com.")
    if parts.scheme == "http" and not _is_this_machine(parts.hostname):
        raise DeskFailed("The URL must begin with https, except for this machine.")


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
