"""Setups, removals and undos of second factors that a `kill -9` of auth interrupts: each happens once."""

import threading
from collections.abc import Callable
from functools import partial

import httpx
import pytest

from tests.end_to_end.account import NEW_PASSWORD, activity
from tests.end_to_end.conftest import client
from tests.end_to_end.examination import examined
from tests.end_to_end.interruptions import (
    attempt,
    killing,
    mailed,
    once,
    until,
    wait_until_locked_out,
)
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import PASSWORD, Person, error_of
from tests.end_to_end.second_factor import App, data_of, equipped
from tests.support.promises import LONG
from tools.laptop import Laptop

pytestmark = pytest.mark.drill

WORKERS = 3
PEOPLE_EACH = 6 if LONG else 3
KILLS = 6 if LONG else 3
ROUNDS = 2
"""An address has three undo links at most: more rounds would end the first one."""
STEPS = {"factor.added", "factor.removed", "factor.undone"}


@pytest.mark.timeout(240)  # who has lost the answers to three codes waits for the next one
def test_interrupted_factors(own_laptop: Laptop) -> None:
    """Each step takes full effect, once, however often auth is killed."""
    with client(own_laptop) as http:
        people = [_Owner(own_laptop, http) for _ in range(WORKERS * PEOPLE_EACH)]
    workers = [_Worker(own_laptop, people[n::WORKERS]) for n in range(WORKERS)]
    with killing(own_laptop, "auth", KILLS) as kills:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert [worker.fault for worker in workers if worker.fault] == []
    assert kills
    with client(own_laptop) as http:
        for person in people:
            person.check(http)
    examined(own_laptop.settings.store)


class _Worker(threading.Thread):
    """Acts for one person after the other; notes what goes wrong."""

    def __init__(self, laptop: Laptop, people: list["_Owner"]) -> None:
        super().__init__()
        self._laptop = laptop
        self._people = people
        self.fault = ""

    def run(self) -> None:
        try:
            with client(self._laptop) as http:
                for person in self._people:
                    person.act(http)
        except Exception as error:  # noqa: BLE001 - any is reported by the test
            self.fault = f"{type(error).__name__}: {error}"


class _Owner:
    """A person who removes an app and sets up another one, and whose first one is undone at the end."""

    def __init__(self, laptop: Laptop, http: httpx.Client) -> None:
        self._laptop = laptop
        self._person, self._app, _ = equipped(laptop, http)
        self._undo_token = Mailbox(laptop, self._person.email).next("undo-factor").token

    def act(self, http: httpx.Client) -> None:
        """Does everything, while auth is killed."""
        self._person.http = http
        for _ in range(ROUNDS):
            self._remove()
            self._set_up()
        self._undo()

    def _remove(self) -> None:
        """With the last factor the login ends, so a repeat of a removal that has happened gets 401."""
        path = f"/auth/factors/{self._app.factor_id}"
        until({200, 401}, lambda: self._person.call("DELETE", path))
        self._person.tokens = self._password()["tokens"]

    def _set_up(self) -> None:
        """A setup ends the login, too, but for the new tokens in its answer."""
        person, path = self._person, "/auth/factors/totp"
        made = until({201}, lambda: person.call("POST", path, {"name": "Phone"}))
        enrolled = data_of(made, 201)
        self._app = App(enrolled["factorId"], enrolled["secret"])
        path = f"{path}/{self._app.factor_id}/confirm"
        confirmed = self._shown(lambda code: person.call("POST", path, {"code": code}))
        if confirmed.status_code == 200:
            person.tokens = data_of(confirmed)["tokens"]
        else:
            person.tokens = self._log_in()

    def _log_in(self) -> dict[str, str]:
        """Tokens for the password and a code."""
        path, http = "/api/v5/auth/login/second-factor", self._person.http

        def log_in(code: str) -> httpx.Response:
            token = self._password()["challenge"]["token"]
            return http.post(path, json={"challengeToken": token, "code": code})

        tokens: dict[str, str] = data_of(self._shown(log_in))["tokens"]
        return tokens

    def _shown(self, show: Callable[[str], httpx.Response]) -> httpx.Response:
        """The answer to a code. One whose answer is lost may be used up, and one may be late."""
        while True:
            code = self._app.code()
            answer = attempt(lambda: show(code))  # noqa: B023 - called at once
            if answer is not None and answer.status_code in {200, 401}:
                return answer
            if answer is not None and answer.status_code == 403:
                assert error_of(answer)["code"] == "SECOND_FACTOR_WRONG"
            else:
                assert answer is None or answer.status_code in {503, 504}, answer.text

    def _undo(self) -> None:
        """The link in the notice of the first app is still good for the last one."""
        http, body = self._person.http, {"token": self._undo_token}
        once(lambda: http.post("/api/v5/auth/factors/undo", json=body))
        wait_until_locked_out(self._person)
        assert self._password_answer().status_code == 401

    def _password(self) -> dict[str, dict[str, str]]:
        answer: dict[str, dict[str, str]] = data_of(self._password_answer())
        return answer

    def _password_answer(self) -> httpx.Response:
        body = {"email": self._person.email, "password": PASSWORD}
        return until({200, 401}, lambda: self._person.http.post("/api/v5/auth/login", json=body))

    def check(self, http: httpx.Client) -> None:
        """There is no factor, and each step is in the security log once."""
        email = self._person.email
        ask, body = "/api/v5/auth/password/forgot", {"email": email}
        token = mailed(self._laptop, email, "reset-password", lambda: http.post(ask, json=body))
        body = {"token": token, "newPassword": NEW_PASSWORD}
        # A service that has just come back may not be ready on every connection yet.
        until({200}, partial(http.post, "/api/v5/auth/password/reset", json=body))
        body = {"email": email, "password": NEW_PASSWORD}
        data = data_of(until({200}, partial(http.post, "/api/v5/auth/login", json=body)))
        back = Person(http, email, data, data["tokens"])
        assert data_of(back.call("GET", "/auth/factors")) == {"factors": []}
        happened = [event for event in activity(back) if event in STEPS]
        rounds = ["factor.removed", "factor.added"] * ROUNDS
        assert happened == ["factor.added", *rounds, "factor.undone"]
