"""The access log: one JSON object for each request, with the names that all logs have."""

import time
from datetime import datetime
from typing import Any

import jwt
import pytest

from tests.gateway.backend import exchanged
from tests.gateway.environment import Environment, Key

PATH = "/api/v5/sessions"
NAMED = {
    "sub": "11111111-1111-4111-8111-111111111111",
    "tenant_id": "22222222-2222-4222-8222-222222222222",
    "client_id": "33333333-3333-4333-8333-333333333333",
    "token_id": "44444444-4444-4444-8444-444444444444",
}
WHO = {
    "user_id": NAMED["sub"],
    **{name: NAMED[name] for name in ("tenant_id", "client_id", "token_id")},
}
NOBODY = dict.fromkeys(WHO)


def line_of(gateway: Environment, method: str, path: str, **headers: str) -> dict[str, Any]:
    """Calls, and returns the line of the call."""
    answer = gateway.client.request(method, path, headers=headers)
    return gateway.logged(answer.headers["x-request-id"])


def who(line: dict[str, Any]) -> dict[str, Any]:
    """User, tenant and program of a line."""
    return {name: line[name] for name in WHO}


def test_a_line_says_what_was_asked_and_given(gateway: Environment) -> None:
    """Method, path, protocol, bytes in both directions, client, duration and time."""
    answer = gateway.call(
        "POST", f"{PATH}?x=hush", json={"name": "work"}, headers={"user-agent": "curl/8"}
    )
    line = gateway.logged(answer.headers["x-request-id"])
    assert (line["event"], line["method"], line["path"]) == ("request", "POST", PATH)
    assert (line["protocol"], line["user_agent"]) == ("HTTP/1.1", "curl/8")
    assert line["bytes_received"] == len(answer.request.content)
    assert line["bytes_sent"] == len(answer.content)
    assert isinstance(line["duration_ms"], int)
    assert abs(time.time() - _seconds(line["time"])) < 60
    assert "trace_id" not in line


def test_a_line_names_user_tenant_and_program(gateway: Environment) -> None:
    """Those of a token that the gateway has verified."""
    token = gateway.key.token(**NAMED)
    assert who(line_of(gateway, "GET", PATH, authorization=f"Bearer {token}")) == WHO


def test_a_user_without_a_program(gateway: Environment) -> None:
    """A claim that the token does not have is null."""
    token = gateway.key.token(sub=NAMED["sub"])
    line = line_of(gateway, "GET", PATH, authorization=f"Bearer {token}")
    assert who(line) == NOBODY | {"user_id": NAMED["sub"]}


def test_an_exchanged_token_names_its_user(gateway: Environment) -> None:
    """A token that is no JWT counts as the access token that auth gives for it."""
    gateway.backend.answers["Check"] = exchanged(gateway.key.token(**NAMED))
    line = line_of(gateway, "GET", PATH, authorization="Bearer cdt_pat_hush")
    assert who(line) == WHO
    assert "hush" not in str(line)


@pytest.mark.parametrize("path", [PATH, "/api/v5/auth/login", "/nope"])
def test_a_token_that_is_not_good_names_nobody(gateway: Environment, path: str) -> None:
    """Forged, expired, of another audience, unsigned: a line says nothing of what it claims."""
    forged = Key(gateway.key.kid).token(**NAMED)
    unsigned = jwt.encode(jwt.decode(forged, options={"verify_signature": False}), "", "none")
    for token in (
        forged,
        unsigned,
        gateway.key.token(**NAMED, exp=int(time.time()) - 60),
        gateway.key.token(**NAMED, aud="another"),
    ):
        line = line_of(gateway, "GET", path, authorization=f"Bearer {token}")
        assert line["status"] in {401, 404, 405}
        assert who(line) == NOBODY


def test_a_method_without_users_names_nobody(gateway: Environment) -> None:
    """Where the gateway verifies no token, a good one says nothing either."""
    token = gateway.key.token(**NAMED)
    line = line_of(gateway, "POST", "/api/v5/auth/login", authorization=f"Bearer {token}")
    assert who(line) == NOBODY


def test_a_client_cannot_name_itself(gateway: Environment) -> None:
    """No header is taken for a claim."""
    line = line_of(gateway, "GET", PATH, **{"x-coditect-caller": "root", "x-user-id": "root"})
    assert who(line) == NOBODY
    assert "root" not in str(line)


def test_what_a_client_chooses_is_cut(gateway: Environment) -> None:
    """A long User-Agent is cut."""
    line = line_of(gateway, "GET", PATH, **{"user-agent": "b" * 5000})
    assert line["user_agent"] == "b" * 128


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
