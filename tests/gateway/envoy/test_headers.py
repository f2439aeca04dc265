"""Which headers pass the gateway, and what is logged."""

import uuid
from pathlib import Path

import pytest

from gateway.envoy.response_headers import of_services
from gateway.settings import Settings
from tests.gateway.environment import ENOUGH, Environment, open_environment

PATH = "/api/v5/sessions"
DEVICE = "__Host-coditect_device"
REFRESH = "__Host-coditect_refresh"


def test_identity_from_outside_is_stripped(gateway: Environment) -> None:
    """Headers that claim an identity, or steer Envoy or gRPC, do not reach a service."""
    gateway.call(
        "GET",
        PATH,
        headers={
            "x-coditect-user": "root",
            "x-coditect-client-address": "root",
            "X-Coditect-Tenant": "root",
            "x_coditect_user": "root",
            "x-forwarded-client-cert": "root",
            "x-envoy-retry-on": "5xx",
            "x-envoy-upstream-rq-timeout-ms": "1",
            "x-envoy-internal": "true",
            "grpc-timeout": "1n",
            "grpc-encoding": "gzip",
            "trace-bin": "!!",
        },
    )
    call = gateway.backend.last("ListSessions")
    assert "root" not in str(call.metadata)
    assert not {"x-envoy-retry-on", "x-envoy-internal", "trace-bin"} & set(call.metadata)


def test_only_listed_headers_reach_a_service(gateway: Environment) -> None:
    """A service receives only the headers that it uses."""
    odd = {"cookie": "a=b", "%": "x", "a^b": "x", "user-agentx": "x", "user-agen": "x", "u": "x"}
    traces = {"traceparent": "00-1-2-01", "tracestate": "a=b", "baggage": "a=b"}
    answer = gateway.call("GET", PATH, headers=odd | traces)
    assert answer.status_code == 200
    assert set(gateway.backend.last("ListSessions").metadata) == {
        "authorization",
        "user-agent",
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-request-id",
        "x-envoy-external-address",
        "x-envoy-original-method",
        "x-envoy-original-path",
    }


@pytest.mark.parametrize(
    ("cookies", "passed"),
    [
        (f"{DEVICE}=abc_-9", f"{DEVICE}=abc_-9"),
        (f"a=b; {DEVICE}=abc; c=\xe9", f"{DEVICE}=abc"),
        (f"a={DEVICE}=x", None),
        (f"x{DEVICE}=abc", None),
        (f"{DEVICE}=", None),
        (f"a=b, {DEVICE}=abc", None),
        (f"a=b {DEVICE}=abc", None),
        (f"a b={DEVICE}=abc", None),
        (f"{DEVICE}=abc, {DEVICE}=x", None),
        ("session=secret", None),
    ],
)
def test_a_login_gets_the_cookie_of_the_device_and_no_other(
    gateway: Environment, cookies: str, passed: str | None
) -> None:
    """Of all cookies one reaches auth, and of no other method any; so their values do not matter."""
    body = {"email": "ada@example.com", "password": "x"}
    headers = {"cookie": cookies.encode("latin-1")}
    assert gateway.call("POST", "/api/v5/auth/login", headers=headers, json=body).is_success
    assert gateway.backend.last("Login").metadata.get("cookie") == passed
    gateway.call("POST", "/api/v5/auth/refresh", headers=headers, json={"refreshToken": "x"})
    gateway.call("GET", PATH, headers=headers)
    for method in ("Refresh", "ListSessions"):
        assert "cookie" not in gateway.backend.last(method).metadata


@pytest.mark.parametrize("odd", [" ", "=", " =", "x ", "x= "])
def test_a_long_cookie_is_read_in_no_time(gateway: Environment, odd: str) -> None:
    """Whatever a stranger repeats in a cookie, the gateway has time for others."""
    cookie = f"a=b;{odd * (50_000 // len(odd))}y; {DEVICE}=abc"
    began = gateway.processor_seconds()
    assert gateway.call("GET", "/api/v5/health", headers={"cookie": cookie}).is_success
    body = {"email": "ada@example.com", "password": "x"}
    headers = {"cookie": cookie}
    assert gateway.call("POST", "/api/v5/auth/login", headers=headers, json=body).is_success
    assert gateway.backend.last("Login").metadata["cookie"] == f"{DEVICE}=abc"
    assert gateway.processor_seconds() - began < 0.5


def test_refresh_and_logout_get_the_cookie_of_the_login(gateway: Environment) -> None:
    """With the header that asks for it; a login gets the cookie of the device alone, and others none."""
    cookie, mode = f"{REFRESH}=abc; {DEVICE}=xyz; a=b", {"x-coditect-tokens": "cookie"}
    headers = {"cookie": cookie, "origin": "https://page.example"} | mode
    for method, path in (("Refresh", "refresh"), ("Logout", "logout"), ("Login", "login")):
        body = {"email": "a@b.de", "password": "x"} if method == "Login" else {}
        gateway.call("POST", f"/api/v5/auth/{path}", headers=headers, json=body)
        metadata = gateway.backend.last(method).metadata
        passed = f"{DEVICE}=xyz" if method == "Login" else f"{REFRESH}=abc"
        assert metadata["cookie"] == passed
        assert (metadata["x-coditect-tokens"], metadata["origin"]) == (
            "cookie", "https://page.example",
        )  # fmt: skip
    gateway.call("GET", PATH, headers=headers)
    assert "cookie" not in gateway.backend.last("ListSessions").metadata


@pytest.mark.parametrize("protocol", ["--http1.1", "--http2-prior-knowledge"])
def test_several_cookies_count_as_one_list(gateway: Environment, protocol: str) -> None:
    """A client may send each cookie in a header field of its own (RFC 9113, section 8.2.3)."""
    json = ["-H", "content-type: application/json", "-d", '{"email":"a@b.de","password":"x"}']
    cookies = ["-H", "cookie: a=b", "-H", f"cookie: {DEVICE}=abc"]
    gateway.curl(protocol, *json, *cookies, f"{gateway.url}/api/v5/auth/login")
    assert gateway.backend.last("Login").metadata["cookie"] == f"{DEVICE}=abc"


def test_useful_headers_reach_the_service(gateway: Environment) -> None:
    """A service receives the client's address, the request id, the idempotency key and the deadline."""
    answer = gateway.call(
        "POST",
        PATH,
        headers={"user-agent": "test/1", "idempotency-key": "k1", "accept-language": "de"},
        json={},
    )
    call = gateway.backend.last("CreateSession")
    assert call.metadata["user-agent"].startswith("test/1")
    assert call.metadata["idempotency-key"] == "k1"
    assert call.metadata["accept-language"] == "de"
    assert call.metadata["x-request-id"] == answer.headers["x-request-id"]
    assert call.metadata["x-forwarded-for"] == "127.0.0.1"
    assert call.seconds_left is not None


def test_a_forged_address_is_not_passed_on(gateway: Environment) -> None:
    """Without trusted proxies, X-Forwarded-For is the address of the connection alone."""
    gateway.call("GET", PATH, headers={"x-forwarded-for": "203.0.113.9"})
    assert gateway.backend.last("ListSessions").metadata["x-forwarded-for"] == "127.0.0.1"


def test_a_trusted_proxy_sets_the_address(tmp_path: Path) -> None:
    """With a trusted proxy, the address is that of the proxy's client."""
    with open_environment(tmp_path, trusted_proxies=1) as made:
        made.call("GET", PATH, headers={"x-forwarded-for": "6.6.6.6, 203.0.113.9"})
        metadata = made.backend.last("ListSessions").metadata
        assert metadata["x-forwarded-for"] == "203.0.113.9"


def test_browsers_are_told_to_stay_with_tls(tmp_path: Path) -> None:
    """A response to a call over TLS, as a trusted proxy says, has Strict-Transport-Security."""
    strict = "strict-transport-security"
    with open_environment(tmp_path, trusted_proxies=1, hsts_seconds=60) as made:
        for path in (PATH, "/.well-known/jwks.json", "/api/v5/health", "/api/v5/ready", "/nothing"):
            answer = made.call("GET", path, headers={"x-forwarded-proto": "https"})
            assert answer.headers[strict] == "max-age=60"
            for other in ({}, {"x-forwarded-proto": "http"}, {"x-forwarded-proto": "http, https"}):
                assert strict not in made.call("GET", path, headers=other).headers
        answer = made.client.get("/a%2Fb", headers={"x-forwarded-proto": "https"})
        assert (answer.status_code, answer.headers[strict]) == (400, "max-age=60")


def test_without_a_trusted_proxy_there_is_no_tls(gateway: Environment) -> None:
    """A client cannot claim TLS, and without the setting nothing is said about it."""
    for path in (PATH, "/nothing"):
        answer = gateway.call("GET", path, headers={"x-forwarded-proto": "https"})
        assert "strict-transport-security" not in answer.headers
    assert gateway.backend.last("ListSessions").metadata["x-forwarded-proto"] == "http"
    assert of_services(Settings.read(ENOUGH)).keys() == {"x-content-type-options"}
    off = ENOUGH | {"TRUSTED_PROXIES": "1", "HSTS_SECONDS": "0"}
    assert of_services(Settings.read(off)).keys() == {"x-content-type-options"}


def test_request_ids_are_the_gateways(gateway: Environment) -> None:
    """Each request gets a new id, whatever the client sends."""
    answer = gateway.call("GET", PATH, headers={"x-request-id": 'mine"'})
    assert uuid.UUID(answer.headers["x-request-id"]).version == 4
    other = gateway.call("GET", PATH)
    assert other.headers["x-request-id"] != answer.headers["x-request-id"]


def test_responses_reveal_no_internals(gateway: Environment) -> None:
    """No response names the server, Envoy or gRPC."""
    for answer in (
        gateway.call("GET", PATH),
        gateway.call("GET", "/nope"),
        gateway.client.get(PATH),
        gateway.client.get("/api/v5/ready"),
        gateway.client.get("/.well-known/jwks.json"),
    ):
        names = " ".join(answer.headers)
        assert "server" not in answer.headers
        assert "x-envoy" not in names
        assert "grpc" not in names


def test_the_log_has_every_request_and_no_secret(gateway: Environment) -> None:
    """Each request is one JSON line, without query, token or body."""
    answer = gateway.call("GET", f"{PATH}?pageToken=hush")
    line = gateway.logged(answer.headers["x-request-id"])
    assert line["method"] == "GET"
    assert line["path"] == PATH
    assert line["status"] == 200
    assert line["cluster"] == "sessions"
    assert line["address"] == "127.0.0.1"
    assert isinstance(line["duration_ms"], int)
    assert "hush" not in str(line)
    assert "Bearer" not in str(line)
    answer = gateway.client.get("/nope?hush")
    line = gateway.logged(answer.headers["x-request-id"])
    assert (line["path"], line["status"], line["method"]) == ("/nope", 404, "GET")
