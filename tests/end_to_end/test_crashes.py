"""Acknowledged writes survive a `kill -9`; other writes are complete or absent."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

import httpx
import pytest

from tests.end_to_end.conftest import client, start
from tests.end_to_end.person import EVERY_SERVICE, Person, log_in, new_person, registration
from tests.end_to_end.waiting import eventually
from tests.support.promises import PATIENCE_SECONDS
from tools.laptop import Laptop

pytestmark = pytest.mark.drill


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A running system whose services these tests kill. Each of them waits until it serves again."""
    with start(tmp_path_factory.mktemp("killed")) as running:
        running.wait_until_ready()
        yield running


@pytest.mark.parametrize("victim", ["auth", "tenants", "sessions"])
def test_kill_during_registrations(killed: Laptop, victim: str) -> None:
    """However a registration is interrupted, its user ends up with one tenant that it owns."""
    emails: list[str] = []
    stop = threading.Event()
    registering = threading.Thread(target=_register_until, args=(killed, emails, stop))
    registering.start()
    for _ in range(3):
        time.sleep(random.uniform(0.05, 0.4))
        killed.kill(victim)
        time.sleep(random.uniform(0, 0.2))
        killed.restart(victim)
        _wait_until_serving(killed)
    eventually(lambda: len(emails) > 3)
    stop.set()
    registering.join()

    with client(killed) as http:
        for email in emails:
            again = http.post("/api/v5/auth/register", json=registration(email))
            assert again.status_code in {201, 409}, again.text
            person = log_in(http, Person(http, email, {}))
            listed = _answered(lambda: person.call("GET", "/tenants"))["tenants"]  # noqa: B023
            expected = str(uuid5(NAMESPACE_OID, f"self-tenant-{person.user_id}"))
            assert [(t["tenantId"], t["role"]) for t in listed] == [(expected, "owner")]
    assert len(emails) > 3


def _answered(call: Callable[[], httpx.Response]) -> dict[str, Any]:
    """The response; repeats on 503, because on a busy machine the feed can become stale."""
    end = time.monotonic() + PATIENCE_SECONDS
    while (answer := call()).status_code == 503 and time.monotonic() < end:
        time.sleep(0.1)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def _wait_until_serving(laptop: Laptop) -> None:
    """Waits until calls succeed again: the gateway checks the services every second."""
    end = time.monotonic() + PATIENCE_SECONDS
    with client(laptop) as http:
        while time.monotonic() < end:
            answer = http.post("/api/v5/auth/register", json=registration(f"{uuid4()}@example.com"))
            if answer.status_code == 201:
                data = answer.json()["data"]
                person = Person(http, "", data, data["tokens"])
                if all(person.call("GET", path).status_code == 200 for path in EVERY_SERVICE):
                    return
            time.sleep(0.1)
    raise AssertionError("not serving again")


def _register_until(laptop: Laptop, emails: list[str], stop: threading.Event) -> None:
    with client(laptop) as http:
        while not stop.is_set():
            email = f"{uuid4()}@example.com"
            emails.append(email)
            _attempt(lambda: http.post("/api/v5/auth/register", json=registration(email)))  # noqa: B023
            stop.wait(0.02)  # the services need the processor to start again


def _attempt(call: Callable[[], httpx.Response]) -> httpx.Response | None:
    try:
        return call()
    except httpx.TransportError:
        return None


def test_kill_during_writes(killed: Laptop) -> None:
    """After a `kill -9`, every acknowledged session exists, and none is half written."""
    acknowledged: list[dict[str, object]] = []
    stop = threading.Event()
    with client(killed) as http:
        person = new_person(http)
    writers = [
        threading.Thread(target=_create_until, args=(killed, person, acknowledged, stop))
        for _ in range(4)
    ]
    for writer in writers:
        writer.start()
    eventually(lambda: len(acknowledged) > 20)
    killed.kill("sessions")
    stop.set()
    for writer in writers:
        writer.join()
    killed.restart("sessions")
    _wait_until_serving(killed)

    with client(killed) as http:
        person = log_in(http, person)
        found = {session["sessionId"]: session for session in person.sessions()}
        for session in found.values():
            assert session["state"] == {"half": ["a" * 1000, session["name"]]}
            got = person.call("GET", f"/sessions/{session['sessionId']}")
            assert got.json()["data"] == session
    assert len(acknowledged) > 10
    assert [session for session in acknowledged if found.get(session["sessionId"]) != session] == []


def _create_until(
    laptop: Laptop, person: Person, acknowledged: list[dict[str, object]], stop: threading.Event
) -> None:
    with client(laptop) as http:
        writer = Person(http, person.email, person.answer, person.tokens)
        while not stop.is_set():
            name = str(uuid4())
            body = {"name": name, "state": {"half": ["a" * 1000, name]}}
            answer = _attempt(lambda: writer.call("POST", "/sessions", body))  # noqa: B023
            if answer is not None and answer.status_code == 201:
                acknowledged.append(answer.json()["data"])


def test_logout_survives_a_restart(killed: Laptop) -> None:
    """A token revoked before a service died is rejected after its restart."""
    with client(killed) as http:
        person = new_person(http)
        assert person.call("POST", "/auth/logout").status_code == 200

        for name in ("sessions", "auth", "tenants"):
            killed.kill(name)
            killed.restart(name)
        _wait_until_serving(killed)

        statuses = [person.call("GET", path).status_code for path in EVERY_SERVICE]
        assert statuses == [401, 401, 401]


def test_ready_reports_a_dead_service(killed: Laptop) -> None:
    """While a service is down, ready returns 503 in the envelope; health is unaffected."""
    with client(killed) as http:
        killed.kill("tenants")
        end = time.monotonic() + PATIENCE_SECONDS
        while (answer := http.get("/api/v5/ready")).status_code == 200:
            assert time.monotonic() < end
            time.sleep(0.05)

        assert answer.status_code == 503
        assert answer.json()["success"] is False
        assert answer.json()["error"]["code"] == "NOT_READY"
        assert "retry-after" in answer.headers
        assert http.get("/api/v5/health").status_code == 200
        killed.restart("tenants")
        _wait_until_serving(killed)


def test_a_stale_revocation_feed_refuses_tokens(killed: Laptop) -> None:
    """A service with a stale revocation feed accepts no token, and its error says so."""
    with client(killed) as http:
        person = new_person(http)
        assert person.call("GET", "/sessions").status_code == 200
        killed.kill("auth")
        end = time.monotonic() + PATIENCE_SECONDS
        while (answer := person.call("GET", "/sessions")).status_code == 200:
            assert time.monotonic() < end
            time.sleep(0.1)

        assert answer.status_code == 503
        killed.restart("auth")
        _wait_until_serving(killed)
        assert person.call("GET", "/sessions").status_code == 200
