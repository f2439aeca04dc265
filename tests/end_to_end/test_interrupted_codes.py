"""Codes whose exchange a `kill -9` of auth interrupts: one grant for one code, and none that is lost."""

import threading
import time
from functools import partial
from typing import Any

import httpx
import pytest

from tests.end_to_end.authorization import CLIENT_ID, approved, exchange, refresh
from tests.end_to_end.conftest import client
from tests.end_to_end.examination import examined
from tests.end_to_end.interruptions import SECONDS, attempt, killing, until
from tests.end_to_end.person import Person, new_person
from tests.support.promises import LONG
from tools.laptop import Laptop

pytestmark = pytest.mark.drill

WORKERS = 3
LEAST_GRANTS, MOST_GRANTS = 6, 90
"""A user has a hundred grants at most."""
KILLS = 4 if LONG else 3


@pytest.mark.timeout(240)
def test_interrupted_codes(own_laptop: Laptop) -> None:
    """A program whose tokens were answered has its one grant; a code gives no second one."""
    with client(own_laptop) as http:
        workers = [_Worker(own_laptop, new_person(http)) for _ in range(WORKERS)]
        with killing(own_laptop, "auth", KILLS) as kills:
            for worker in workers:
                worker.kills = kills
                worker.start()
            for worker in workers:
                worker.join()
        assert [worker.fault for worker in workers if worker.fault] == []
        assert kills
        for worker in workers:
            worker.check(http)
    examined(own_laptop.settings.store)


class _Worker(threading.Thread):
    """A person who approves one program after the other; notes what goes wrong."""

    def __init__(self, laptop: Laptop, person: Person) -> None:
        super().__init__()
        self._laptop = laptop
        self._person = person
        self._tokens: list[dict[str, Any]] = []
        """The answers of the token endpoint that came."""
        self._lost = 0
        """The codes that give nothing any more, because an answer was lost or came too late."""
        self._begun = 0
        self.kills: list[float] = []
        """When auth was killed until now."""
        self.fault = ""

    def run(self) -> None:
        try:
            with client(self._laptop) as http:
                self._person.http = http
                while self._goes_on():
                    self._begun += 1
                    self._grant(http)
        except Exception as error:  # noqa: BLE001 - any is reported by the test
            self.fault = f"{type(error).__name__}: {error}"

    def _goes_on(self) -> bool:
        """Whether there is more to be interrupted."""
        more = self._begun < LEAST_GRANTS or len(self.kills) < KILLS
        return more and self._begun < MOST_GRANTS

    def _grant(self, http: httpx.Client) -> None:
        """Asks for tokens until they come, or until it is certain that they were lost."""
        code = approved(self._person)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            answer = attempt(partial(exchange, http, code))
            if answer is not None and answer.status_code == 200:
                self._tokens.append(answer.json())
                return
            error = None if answer is None else answer.json().get("error")
            if error == "invalid_grant":
                # Used by an attempt whose answer was lost; that grant has ended.
                self._lost += 1
                return
            assert error in {None, "temporarily_unavailable", "server_error"}, error
            time.sleep(0.05)
        raise AssertionError("no answer")

    def check(self, http: httpx.Client) -> None:
        """Each answer is a grant that is good, and there is no other grant."""
        person = self._person
        person.http = http
        # A service that has just come back may not be ready on every connection yet.
        params = {"pageSize": 1000}
        answer = until({200}, partial(person.call, "GET", "/oauth/grants", params=params))
        listed = answer.json()["data"]["grants"]
        assert {one["clientId"] for one in listed} <= {CLIENT_ID}
        assert len(listed) == len(self._tokens)
        assert len(self._tokens) + self._lost == self._begun
        for tokens in self._tokens:
            until({200}, partial(refresh, http, tokens))
