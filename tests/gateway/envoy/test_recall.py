"""What the gateway remembers of auth's answers about bearer tokens, and for how long."""

import asyncio
import itertools
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from coditect.envoy.v1 import external_auth_pb2
from tests.gateway.backend import exchanged, failure
from tests.gateway.environment import Environment, open_environment

PATH = "/api/v5/sessions"
KEPT_SECONDS = 1.0
UNAUTHENTICATED = 16

tokens = (f"cdt_pat_{number:060}" for number in itertools.count())
"""Tokens that no test has used: the gateway is shared."""


@pytest.fixture
def token() -> str:
    """A token that the gateway has not seen."""
    return next(tokens)


def get(made: Environment, token: str, scheme: str = "Bearer ") -> httpx.Response:
    """Calls with a token."""
    return made.client.get(PATH, headers={"authorization": scheme + token})


def seen(made: Environment) -> str:
    """The access token of the last call that reached a service."""
    return made.backend.last("ListSessions").metadata["authorization"].removeprefix("Bearer ")


def kept(made: Environment) -> Callable[[Any], external_auth_pb2.CheckResponse]:
    """Answers each question with another access token, which the gateway may remember."""
    numbers = itertools.count()
    return lambda _: exchanged(made.key.token(jti=str(next(numbers))), may_be_kept=True)


def test_auth_is_asked_once_a_second(gateway: Environment, token: str) -> None:
    """Every call within a second of a question has the access token that came of it."""
    gateway.backend.answers["Check"] = kept(gateway)
    began, used = time.monotonic(), set()
    while time.monotonic() - began < KEPT_SECONDS * 0.8:
        assert get(gateway, token).status_code == 200
        used.add(seen(gateway))
    assert (gateway.backend.count("Check"), len(used)) == (1, 1)
    time.sleep(KEPT_SECONDS * 0.3)
    assert get(gateway, token).status_code == 200
    assert gateway.backend.count("Check") == 2
    assert seen(gateway) not in used


def test_auth_says_what_is_remembered(gateway: Environment, token: str) -> None:
    """An access token that is about to end is not, and neither is a refusal."""
    for answer, status in ((gateway.key.token(), 200), ("refused", 401)):
        gateway.backend.answers["Check"] = exchanged(answer)
        assert [get(gateway, token).status_code for _ in range(3)] == [status] * 3
    assert gateway.backend.count("Check") == 6


def test_a_refusal_drops_it(gateway: Environment, token: str) -> None:
    """After a 401 of a service auth is asked again: it may have another access token by now."""
    gateway.backend.answers["Check"] = kept(gateway)
    assert get(gateway, token).status_code == 200
    before = seen(gateway)
    gateway.backend.answers["ListSessions"] = failure(UNAUTHENTICATED, "ACCESS_TOKEN_REVOKED")
    assert get(gateway, token).status_code == 401
    assert (gateway.backend.count("Check"), seen(gateway)) == (1, before)
    del gateway.backend.answers["ListSessions"]
    assert [get(gateway, token).status_code for _ in range(3)] == [200] * 3
    assert gateway.backend.count("Check") == 2
    assert seen(gateway) != before


def test_other_errors_drop_nothing(gateway: Environment, token: str) -> None:
    """Only a 401 says that the access token is not good."""
    gateway.backend.answers["Check"] = kept(gateway)
    gateway.backend.answers["ListSessions"] = failure(7, "SCOPE_MISSING")
    assert [get(gateway, token).status_code for _ in range(3)] == [403] * 3
    assert gateway.backend.count("Check") == 1


def test_what_was_dropped_does_not_come_back(gateway: Environment, token: str) -> None:
    """The end of a call that asked before the 401 brings nothing back."""

    async def slow() -> None:
        await asyncio.sleep(0.4)

    gateway.backend.answers["Check"] = kept(gateway)
    gateway.backend.answers["ListSessions"] = lambda _: slow()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(get, gateway, token)
        time.sleep(0.1)
        del gateway.backend.answers["ListSessions"]
        assert get(gateway, token).status_code == 200
        gateway.backend.answers["ListSessions"] = failure(UNAUTHENTICATED, "ACCESS_TOKEN_REVOKED")
        assert get(gateway, token).status_code == 401
        del gateway.backend.answers["ListSessions"]
        assert first.result().status_code == 200
    assert gateway.backend.count("Check") == 2
    assert get(gateway, token).status_code == 200
    assert gateway.backend.count("Check") == 3


def test_the_second_begins_with_the_question(gateway: Environment, token: str) -> None:
    """Not with the answer to the call: that of a slow service is too late to remember anything."""

    async def slow() -> None:
        await asyncio.sleep(KEPT_SECONDS + 0.1)

    gateway.backend.answers["Check"] = kept(gateway)
    gateway.backend.answers["ListSessions"] = lambda _: slow()
    assert get(gateway, token).status_code == 200
    del gateway.backend.answers["ListSessions"]
    assert get(gateway, token).status_code == 200
    assert gateway.backend.count("Check") == 2


def test_no_token_gets_what_another_one_has(gateway: Environment, token: str) -> None:
    """Also not one that begins or ends like it."""
    access: dict[str, str] = {}

    def answer(asked: Any) -> external_auth_pb2.CheckResponse:
        text = asked.attributes.request.http.headers["authorization"]
        given = access[text] = gateway.key.token(jti=text)
        return exchanged(given, may_be_kept=True)

    gateway.backend.answers["Check"] = answer
    several = [token, token[:-1], f"{token}0", next(tokens), token.replace("pat", "sak")]
    for _ in range(3):
        for each in several:
            assert get(gateway, each).status_code == 200
            assert seen(gateway) == access[f"Bearer {each}"]
    assert gateway.backend.count("Check") == len(several)


@pytest.mark.parametrize("more", ["Bearer x", "Bearer cdt_pat_x", "{token}"])
def test_two_headers_are_no_token(gateway: Environment, token: str, more: str) -> None:
    """A call with a second `authorization` gets nothing of what is remembered for the first one."""
    gateway.backend.answers["Check"] = kept(gateway)
    assert get(gateway, token).status_code == 200
    gateway.backend.answers["Check"] = exchanged("refused")
    answer = gateway.raw(
        f"GET {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n"
        f"authorization: {more.format(token=f'Bearer {token}')}\r\nconnection: close\r\n\r\n"
    )
    assert answer.status == 401
    assert gateway.backend.count("Check") == 2


def test_long_credentials_are_not_remembered(gateway: Environment, token: str) -> None:
    """A client that spells them in ever more ways fills no memory."""
    gateway.backend.answers["Check"] = kept(gateway)
    for _ in range(2):
        assert get(gateway, token, "Bearer" + " " * 30).status_code == 200
    assert gateway.backend.count("Check") == 2


def test_the_memory_is_bounded(tmp_path: Path) -> None:
    """The oldest answers make room for new ones."""

    def small(text: str) -> str:
        assert text.count("MOST = 1000") == 1
        return text.replace("MOST = 1000", "MOST = 2")

    with open_environment(tmp_path, adapt=small) as made:
        made.backend.answers["Check"] = kept(made)
        several = [next(tokens) for _ in range(5)]
        for each in several:
            assert get(made, each).status_code == 200
        assert get(made, several[-1]).status_code == 200
        assert made.backend.count("Check") == 5
        assert get(made, several[0]).status_code == 200
        assert made.backend.count("Check") == 6


def test_every_kind_of_call_remembers(gateway: Environment, token: str) -> None:
    """Reads, writes and HEAD, on one connection or several, in HTTP/1.1 and HTTP/2."""
    gateway.backend.answers["Check"] = kept(gateway)
    headers = {"authorization": f"Bearer {token}"}
    client = gateway.client
    assert client.post(PATH, json={"name": "x"}, headers=headers).status_code == 201
    assert client.get(PATH, headers=headers).status_code == 200
    assert client.head(PATH, headers=headers).status_code == 200
    assert client.get("/api/v5/auth/me/export", headers=headers).status_code == 200
    assert httpx.get(gateway.url + PATH, headers=headers).status_code == 200
    answer = gateway.curl(
        "--http2-prior-knowledge", "-H", f"authorization: Bearer {token}", gateway.url + PATH
    )
    assert answer.startswith("HTTP/2 200")
    assert gateway.backend.count("Check") == 1


def test_only_questions_count_for_the_limit(tmp_path: Path) -> None:
    """Calls for which auth is not asked are limited by user alone."""
    with open_environment(tmp_path, exchange_rate=2, user_rate=8) as made:
        made.backend.answers["Check"] = kept(made)
        first, second, third = (next(tokens) for _ in range(3))
        assert [get(made, first).status_code for _ in range(5)] == [200] * 5
        assert get(made, second).status_code == 200
        assert get(made, third).json()["error"]["code"] == "RATE_LIMITED"
        assert made.backend.count("Check") == 2
        assert [get(made, second).status_code for _ in range(3)] == [200, 200, 429]


def test_both_tokens_stay_inside(gateway: Environment, token: str) -> None:
    """No service sees the bearer token, and neither the client nor the log sees any of the two."""
    gateway.backend.answers["Check"] = kept(gateway)
    for _ in range(2):
        answer = get(gateway, token)
        assert token not in str(gateway.backend.last("ListSessions").metadata)
        line = json.dumps(gateway.logged(answer.headers["x-request-id"]))
        for secret in (token, seen(gateway)):
            assert secret not in line + str(answer.headers) + answer.text
    assert gateway.backend.count("Check") == 1


def test_a_limited_call_forgets_nothing(tmp_path: Path, token: str) -> None:
    """An access token whose user has called too often is still good."""
    with open_environment(tmp_path, user_rate=2) as made:
        made.backend.answers["Check"] = kept(made)
        assert [get(made, token).status_code for _ in range(4)] == [200, 200, 429, 429]
        assert made.backend.count("Check") == 1
