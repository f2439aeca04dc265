"""Proofs, changes and resets that a `kill -9` interrupts: each happens once or not at all."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx
import pytest

from tests.end_to_end.account import NEW_PASSWORD, activity
from tests.end_to_end.conftest import client
from tests.end_to_end.examination import examined
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import EVERY_SERVICE, PASSWORD, Person, new_person
from tests.end_to_end.team import found, switch
from tests.end_to_end.waiting import eventually
from tools.laptop import Laptop

SECONDS = 60.0
PEOPLE = 4
MAIL_SECONDS = 1.0
"""Then a person asks for another email: who died while it sent one holds it for two minutes."""
ONCE = ("email.verified", "email.changed", "password.reset")


@pytest.mark.parametrize("victim", ["auth", "tenants"])
def test_interrupted_proofs(own_laptop: Laptop, victim: str) -> None:
    """Verification, change and reset take full effect, once, however often a service is killed."""
    with client(own_laptop) as http:
        people = [new_person(http, f"{uuid4()}@example.com") for _ in range(PEOPLE)]
        tenants = [found(person) for person in people]
    workers = [_Worker(own_laptop, person) for person in people]
    with _killing(own_laptop, victim) as kills:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert [worker.fault for worker in workers if worker.fault] == []
    assert len(kills) > 1
    with client(own_laptop) as http:
        for person, tenant_id in zip(people, tenants, strict=True):
            _check(http, person, tenant_id)
    examined(own_laptop.settings.store)


def _check(http: httpx.Client, person: Person, tenant_id: str) -> None:
    """Each step has happened once, and the person's organization knows the new address."""
    body = {"email": person.email, "password": NEW_PASSWORD}
    answer = _until({200}, lambda: http.post("/api/v5/auth/login", json=body))
    data = answer.json()["data"]
    assert (data["user"]["userId"], data["user"]["email"]) == (person.user_id, person.email)
    back = Person(http, person.email, data, data["tokens"])
    assert [event for event in activity(back) if event in ONCE] == list(ONCE)
    assert switch(back, tenant_id).status_code == 200
    path = f"/tenants/{tenant_id}/members"

    def emails() -> list[str]:
        return [one["email"] for one in back.call("GET", path).json()["data"]["members"]]

    eventually(lambda: emails() == [person.email])


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
                self._change()
                self._reset()
        except Exception as error:  # noqa: BLE001 - any is reported by the test
            self.fault = f"{type(error).__name__}: {error}"

    def _verify(self) -> None:
        token = self._mailed(
            "verify-email", lambda: self._person.call("POST", "/auth/email/verification", {})
        )
        body = {"token": token}
        _once(lambda: self._person.call("POST", "/auth/email/verify", body))
        assert self._me()["emailVerified"] is True

    def _change(self) -> None:
        old, new = self._person.email, f"new-{self._person.email}"
        body = {"newEmail": new}
        self._person.email = new
        token = self._mailed("change-email", lambda: self._person.call("POST", "/auth/email", body))
        assert self._me()["email"] == old
        _once(lambda: self._person.call("POST", "/auth/email/verify", {"token": token}))
        assert self._me()["email"] == new
        assert self._log_in(old, PASSWORD) == 401

    def _reset(self) -> None:
        http, email = self._person.http, self._person.email
        token = self._mailed(
            "reset-password",
            lambda: http.post("/api/v5/auth/password/forgot", json={"email": email}),
        )
        body = {"token": token, "newPassword": NEW_PASSWORD}
        _once(lambda: http.post("/api/v5/auth/password/reset", json=body))
        for path in EVERY_SERVICE:
            refused = lambda path=path: self._person.call("GET", path)  # noqa: E731
            eventually(lambda: _until({200, 401}, refused).status_code == 401)  # noqa: B023
        assert self._log_in(email, PASSWORD) == 401
        assert self._log_in(email, NEW_PASSWORD) == 200

    def _mailed(self, page: str, ask: Callable[[], httpx.Response]) -> str:
        """The token of an email, for which a person asks again if it does not come."""
        mails = Mailbox(self._laptop, self._person.email)
        while True:
            _until({202}, ask)
            if (mail := mails.find(page, seconds=MAIL_SECONDS)) is not None:
                return mail.token

    def _me(self) -> dict[str, object]:
        answer = _until({200}, lambda: self._person.call("GET", "/auth/me"))
        found: dict[str, object] = answer.json()["data"]
        return found

    def _log_in(self, email: str, password: str) -> int:
        body = {"email": email, "password": password}
        post = self._person.http.post
        return _until({200, 401}, lambda: post("/api/v5/auth/login", json=body)).status_code


def _once(call: Callable[[], httpx.Response]) -> None:
    """Repeats a call with a secret until it is certain that it has happened.

    A repeat is refused if an attempt has happened whose answer was lost. The first attempt is not.
    """
    first = _attempt(call)
    if first is not None and first.status_code < 500:
        assert first.status_code == 200, first.text
        return
    last = _until({200, 403}, call)
    if last.status_code == 403:
        assert last.json()["error"]["code"] == "ONE_TIME_TOKEN_INVALID"


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


@contextmanager
def _killing(laptop: Laptop, victim: str) -> Iterator[list[float]]:
    """Kills a service again and again, soon after it serves, and starts it again; yields the times."""
    stop, kills = threading.Event(), list[float]()

    def kill() -> None:
        while not stop.wait(random.uniform(0, 0.7)):
            laptop.kill(victim)
            kills.append(time.monotonic())
            time.sleep(random.uniform(0, 0.1))
            laptop.restart(victim)
            while not stop.is_set() and not _serves(laptop):
                time.sleep(0.02)

    # Processes end with the thread that started them, so the last start is this thread's.
    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield kills
    finally:
        stop.set()
        killer.join()
        laptop.kill(victim)
        laptop.restart(victim)
        eventually(lambda: _serves(laptop), SECONDS)


def _serves(laptop: Laptop) -> bool:
    with httpx.Client(base_url=laptop.settings.url, timeout=2, trust_env=False) as http:
        answer = _attempt(lambda: http.get("/api/v5/ready"))
    return answer is not None and answer.status_code == 200
