"""Requests that an HTTP parser accepts, and that no good client sends."""

import json
from pathlib import Path

import pytest

from gateway.envoy import headers
from tests.gateway.environment import Environment, open_environment

PATH = "/api/v5/sessions"
HEALTH = b"GET /api/v5/health HTTP/1.1\r\n"
LOGIN = b"POST /api/v5/auth/login HTTP/1.1\r\nhost: a\r\n"
MALFORMED = (400, "MALFORMED_REQUEST")
ODD = {
    "latin-1": b"\xe9",
    "utf-8": "é".encode(),
    "overlong": b"\xc0\xaf",
    "many": b"\xe9" * 50_000,
}
"""Header values that are not ASCII."""


def _refused(gateway: Environment, text: bytes) -> tuple[int, str]:
    answer = gateway.raw(text)
    assert not gateway.backend.client_calls
    return answer.status, answer.json["error"]["code"]


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
@pytest.mark.parametrize("name", headers.passed(trusted_proxies=0))
def test_header_values_are_ascii(gateway: Environment, name: str, value: bytes) -> None:
    """A header value that is not ASCII gets a 400, and reaches no service."""
    for path in (PATH, "/.well-known/jwks.json", "/api/v5/auth/login", "/api/v5/ready"):
        line = f"GET {path} HTTP/1.1\r\nhost: a\r\n{name}: x".encode()
        assert _refused(gateway, line + value + b"\r\n\r\n") == MALFORMED


def test_a_token_with_a_stray_byte_is_not_logged(gateway: Environment) -> None:
    """A token with bytes before or behind it, which no check would accept, stays out of the log."""
    token = gateway.key.token().encode()
    for value in (b"Bearer " + token + b"\xe9", b"Bearer \xe9" + token, token + b"\xe9"):
        line = f"GET {PATH} HTTP/1.1\r\nhost: a\r\nauthorization: ".encode() + value
        assert _refused(gateway, line + b"\r\n\r\n") == MALFORMED
    assert token.decode() not in gateway.log.read_text() + _said(gateway)


def _said(gateway: Environment) -> str:
    return (gateway.log.parent / "envoy.log").read_text()


def test_dropped_headers_do_not_matter(gateway: Environment) -> None:
    """A header that the gateway drops may have any value."""
    answer = gateway.raw(HEALTH + b"host: a\r\ncookie: \xe9\r\n\r\n")
    assert answer.status == 200


@pytest.mark.parametrize(
    ("where", "value"), [("-H", "user-agent: \udce9"), ("-H", "idempotency-key: é")]
)
def test_header_values_are_ascii_over_http2(gateway: Environment, where: str, value: str) -> None:
    """Over HTTP/2, too, a header value is ASCII."""
    answer = gateway.curl("--http2-prior-knowledge", where, value, gateway.url + PATH)
    assert answer.startswith("HTTP/2 400")


@pytest.mark.parametrize("path", ["/\udce9", "/\udcc0\udcaf", "?scope=\udce9", "?scope=é"])
def test_addresses_are_read_strictly_over_http2(gateway: Environment, path: str) -> None:
    """Over HTTP/2, which allows any byte in an address, a path must be UTF-8 and a query ASCII."""
    bearer = f"authorization: {gateway.bearer['authorization']}"
    answer = gateway.curl(
        "--http2-prior-knowledge", "--path-as-is", "-H", bearer, gateway.url + PATH + path
    )
    assert answer.startswith("HTTP/2 400"), answer
    assert "MALFORMED_REQUEST" in answer
    assert not gateway.backend.client_calls


@pytest.mark.parametrize(
    "host",
    [
        b"host: a\r\nhost: b",
        b"host: a\r\nhost: a",
        b"host: a,b",
        b"host: user@a",
        b"host: a:99999999",
        b"host: a:x",
        b"host: a/b",
        b"host: a b",
        b"host: a\\b",
        b'host: <a">',
        b"host: \xe9",
        b"host: [::1",
        b"host: [::1]x",
    ],
)
def test_the_host_is_one_host(gateway: Environment, host: bytes) -> None:
    """Two Host headers, or one that is no host with a port, get a 400."""
    assert _refused(gateway, HEALTH + host + b"\r\n\r\n") == MALFORMED


@pytest.mark.parametrize(
    "host", [b"api.example.com", b"127.0.0.1:8080", b"[::1]:8080", b"a_b", b"A.b.", b"a:", b""]
)
def test_any_host_is_accepted(gateway: Environment, host: bytes) -> None:
    """Any one host is accepted: the gateway serves all of them alike."""
    assert gateway.raw(HEALTH + b"host: " + host + b"\r\n\r\n").status == 200


@pytest.mark.parametrize(
    "text",
    [
        LOGIN + b"content-length: 2\r\ncontent-length: 2\r\n\r\n{}",
        LOGIN + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{}",
        LOGIN + b"content-length: 2, 2\r\n\r\n{}",
        LOGIN + b"content-length: +2\r\n\r\n{}",
        LOGIN + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        LOGIN + b"transfer-encoding: bogus\r\n\r\n{}",
        LOGIN + b"transfer-encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        LOGIN + b"transfer-encoding: chunked, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        LOGIN + b"transfer-encoding: identity\r\n\r\n",
        LOGIN + b"transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        HEALTH + b"host: a\r\nuser-agent : a\r\n\r\n",
        HEALTH + b"host: a\r\nuser-agent: a\0b\r\n\r\n",
        HEALTH + b"host: a\r\nus\xe9r: a\r\n\r\n",
        b"G\xe9T /api/v5/health HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET /api/v5/h\xe9alth HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET ftp://b/api/v5/health HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET /api/v5/health#x HTTP/1.1\r\nhost: a\r\n\r\n",
    ],
)
def test_ambiguous_requests_are_refused(gateway: Environment, text: bytes) -> None:
    """A request whose end or target two parsers could see differently gets a 400, with an id."""
    assert _refused(gateway, text) == MALFORMED
    assert gateway.raw(text).json["error"]["requestId"]


def test_folded_headers_arrive_in_one_line(gateway: Environment) -> None:
    """A folded header is one line to the service (RFC 9112, section 5.2)."""
    bearer = f"authorization: {gateway.bearer['authorization']}\r\n".encode()
    line = f"GET {PATH} HTTP/1.1\r\nhost: a\r\n".encode()
    assert gateway.raw(line + bearer + b"user-agent: a\r\n b\r\n\r\n").status == 200
    assert gateway.backend.last("ListSessions").metadata["user-agent"].startswith("a b")


def test_an_absolute_target_is_accepted(gateway: Environment) -> None:
    """A target with scheme and host is accepted (RFC 9112, section 3.2.2)."""
    answer = gateway.raw(b"GET http://b/api/v5/health HTTP/1.1\r\nhost: a\r\n\r\n")
    assert answer.status == 200


def test_every_refusal_has_an_id(gateway: Environment) -> None:
    """A request that is refused before it has an id gets the one of its connection."""
    for text in (
        "OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET https://b/api/v5/health HTTP/1.1\r\nhost: a\r\n\r\n",
        LOGIN.decode() + "transfer-encoding: bogus\r\n\r\n",
        'GET /a%2Fb HTTP/1.1\r\nhost: a\r\nx-request-id: ","x":"\r\n\r\n',
    ):
        name = gateway.raw(text).json["error"]["requestId"]
        assert gateway.logged(f'"{name}"')["connection"] == name


@pytest.mark.parametrize("method", ["GET", "G" * 40_000])
def test_log_lines_are_short(gateway: Environment, method: str) -> None:
    """A line of the access log is short, whatever a client sends."""
    long = "a" * 50_000 if method == "GET" else "a"
    request = gateway.curl(
        "--http2-prior-knowledge", "-X", method,
        "-H", f"user-agent: {'b' * 5_000}", "-H", f"x-forwarded-for: {'1' * 3_000}",
        f"{gateway.url}/{long}?{'c' * 2_000}",
    )  # fmt: skip
    name = json.loads(request.splitlines()[-1])["error"]["requestId"]
    line = gateway.logged(name)
    assert method.startswith(line["method"])
    assert len(json.dumps(line)) < 1_000


def test_trailers_reach_no_service(gateway: Environment) -> None:
    """A client cannot send a service headers behind the body."""
    answer = gateway.raw(
        f"POST {PATH} HTTP/1.1\r\nhost: a\r\nauthorization: {gateway.bearer['authorization']}\r\n"
        "content-type: application/json\r\ntransfer-encoding: chunked\r\ntrailer: x-coditect-user\r\n\r\n"
        "2\r\n{}\r\n0\r\nx-coditect-user: root\r\n\r\n"
    )
    assert answer.status == 201
    assert "root" not in str(gateway.backend.last("CreateSession").metadata)


def test_a_trusted_proxys_scheme_is_checked_too(tmp_path: Path) -> None:
    """Behind a proxy, the scheme that it names is ASCII as well."""
    with open_environment(tmp_path, trusted_proxies=1) as made:
        text = HEALTH + b"host: a\r\nx-forwarded-proto: \xe9, https\r\n\r\n"
        assert _refused(made, text) == MALFORMED
