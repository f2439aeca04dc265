"""Bearer tokens that are no JWT: auth exchanges them for access tokens."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from coditect.envoy.v1 import external_auth_pb2
from tests.gateway.backend import exchanged, failure
from tests.gateway.environment import WHERE, Environment, open_environment

PATH = "/api/v5/sessions"
TOKEN = "cdt_pat_x"
UNAVAILABLE = 14


def _get(made: Environment, credentials: str = f"Bearer {TOKEN}", **options: Any) -> httpx.Response:
    return made.client.get(PATH, headers={"authorization": credentials}, **options)


def _code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER   "])
def test_a_token_isexchanged(gateway: Environment, scheme: str) -> None:
    """The service sees the access token that auth gives, and never the other token."""
    token = gateway.key.token()
    gateway.backend.answers["Check"] = exchanged(token)
    assert _get(gateway, scheme + TOKEN).status_code == 200
    seen = gateway.backend.last("ListSessions").metadata
    assert seen["authorization"] == f"Bearer {token}"
    assert TOKEN not in str(seen)


def test_auth_learns_the_credentials_alone(gateway: Environment) -> None:
    """Of the headers of the call auth gets `authorization`, and the request id for its log."""
    gateway.backend.answers["Check"] = exchanged(gateway.key.token())
    headers = {"cookie": "__Host-coditect_device=x", "user-agent": "x", "idempotency-key": "x"}
    answer = gateway.client.get(PATH, headers=headers | {"authorization": f"Bearer {TOKEN}"})
    asked = gateway.backend.last("Check")
    assert dict(asked.request.attributes.request.http.headers) == {
        "authorization": f"Bearer {TOKEN}"
    }
    assert asked.metadata["x-request-id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "credentials",
    ["Bearer {jwt}", "Bearer xcdt_", "Bearer CDT_pat_x", "Basic cdt_pat_x", "Bearercdt_pat_x", ""],
)
def test_other_credentials_are_not_sent_to_auth(gateway: Environment, credentials: str) -> None:
    """A call with an access token, and one with anything else, causes no question to auth."""
    jwt = gateway.key.token()
    answer = _get(gateway, credentials.format(jwt=jwt))
    assert answer.status_code == (200 if "jwt" in credentials else 401)
    assert gateway.backend.count("Check") == 0


def test_public_methods_do_not_ask_auth(gateway: Environment) -> None:
    """A method that takes no token ignores one of any kind."""
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert gateway.client.post("/api/v5/auth/login", json={}, headers=headers).status_code == 200
    assert gateway.client.get("/.well-known/jwks.json", headers=headers).status_code == 200
    assert gateway.backend.count("Check") == 0


def test_a_download_takes_such_a_token(gateway: Environment) -> None:
    """The exchange and the pieces of a file go together."""
    gateway.backend.answers["Check"] = exchanged(gateway.key.token())
    headers = {"authorization": f"Bearer {TOKEN}"}
    answer = gateway.client.get("/api/v5/auth/me/export", headers=headers)
    assert (answer.status_code, answer.text) == (200, '{"kind":"user"}\n')


def test_a_refused_token_is_an_invalid_one(gateway: Environment) -> None:
    """The token that auth gives for a bad one is refused like any access token that is not good."""
    gateway.backend.answers["Check"] = exchanged("invalid")
    answer = _get(gateway)
    assert _code(answer) == (401, "ACCESS_TOKEN_INVALID")
    assert answer.headers["www-authenticate"] == f'Bearer error="invalid_token", {WHERE}'
    assert gateway.backend.count("ListSessions") == 0


def test_an_answer_without_a_token_refuses_the_call(gateway: Environment) -> None:
    """If auth answers without an access token, the bearer token itself is none."""
    gateway.backend.answers["Check"] = external_auth_pb2.CheckResponse()
    assert _code(_get(gateway)) == (401, "ACCESS_TOKEN_INVALID")


def test_a_bad_token_counts_for_its_address(tmp_path: Path) -> None:
    """Calls with bad tokens are limited by address, those with good ones by user."""
    with open_environment(tmp_path, address_rate=3, user_rate=5) as made:
        made.backend.answers["Check"] = exchanged("invalid")
        assert [_get(made).status_code for _ in range(4)] == [401, 401, 401, 429]
        made.backend.answers["Check"] = exchanged(made.key.token())
        assert [_get(made).status_code for _ in range(6)] == [200] * 5 + [429]


def test_an_address_asks_auth_so_often(tmp_path: Path) -> None:
    """Over the limit auth is not asked, whether tokens are good or not; access tokens go on."""
    with open_environment(tmp_path, exchange_rate=3) as made:
        made.backend.answers["Check"] = exchanged(made.key.token())
        assert [_get(made).status_code for _ in range(5)] == [200] * 3 + [429] * 2
        answer = _get(made)
        assert _code(answer) == (429, "RATE_LIMITED")
        assert answer.headers["ratelimit"].startswith('"address";r=0;t=')
        assert answer.headers["ratelimit-policy"] == '"address";q=3;w=60'
        assert made.backend.count("Check") == 3
        assert made.call("GET", PATH).status_code == 200


@pytest.mark.parametrize("answer", [failure(UNAVAILABLE, "X"), failure(2)])
def test_a_call_fails_while_auth_does_not_answer(gateway: Environment, answer: Any) -> None:
    """While auth cannot say, a call gets 503 and a time to repeat it."""
    gateway.backend.answers["Check"] = answer
    response = _get(gateway)
    assert _code(response) == (503, "UPSTREAM_UNAVAILABLE")
    assert response.headers["retry-after"] == "1"


def test_a_stopped_auth_is_unavailable(tmp_path: Path) -> None:
    """So does a call while auth does not run; one with an access token goes on."""
    with open_environment(tmp_path) as made:
        made.backend.answers["Check"] = exchanged(made.key.token())
        assert _get(made).status_code == 200
        made.backend.stop("auth")
        assert _code(_get(made)) == (503, "UPSTREAM_UNAVAILABLE")
        assert made.call("GET", PATH).status_code == 200


def test_a_failed_question_is_asked_again(gateway: Environment) -> None:
    """A replica of auth that stops costs no call: the question goes to another one."""
    gateway.backend.answers["Check"] = _sometimes(exchanged(gateway.key.token()))
    assert [_get(gateway).status_code for _ in range(3)] == [200] * 3
    assert gateway.backend.count("Check") == 6


def test_a_slow_answer_is_awaited(gateway: Environment) -> None:
    """Auth may need a moment for a token that it does not have in memory."""

    async def slow() -> Any:
        await asyncio.sleep(0.6)
        return exchanged(gateway.key.token())

    gateway.backend.answers["Check"] = lambda _: slow()
    began = time.monotonic()
    assert _get(gateway).status_code == 200
    assert time.monotonic() - began > 0.5
    assert gateway.backend.count("Check") == 1


def _sometimes(answer: Any) -> Callable[[Any], Any]:
    """Fails every other call."""
    asked = iter(range(100))
    return lambda _: answer if next(asked) % 2 else failure(UNAVAILABLE)
