"""Proofs, resets and changes of an address that a `kill -9` interrupts: each happens once or not at all."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx
import pytest

from tests.end_to_end.conftest import client
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import PASSWORD, Person, new_person
from tools.laptop import Laptop

NEW_PASSWORD = "a notebook full of punched cards"
SECONDS = 60.0
PEOPLE = 6
REASONS = {"ONE_TIME_TOKEN_INVALID"}


@pytest.mark.parametrize("victim", ["auth", "tenants"])
def test_interrupted_proofs(own_laptop: Laptop, victim: str) -> None:
    """Verification, change and reset take full effect, once, however often a service is killed."""
    with client(own_laptop) as http:
        people = [new_person(http, f"{uuid4()}@example.com") for _ in range(PEOPLE)]
    with _killing(own_laptop, victim):
        workers = [_Worker(own_laptop, person) for person in people]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert [worker.fault for worker in workers if worker.fault] == []


class _Worker(threading.Thread):
    """A person who proves the address, changes it, and resets the password; notes what goes wrong."""

    def __init__(self, laptop: Laptop, person: Person) -> None:
        super().__init__()
        self._laptop = laptop
        self._person = person
        self.fault = ""

    def run(self) -> None:
        try:
            with client(self._laptop) as http:
                self._person.http = http
                self._verify()
                changed = self._change()
                self._reset(changed)
        except Exception as error:  # noqa: BLE001 - any is reported by the test
            self.fault = f"{type(error).__name__}: {error}"

    def _verify(self) -> None:
        token = Mailbox(self._laptop, self._person.email).next("verify-email").token
        body = {"token": token}
        _once(lambda: self._person.call("POST", "/auth/email/verify", body))
        assert self._me()["emailVerified"] is True

    def _change(self) -> str:
        email = f"new-{self._person.email}"
        body = {"newEmail": email}
        _until({202}, lambda: self._person.call("POST", "/auth/email", body))
        token = Mailbox(self._laptop, email).next("change-email").token
        assert self._me()["email"] == self._person.email
        _once(lambda: self._person.call("POST", "/auth/email/verify", {"token": token}))
        assert self._me()["email"] == email
        assert _log_in(self._person.http, self._person.email, PASSWORD) == 401
        return email

    def _reset(self, email: str) -> None:
        http = self._person.http
        _until({202}, lambda: http.post("/api/v5/auth/password/forgot", json={"email": email}))
        token = Mailbox(self._laptop, email).next("reset-password").token
        body = {"token": token, "newPassword": NEW_PASSWORD}
        _once(lambda: http.post("/api/v5/auth/password/reset", json=body))
        refused = _until({200, 401}, lambda: self._person.call("GET", "/auth/me"))
        assert refused.status_code == 401
        assert _log_in(http, email, PASSWORD) == 401
        assert _log_in(http, email, NEW_PASSWORD) == 200

    def _me(self) -> dict[str, object]:
        answer = _until({200}, lambda: self._person.call("GET", "/auth/me"))
        found: dict[str, object] = answer.json()["data"]
        return found


def _once(call: Callable[[], httpx.Response]) -> None:
    """Repeats a call with a secret until it is certain that it has happened.

    The second attempt of a call that has happened is refused. The first one must not be.
    """
    first = _attempt(call)
    if first is not None and first.status_code < 500:
        assert first.status_code == 200, first.text
        return
    last = _until({200, 403}, call)
    if last.status_code == 403:
        assert last.json()["error"]["code"] in REASONS


def _until(statuses: set[int], call: Callable[[], httpx.Response]) -> httpx.Response:
    """Repeats a call until it gets one of the statuses; all others must be outages."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        answer = _attempt(call)
        if answer is not None and answer.status_code in statuses:
            return answer
        assert answer is None or answer.status_code in {503, 504}, answer.text
        time.sleep(0.05)
    raise AssertionError(f"no answer with {statuses} in {SECONDS:g} s")


def _attempt(call: Callable[[], httpx.Response]) -> httpx.Response | None:
    try:
        return call()
    except httpx.TransportError:
        return None


def _log_in(http: httpx.Client, email: str, password: str) -> int:
    body = {"email": email, "password": password}
    return _until({200, 401}, lambda: http.post("/api/v5/auth/login", json=body)).status_code


@contextmanager
def _killing(laptop: Laptop, victim: str) -> Iterator[None]:
    """Kills a service again and again, at random moments, and starts it again."""
    stop = threading.Event()

    def kill() -> None:
        while not stop.wait(random.uniform(0.3, 1.5)):
            laptop.kill(victim)
            time.sleep(random.uniform(0, 0.2))
            laptop.restart(victim)

    # Processes end with the thread that started them: this one lives as long as the test.
    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        stop.set()
        killer.join()
