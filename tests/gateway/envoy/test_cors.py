"""Which pages may read responses."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.environment import ORIGIN, Environment, open_environment

EXPOSED = "x-request-id, retry-after, ratelimit, ratelimit-policy, www-authenticate"
PREFLIGHT = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,idempotency-key,traceparent",
}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v5/sessions",
        "/api/v5/auth/login",
        "/api/v5/auth/me",
        "/api/v5/health",
        "/.well-known/jwks.json",
    ],
)
def test_preflight_of_a_known_origin(gateway: Environment, path: str) -> None:
    """A preflight needs no token, and its response says what a page of a known origin may send."""
    answer = gateway.client.options(path, headers=PREFLIGHT | {"origin": ORIGIN})
    assert answer.status_code == 200
    assert answer.text == ""
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "POST" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"]
    assert allowed == (
        "authorization, content-type, idempotency-key, x-coditect-tokens, x-request-id, traceparent,"
        " tracestate"
    )
    assert answer.headers["access-control-max-age"] == "7200"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert not gateway.backend.client_calls


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", f"{ORIGIN}.evil.example", "null", ORIGIN.replace("https", "http")],
)
def test_other_origins_get_nothing(gateway: Environment, origin: str) -> None:
    """A page of another origin may neither send a preflight nor read responses."""
    answer = gateway.client.options("/api/v5/sessions", headers=PREFLIGHT | {"origin": origin})
    assert answer.status_code == 405
    assert "access-control-allow-origin" not in answer.headers
    for path in ("/api/v5/sessions", "/api/v5/health", "/api/v5/ready", "/nothing", "/a%2Fb"):
        answer = gateway.call("GET", path, headers={"origin": origin})
        assert "access-control-allow-origin" not in answer.headers
        assert "access-control-expose-headers" not in answer.headers
        assert "access-control-allow-credentials" not in answer.headers
        assert answer.headers["vary"] == "Origin"


def test_answers_and_errors_can_be_read(gateway: Environment) -> None:
    """A page of a known origin can read responses, errors and the headers it needs."""
    for answer in (
        gateway.call("GET", "/api/v5/sessions", headers={"origin": ORIGIN}),
        gateway.client.get("/api/v5/sessions", headers={"origin": ORIGIN}),
        gateway.call("GET", "/api/v5/sessions?nope=1", headers={"origin": ORIGIN}),
    ):
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert answer.headers["access-control-expose-headers"] == EXPOSED


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/api/v5/health", {}, 200),
        ("GET", "/api/v5/ready", {}, 200),
        ("GET", "/.well-known/jwks.json", {}, 200),
        ("GET", "/api/v5/sessions/a%2Fb", {}, 400),
        ("GET", "/api/v5/sessions?scope=%ff", {}, 400),
        ("GET", "/api/v5/sessions", {"user-agent": "é".encode()}, 400),
        ("GET", "/api/v5/sessions", {"authorization": "Basic x"}, 401),
        ("GET", "/api/v5/sessions", {"authorization": "Bearer x"}, 401),
        ("GET", "/nothing", {}, 404),
        ("PUT", "/api/v5/sessions", {}, 405),
        ("POST", "/api/v5/ready", {}, 405),
        ("POST", "/api/v5/auth/login", {"content-type": "text/plain"}, 415),
    ],
)
def test_every_answer_can_be_read(
    gateway: Environment, method: str, path: str, headers: dict[str, str | bytes], status: int
) -> None:
    """A page of a known origin can read every response, also those that no service gave."""
    content = b"{}" if method != "GET" else None
    answer = gateway.client.request(
        method, path, headers={"origin": ORIGIN} | headers, content=content
    )
    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-expose-headers"] == EXPOSED
    assert answer.headers["vary"] == "Origin"


@pytest.fixture(scope="module")
def on_a_laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """A gateway whose issuer is this machine, and that is given no origins."""
    options: dict[str, Any] = {"cors_origins": (), "token_issuer": "http://localhost:8080"}
    with open_environment(tmp_path_factory.mktemp("laptop"), **options) as made:
        yield made


LAPTOP_PAGES = ["http://localhost:5173", "http://127.0.0.1:3000", "http://[::1]:3000"]
OTHER_PAGES = [
    "null", "http://evil.example", "http://localhost.evil.example", "http://localhost:1.evil.example",
    "http://evil.example:80@localhost", "http://localhost:x", "http://127.0.0.10",
]  # fmt: skip


@pytest.mark.parametrize("origin", LAPTOP_PAGES)
def test_on_a_laptop_every_page_of_the_machine_may_read(
    on_a_laptop: Environment, origin: str
) -> None:
    """A development server on another port needs no setting, neither for services nor for errors."""
    preflight = on_a_laptop.client.options(
        "/api/v5/auth/login", headers=PREFLIGHT | {"origin": origin}
    )
    assert preflight.status_code == 200
    for answer in (
        preflight,
        on_a_laptop.call("GET", "/api/v5/sessions", headers={"origin": origin}),
        on_a_laptop.client.get("/api/v5/sessions", headers={"origin": origin}),
        on_a_laptop.client.get("/nothing", headers={"origin": origin}),
    ):
        assert answer.headers["access-control-allow-origin"] == origin
        assert answer.headers["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize("origin", OTHER_PAGES)
def test_on_a_laptop_no_other_page_may_read(on_a_laptop: Environment, origin: str) -> None:
    """A name that only looks like this machine is none of it."""
    preflight = on_a_laptop.client.options(
        "/api/v5/auth/login", headers=PREFLIGHT | {"origin": origin}
    )
    assert preflight.status_code == 405
    for answer in (
        preflight,
        on_a_laptop.call("GET", "/api/v5/sessions", headers={"origin": origin}),
        on_a_laptop.client.get("/nothing", headers={"origin": origin}),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert answer.headers["vary"] == "Origin"


def test_without_origins_nothing_is_said(tmp_path: Path) -> None:
    """Without origins that may read responses, no response has headers for pages."""
    with open_environment(tmp_path, cors_origins=()) as made:
        for path in ("/api/v5/sessions", "/api/v5/health", "/nothing"):
            answer = made.call("GET", path, headers={"origin": ORIGIN})
            assert not {"vary", "access-control-allow-origin"} & set(answer.headers)
