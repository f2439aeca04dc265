"""Runs docs/runbooks/rotate-keys.md on a running system."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import httpx

from tests.end_to_end.person import Person, error_of, log_in, new_person
from tests.end_to_end.team import found, refresh
from tests.faults.journal import AWAY
from tests.runbooks.book import Runbook, at_length
from tests.runbooks.installation import Installation
from tools.settings import CONTEXTS

BOOK = Runbook("rotate-keys")
STEPS = re.findall(r"^\| \d \| `([^`]+)` \|", BOOK.text, re.MULTILINE)
"""The content of the Secret in each step, from the table of the runbook."""
BACK_SECONDS = 20.0
RESTARTING = AWAY | {"TENANTS_UNAVAILABLE"}
_TICK_SECONDS = 0.05


class Rotation:
    """Rotates one setting in all services; all services share the same `SERVICE_KEYS`."""

    def __init__(self, house: Installation, setting: str) -> None:
        self._house = house
        self._setting = setting
        self._old = {name: house.environ[name][setting] for name in CONTEXTS}
        shared = new_key()
        self._new = {name: shared if setting == "SERVICE_KEYS" else new_key() for name in CONTEXTS}

    def tell(self, step: str) -> None:
        """Changes the setting for the next start of each service."""
        for name in CONTEXTS:
            keys = step.replace("$OLD", self._old[name]).replace("$NEW", self._new[name])
            self._house.environ[name][self._setting] = keys


@dataclass
class Holdings:
    """What a client has held since before a rotation."""

    person: Person
    tenant_id: str
    page_token: str

    @classmethod
    def of(cls, http: httpx.Client) -> "Holdings":
        """The holdings of a user who founded an organization and has read one page of a list."""
        person = new_person(http)
        for name in ("one", "two"):
            assert person.call("POST", "/sessions", {"name": name}).status_code == 201
        page = person.call("GET", "/sessions", params={"pageSize": 1}).json()["data"]
        return cls(person, found(person), page["nextPageToken"])

    def check(self) -> None:
        """Everything works as soon as all services are back; until then nothing is rejected."""
        call, tenant = self.person.call, {"tenantId": self.tenant_id}
        params = {"pageSize": 1, "pageToken": self.page_token}
        wait_until_back(lambda: call("GET", "/sessions", params=params))
        wait_until_back(lambda: call("GET", f"/tenants/{self.tenant_id}"))
        # Auth calls tenants for this one, so each must accept the other's service token.
        wait_until_back(lambda: call("POST", "/auth/switch-tenant", tenant))


def new_key() -> str:
    """A new key, made by the command of the runbook."""
    return BOOK.run("new-key").stdout.strip()


def wait_until_back(call: Callable[[], httpx.Response]) -> None:
    """Calls until it succeeds; until then it may fail only with the errors of a restart."""
    end = time.monotonic() + BACK_SECONDS
    while (answer := call()).status_code != 200:
        assert (answer.status_code, error_of(answer)["code"] in RESTARTING) == (503, True), (
            answer.text
        )
        assert time.monotonic() < end, answer.text
        time.sleep(_TICK_SECONDS)


def wait_for(call: Callable[[], httpx.Response], status: int) -> httpx.Response:
    """Calls until the answer has this status."""
    end = time.monotonic() + BACK_SECONDS
    while (answer := call()).status_code != status:
        assert time.monotonic() < end, answer.text
        time.sleep(_TICK_SECONDS)
    return answer


@at_length
def test_users_do_not_notice_a_rotation(house: Installation, http: httpx.Client) -> None:
    """After each restart of each step, a logged-in user continues with everything held before."""
    holdings = Holdings.of(http)
    untouched = replace(holdings.person)  # its refresh token is used only at the very end
    service, seal = Rotation(house, "SERVICE_KEYS"), Rotation(house, "SEAL_KEYS")

    for number, step in enumerate(STEPS, start=1):
        service.tell(step)
        if number < len(STEPS):  # the last step is weeks later; see the test below
            seal.tell(step)
        for name in CONTEXTS:
            house.roll(name)
            holdings.check()
            log_in(http, holdings.person)

    assert len(STEPS) == 3
    refresh(untouched)
    assert untouched.call("GET", "/sessions").status_code == 200


def test_repeats_survive_a_rotation(house: Installation, http: httpx.Client) -> None:
    """After step 2, a write repeated with its idempotency key still gets its first answer."""
    person, rotation = new_person(http), Rotation(house, "SEAL_KEYS")
    headers = {"idempotency-key": "once"}

    def create() -> httpx.Response:
        return person.call("POST", "/sessions", {"name": "once"}, headers=headers)

    first = create()
    for step in STEPS[:2]:
        rotation.tell(step)
        house.roll("sessions")
    wait_until_back(lambda: person.call("GET", "/sessions"))
    again = create()

    assert (again.status_code, again.json()) == (first.status_code, first.json())


def test_an_old_key_removed_too_early(house: Installation, http: httpx.Client) -> None:
    """Auth does not start, logs why, and recovers when the key is put back after the new one."""
    holdings = Holdings.of(http)
    old, new = house.environ["auth"]["SEAL_KEYS"], new_key()

    house.roll("auth", SEAL_KEYS=new)
    end = time.monotonic() + BACK_SECONDS
    log = house.laptop.settings.data / "log" / "auth.log"
    while "SEAL_KEYS do not open what is in the store" not in log.read_text():
        assert time.monotonic() < end, log.read_text()
        time.sleep(_TICK_SECONDS)
    house.laptop.kill("auth")  # it has already exited; this records it
    house.environ["auth"]["SEAL_KEYS"] = f"{new},{old}"
    house.laptop.restart("auth")

    holdings.check()
    refresh(holdings.person)


def test_every_user_is_logged_out_after_a_leak(house: Installation, http: httpx.Client) -> None:
    """The emergency invalidates every access and refresh token; a login returns valid ones."""
    person = new_person(http)
    published = http.get("/.well-known/jwks.json").json()["keys"]

    house.stop("auth")
    house.environ["auth"]["SEAL_KEYS"] = new_key()
    done = BOOK.run("end-signing-keys", STORE_URL=house.laptop.settings.store)
    house.laptop.restart("auth")

    assert done.returncode == 0, done.stderr
    refused = wait_for(lambda: person.call("GET", "/sessions"), 401)
    assert error_of(refused)["code"] == "ACCESS_TOKEN_INVALID"
    body = {"refreshToken": person.tokens["refreshToken"]}
    refused = http.post("/api/v5/auth/refresh", json=body)
    assert error_of(refused)["code"] == "REFRESH_TOKEN_INVALID"
    person = log_in(http, person)
    wait_for(lambda: person.call("GET", "/sessions"), 200)
    assert BOOK.run("ready", URL=house.laptop.settings.url).returncode == 0
    (key,) = http.get("/.well-known/jwks.json").json()["keys"]
    assert key["kid"] not in {old["kid"] for old in published}
