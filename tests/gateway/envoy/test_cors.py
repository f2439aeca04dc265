"""Which pages may read responses."""

import pytest

from tests.gateway.environment import ORIGIN, Environment

PREFLIGHT = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,idempotency-key",
}


@pytest.mark.parametrize("path", ["/api/v5/sessions", "/api/v5/auth/login", "/api/v5/auth/me"])
def test_preflight_of_a_known_origin(gateway: Environment, path: str) -> None:
    """A preflight needs no token, and its response says what a page of a known origin may send."""
    answer = gateway.client.options(path, headers=PREFLIGHT | {"origin": ORIGIN})
    assert answer.status_code == 200
    assert answer.text == ""
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "POST" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"]
    assert allowed == "authorization, content-type, idempotency-key, x-request-id"
    assert answer.headers["access-control-max-age"] == "7200"
    assert "access-control-allow-credentials" not in answer.headers
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
    answer = gateway.call("GET", "/api/v5/sessions", headers={"origin": origin})
    assert "access-control-allow-origin" not in answer.headers


def test_answers_and_errors_can_be_read(gateway: Environment) -> None:
    """A page of a known origin can read responses, errors and the headers it needs."""
    for answer in (
        gateway.call("GET", "/api/v5/sessions", headers={"origin": ORIGIN}),
        gateway.client.get("/api/v5/sessions", headers={"origin": ORIGIN}),
        gateway.call("GET", "/api/v5/sessions?nope=1", headers={"origin": ORIGIN}),
    ):
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        exposed = "x-request-id, retry-after, ratelimit, ratelimit-policy"
        assert answer.headers["access-control-expose-headers"] == exposed
