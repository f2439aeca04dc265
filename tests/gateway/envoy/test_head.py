"""HEAD: what GET would answer, without the body (RFC 9110, section 9.3.2)."""

import re

import httpx
import pytest
from google.rpc import code_pb2

from gateway import contract
from gateway.contract import Route
from tests.gateway.backend import failure
from tests.gateway.environment import CONTRACT, ORIGIN, SESSION_ID, WHERE, Environment

LOADED = contract.load(CONTRACT)
READS = [route for route in LOADED.routes if route.http.verb == "GET"]
PATH = "/api/v5/sessions"
VARYING = {"date", "x-request-id"}
"""Headers that differ between two answers to the same call."""


def _path(route: Route) -> str:
    return re.sub(r"\{[a-z_]+\}", SESSION_ID, route.http.path)


def _named(route: Route) -> str:
    return route.method.name


def _told(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in VARYING}


@pytest.mark.parametrize("route", READS, ids=_named)
def test_head_is_get_without_a_body(gateway: Environment, route: Route) -> None:
    """HEAD calls the same method as GET, and its response has the same headers and no body."""
    whole = gateway.call("GET", _path(route))
    gateway.backend.calls.clear()
    answer = gateway.call("HEAD", _path(route))
    assert (answer.status_code, answer.content) == (200, b"")
    assert _told(answer) == _told(whole)
    assert ("content-length" in answer.headers) is (not route.method.download)
    assert gateway.backend.count(route.method.name) == 1
    # The connection, on which a stray body would be read as the next response, can be used again.
    assert gateway.call("GET", _path(route)).content == whole.content


@pytest.mark.parametrize("path", ["/api/v5/health", "/api/v5/ready", "/nothing"])
def test_head_of_the_gateways_own_answers(gateway: Environment, path: str) -> None:
    """Health, readiness and refusals also answer HEAD as GET, without a body."""
    whole, answer = gateway.client.get(path), gateway.client.head(path)
    assert (answer.status_code, answer.content) == (whole.status_code, b"")
    assert _told(answer) == _told(whole)
    assert answer.headers["content-length"] == str(len(whole.content))


@pytest.mark.parametrize("protocol", ["--http1.1", "--http2-prior-knowledge"])
def test_head_over_both_protocols(gateway: Environment, protocol: str) -> None:
    """HEAD works over HTTP/1.1 and HTTP/2."""
    bearer = gateway.bearer["authorization"]
    answer = gateway.curl("--head", protocol, "-H", f"authorization: {bearer}", gateway.url + PATH)
    head, _, body = answer.partition("\r\n\r\n")
    assert " 200" in head.splitlines()[0]
    assert "content-length: 58" in head
    assert body == ""


def test_head_is_guarded_like_get(gateway: Environment) -> None:
    """HEAD without a token, and of something that does not exist, gets the status of GET."""
    answer = gateway.client.head(PATH)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, f"Bearer {WHERE}")
    assert not gateway.backend.client_calls
    gateway.backend.answers["GetSession"] = failure(code_pb2.NOT_FOUND, "SESSION_NOT_FOUND")
    answer = gateway.call("HEAD", f"{PATH}/{SESSION_ID}", headers={"origin": ORIGIN})
    assert (answer.status_code, answer.content) == (404, b"")
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    gateway.backend.answers["GetSession"] = failure(code_pb2.UNAVAILABLE, "STORAGE_UNAVAILABLE")
    assert gateway.call("HEAD", f"{PATH}/{SESSION_ID}").headers["retry-after"] == "1"


def test_head_elsewhere_is_not_allowed(gateway: Environment) -> None:
    """HEAD at an address without GET gets a 405, and does nothing."""
    answer = gateway.client.head("/api/v5/auth/login")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert gateway.call("HEAD", "/api/v5/auth/logout").status_code == 405
    assert not gateway.backend.client_calls


def test_the_log_says_head(gateway: Environment) -> None:
    """The access log has the method of the client."""
    answer = gateway.call("HEAD", PATH)
    assert gateway.logged(answer.headers["x-request-id"])["method"] == "HEAD"
