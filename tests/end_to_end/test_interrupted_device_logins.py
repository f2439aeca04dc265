"""Device logins that a `kill -9` of auth interrupts: one grant for one code, and none that is lost."""

import threading
import time
from functools import partial
from typing import Any

import httpx
import pytest

from tests.end_to_end.conftest import client
from tests.end_to_end.examination import examined
from tests.end_to_end.interruptions import SECONDS, attempt, killing, until
from tests.end_to_end.person import Person, new_person
from tests.support.promises import LONG
from tools.laptop import Laptop

pytestmark = pytest.mark.drill

CLIENT_ID = "coditect-cli"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
WORKERS = 3
DEVICES_EACH = 25
KILLS = 4 if LONG else 3
SCOPE = "openid offline_access sessions:read"


@pytest.mark.timeout(240)
def test_interrupted_device_logins(own_laptop: Laptop) -> None:
    """A device whose tokens were answered has its one grant; a code gives no second one."""
    with client(own_laptop) as http:
        workers = [_Worker(own_laptop, new_person(http)) for _ in range(WORKERS)]
        with killing(own_laptop, "auth", KILLS) as kills:
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        assert [worker.fault for worker in workers if worker.fault] == []
        assert kills
        for worker in workers:
            worker.check(http)
    examined(own_laptop.settings.store)


class _Worker(threading.Thread):
    """A person who lets one device in after the other; notes what goes wrong."""

    def __init__(self, laptop: Laptop, person: Person) -> None:
        super().__init__()
        self._laptop = laptop
        self._person = person
        self._tokens: list[dict[str, Any]] = []
        """The answers of the token endpoint that came."""
        self._lost = 0
        """The grants of which the answer was lost, at most."""
        self.fault = ""

    def run(self) -> None:
        try:
            with client(self._laptop) as http:
                self._person.http = http
                for _ in range(DEVICES_EACH):
                    self._let_in(http)
        except Exception as error:  # noqa: BLE001 - any is reported by the test
            self.fault = f"{type(error).__name__}: {error}"

    def _let_in(self, http: httpx.Client) -> None:
        form = {"client_id": CLIENT_ID, "scope": SCOPE}
        started = until({200}, partial(http.post, "/oauth/device_authorization", data=form)).json()
        path = f"/oauth/device/{started['user_code']}"
        # 404: it was let in by an attempt whose answer was lost.
        until({200, 404}, partial(self._person.call, "POST", path, {"approve": True}))
        self._ask(http, started["device_code"])

    def _ask(self, http: httpx.Client, device_code: str) -> None:
        """Asks for tokens until they come, or until it is certain that they were lost."""
        form = {"client_id": CLIENT_ID, "grant_type": GRANT_TYPE, "device_code": device_code}
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            answer = attempt(partial(http.post, "/oauth/token", data=form))
            if answer is not None and answer.status_code == 200:
                self._tokens.append(answer.json())
                return
            error = None if answer is None else answer.json().get("error")
            if (
                error == "invalid_grant"
            ):  # taken by an attempt whose answer was lost; that grant has ended
                self._lost += 1
                return
            assert error in {None, "temporarily_unavailable", "server_error"}, error
            time.sleep(0.05)
        raise AssertionError("no answer")

    def check(self, http: httpx.Client) -> None:
        """Each answer is a grant that is good, and there is no other grant."""
        person = self._person
        person.http = http
        answer = until({200}, partial(person.call, "GET", "/oauth/grants"))
        listed = answer.json()["data"]["grants"]
        assert len(listed) == len(self._tokens)
        assert len(self._tokens) + self._lost == DEVICES_EACH
        for tokens in self._tokens:
            form = {
                "client_id": CLIENT_ID,
                "grant_type": "refresh_token",
                "refresh_token": tokens["refresh_token"],
            }
            until({200}, partial(http.post, "/oauth/token", data=form))
