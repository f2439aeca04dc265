"""What the gateway remembers of auth's answers about bearer tokens, and for how long."""

import asyncio
import itertools
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from coditect.envoy.v1 import external_auth_pb2
from tests.gateway.backend import exchanged, failure
from tests.gateway.environment import Environment, open_environment
from tests.support.promises import PATIENCE_SECONDS

PATH = "/api/v5/sessions"
KEPT_SECONDS = 1.0
UNAUTHENTICATED = 16

tokens = (f"cdt_pat_{number:060}" for number in itertools.count())
"""Tokens that no test has used: the gateway is shared."""


@pytest.fixture(scope="module")
def patient_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """A gateway that remembers, and waits for a service, for longer than a test takes on a busy machine."""
    folder = tmp_path_factory.mktemp("patient")
    with open_environment(folder, adapt=lasting, request_timeout=30) as made:
        yield made


@pytest.fixture
def patient(patient_gateway: Environment) -> Environment:
    """The same, without calls and answers of other tests."""
    patient_gateway.backend.calls.clear()
    for name in set(patient_gateway.backend.answers) - {"GetJwks"}:
        del patient_gateway.backend.answers[name]
    return patient_gateway


@pytest.fixture
def token() -> str:
    """A token that the gateway has not seen."""
    return next(tokens)


def changed(text: str, old: str, new: str) -> str:
    """The configuration with another line in the script."""
    assert text.count(old) == 1
    return text.replace(old, new)


def lasting(text: str) -> str:
    """The configuration of a gateway that remembers for a minute."""
    return changed(text, "KEPT_MS = 1000", "KEPT_MS = 60000")


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
    while time.monotonic() - began < KEPT_SECONDS / 2:
        assert get(gateway, token).status_code == 200
        used.add(seen(gateway))
    asked = gateway.backend.count("Check")
    # One, unless the machine was so slow that a call took longer than what is remembered.
    assert asked == len(used) <= 1 + (time.monotonic() - began) // KEPT_SECONDS
    time.sleep(KEPT_SECONDS)
    assert get(gateway, token).status_code == 200
    assert gateway.backend.count("Check") == asked + 1
    assert seen(gateway) not in used


def test_auth_says_what_is_remembered(gateway: Environment, token: str) -> None:
    """An access token that is about to end is not, and neither is a refusal."""
    for answer, status in ((gateway.key.token(), 200), ("refused", 401)):
        gateway.backend.answers["Check"] = exchanged(answer)
        assert [get(gateway, token).status_code for _ in range(3)] == [status] * 3
    assert gateway.backend.count("Check") == 6


def test_a_refusal_drops_it(patient: Environment, token: str) -> None:
    """After a 401 of a service auth is asked again: it may have another access token by now."""
    patient.backend.answers["Check"] = kept(patient)
    assert get(patient, token).status_code == 200
    before = seen(patient)
    patient.backend.answers["ListSessions"] = failure(UNAUTHENTICATED, "ACCESS_TOKEN_REVOKED")
    assert get(patient, token).status_code == 401
    assert (patient.backend.count("Check"), seen(patient)) == (1, before)
    del patient.backend.answers["ListSessions"]
    assert [get(patient, token).status_code for _ in range(3)] == [200] * 3
    assert patient.backend.count("Check") == 2
    assert seen(patient) != before


def test_other_errors_drop_nothing(patient: Environment, token: str) -> None:
    """Only a 401 says that the access token is not good."""
    patient.backend.answers["Check"] = kept(patient)
    patient.backend.answers["ListSessions"] = failure(7, "SCOPE_MISSING")
    assert [get(patient, token).status_code for _ in range(3)] == [403] * 3
    assert patient.backend.count("Check") == 1


def test_what_was_dropped_does_not_come_back(patient: Environment, token: str) -> None:
    """The end of a call that asked before the 401 brings nothing back."""
    begun, go_on = Event(), Event()

    async def slow() -> None:
        begun.set()
        await asyncio.to_thread(go_on.wait, PATIENCE_SECONDS)

    patient.backend.answers["Check"] = kept(patient)
    patient.backend.answers["ListSessions"] = lambda _: slow()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(get, patient, token)
        assert begun.wait(PATIENCE_SECONDS)
        del patient.backend.answers["ListSessions"]
        assert get(patient, token).status_code == 200
        patient.backend.answers["ListSessions"] = failure(UNAUTHENTICATED, "ACCESS_TOKEN_REVOKED")
        assert get(patient, token).status_code == 401
        del patient.backend.answers["ListSessions"]
        go_on.set()
        assert first.result().status_code == 200
    assert patient.backend.count("Check") == 2
    assert get(patient, token).status_code == 200
    assert patient.backend.count("Check") == 3


def test_the_second_begins_with_the_question(gateway: Environment, token: str) -> None:
    """Not with the answer to the call, which a slow service gives later."""

    async def slow() -> None:
        await asyncio.sleep(KEPT_SECONDS * 0.7)

    gateway.backend.answers["Check"] = kept(gateway)
    gateway.backend.answers["ListSessions"] = lambda _: slow()
    assert get(gateway, token).status_code == 200
    del gateway.backend.answers["ListSessions"]
    time.sleep(KEPT_SECONDS * 0.4)
    assert get(gateway, token).status_code == 200
    assert gateway.backend.count("Check") == 2


def test_no_token_gets_what_another_one_has(patient: Environment, token: str) -> None:
    """Also not one that begins or ends like it."""
    access: dict[str, str] = {}

    def answer(asked: Any) -> external_auth_pb2.CheckResponse:
        text = asked.attributes.request.http.headers["authorization"]
        given = access[text] = patient.key.token(jti=text)
        return exchanged(given, may_be_kept=True)

    patient.backend.answers["Check"] = answer
    several = [token, token[:-1], f"{token}0", next(tokens), token.replace("pat", "sak")]
    for _ in range(3):
        for each in several:
            assert get(patient, each).status_code == 200
            assert seen(patient) == access[f"Bearer {each}"]
    assert patient.backend.count("Check") == len(several)


@pytest.mark.parametrize("more", ["Bearer x", "Bearer cdt_pat_x", "{token}"])
def test_two_headers_are_no_token(patient: Environment, token: str, more: str) -> None:
    """A call with a second `authorization` gets nothing of what is remembered for the first one."""
    patient.backend.answers["Check"] = kept(patient)
    assert get(patient, token).status_code == 200
    patient.backend.answers["Check"] = exchanged("refused")
    answer = patient.raw(
        f"GET {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n"
        f"authorization: {more.format(token=f'Bearer {token}')}\r\nconnection: close\r\n\r\n"
    )
    assert answer.status == 401
    assert patient.backend.count("Check") == 2


def test_long_credentials_are_not_remembered(gateway: Environment, token: str) -> None:
    """A client that spells them in ever more ways fills no memory."""
    gateway.backend.answers["Check"] = kept(gateway)
    for _ in range(2):
        assert get(gateway, token, "Bearer" + " " * 30).status_code == 200
    assert gateway.backend.count("Check") == 2


def test_the_memory_is_bounded(tmp_path: Path) -> None:
    """The oldest answers make room for new ones."""

    def small(text: str) -> str:
        return changed(lasting(text), "MOST = 1000", "MOST = 2")

    with open_environment(tmp_path, adapt=small) as made:
        made.backend.answers["Check"] = kept(made)
        several = [next(tokens) for _ in range(5)]
        for each in several:
            assert get(made, each).status_code == 200
        assert get(made, several[-1]).status_code == 200
        assert made.backend.count("Check") == 5
        assert get(made, several[0]).status_code == 200
        assert made.backend.count("Check") == 6


def test_every_kind_of_call_remembers(patient: Environment, token: str) -> None:
    """Reads, writes and HEAD, on one connection or several, in HTTP/1.1 and HTTP/2."""
    patient.backend.answers["Check"] = kept(patient)
    headers = {"authorization": f"Bearer {token}"}
    client = patient.client
    assert client.post(PATH, json={"name": "x"}, headers=headers).status_code == 201
    assert client.get(PATH, headers=headers).status_code == 200
    assert client.head(PATH, headers=headers).status_code == 200
    assert client.get("/api/v5/auth/me/export", headers=headers).status_code == 200
    assert httpx.get(patient.url + PATH, headers=headers).status_code == 200
    answer = patient.curl(
        "--http2-prior-knowledge", "-H", f"authorization: Bearer {token}", patient.url + PATH
    )
    assert answer.startswith("HTTP/2 200")
    assert patient.backend.count("Check") == 1


def test_only_questions_count_for_the_limit(tmp_path: Path) -> None:
    """Calls for which auth is not asked are limited by user alone."""
    with open_environment(tmp_path, exchange_rate=2, user_rate=8, adapt=lasting) as made:
        made.backend.answers["Check"] = kept(made)
        first, second, third = (next(tokens) for _ in range(3))
        assert [get(made, first).status_code for _ in range(5)] == [200] * 5
        assert get(made, second).status_code == 200
        assert get(made, third).json()["error"]["code"] == "RATE_LIMITED"
        assert made.backend.count("Check") == 2
        assert [get(made, second).status_code for _ in range(3)] == [200, 200, 429]


def test_both_tokens_stay_inside(patient: Environment, token: str) -> None:
    """No service sees the bearer token, and neither the client nor the log sees any of the two."""
    patient.backend.answers["Check"] = kept(patient)
    for _ in range(2):
        answer = get(patient, token)
        assert token not in str(patient.backend.last("ListSessions").metadata)
        line = json.dumps(patient.logged(answer.headers["x-request-id"]))
        for secret in (token, seen(patient)):
            assert secret not in line + str(answer.headers) + answer.text
    assert patient.backend.count("Check") == 1


def test_a_limited_call_forgets_nothing(tmp_path: Path, token: str) -> None:
    """An access token whose user has called too often is still good."""
    with open_environment(tmp_path, user_rate=2, adapt=lasting) as made:
        made.backend.answers["Check"] = kept(made)
        assert [get(made, token).status_code for _ in range(4)] == [200, 200, 429, 429]
        assert made.backend.count("Check") == 1


def test_a_script_that_fails_asks_auth(tmp_path: Path, token: str) -> None:
    """Without the memory every call costs a question, and is counted."""

    def broken(text: str) -> str:
        line = 'local credentials = headers:get("authorization")'
        return changed(text, line, f'error("broken") {line}')

    with open_environment(tmp_path, adapt=broken, exchange_rate=2) as made:
        made.backend.answers["Check"] = kept(made)
        assert [get(made, token).status_code for _ in range(3)] == [200, 200, 429]
        assert made.backend.count("Check") == 2
