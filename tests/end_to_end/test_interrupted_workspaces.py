"""Sessions with tokens that a `kill -9` interrupts: no token outlives its session, and none is lost before."""

import threading
from functools import partial

import httpx
import pytest

from tests.end_to_end.conftest import client
from tests.end_to_end.examination import examined
from tests.end_to_end.interruptions import killing, until
from tests.end_to_end.person import EVERY_SERVICE, Person, new_person
from tests.end_to_end.programs import Script
from tests.end_to_end.waiting import eventually
from tests.support.promises import LONG
from tools.laptop import Laptop

pytestmark = pytest.mark.drill

PEOPLE = 4
SESSIONS = 8
KILLS = 5 if LONG else 3
SCOPES = ["account:read", "sessions:read", "sessions:write", "tenants:read"]


@pytest.mark.parametrize("victim", ["auth", "sessions"])
def test_interrupted_ends_of_sessions(own_laptop: Laptop, victim: str) -> None:
    """Each token works until its session is deleted, and never after, however often a service dies."""
    with client(own_laptop) as http:
        workers = [_Worker(own_laptop, new_person(http)) for _ in range(PEOPLE)]
    with killing(own_laptop, victim, KILLS) as kills:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert [worker.fault for worker in workers if worker.fault] == []
    assert kills
    with client(own_laptop) as http:
        for worker in workers:
            worker.check(http)
    examined(own_laptop.settings.store)


class _Worker(threading.Thread):
    """A person who opens sessions, lets agents in, and deletes the sessions; notes what goes wrong."""

    def __init__(self, laptop: Laptop, person: Person) -> None:
        super().__init__()
        self._laptop = laptop
        self._person = person
        self._ended: list[Script] = []
        self._living: list[Script] = []
        self.fault = ""

    def run(self) -> None:
        try:
            with client(self._laptop) as http:
                self._person.http = http
                for number in range(SESSIONS):
                    self._work(keep=number == 0)
        except Exception as error:  # noqa: BLE001 - any is reported by the test
            self.fault = f"{type(error).__name__}: {error}"

    def _work(self, *, keep: bool) -> None:
        person = self._person
        made = until({201}, lambda: person.call("POST", "/sessions", {"name": "engine"}))
        session = f"/sessions/{made.json()['data']['sessionId']}"
        body = {"agent": "reviewer", "scopes": SCOPES}
        answer = until({201}, lambda: person.call("POST", f"{session}/token", body)).json()["data"]
        agent = Script(person.http, answer["token"], answer["tokenId"])
        until({200}, lambda: agent.call("GET", session))
        if keep:
            self._living.append(agent)
            return
        until({200, 404}, lambda: person.call("DELETE", session))
        for path in EVERY_SERVICE:
            call = partial(agent.call, "GET", path)
            eventually(lambda: until({200, 401}, call).status_code == 401)  # noqa: B023
        self._ended.append(agent)

    def check(self, http: httpx.Client) -> None:
        """Tokens of sessions that are there work, the others do not."""
        for agents, wanted in ((self._living, 200), (self._ended, 401)):
            for agent in agents:
                script = Script(http, agent.token, agent.token_id)
                for path in EVERY_SERVICE:
                    call = partial(script.call, "GET", path)
                    assert until({200, 401}, call).status_code == wanted
