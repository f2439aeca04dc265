"""docs/runbooks/rotate-keys.md, followed on a running system."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import httpx
import pytest

from tests.end_to_end.person import Person, error_of, log_in, new_person
from tests.end_to_end.team import found, refresh
from tests.faults.journal import UNAVAILABLE
from tests.runbooks.installation import Installation
from tests.runbooks.runbook import Runbook, at_length
from tools.settings import CONTEXTS

pytestmark = pytest.mark.drill

RUNBOOK = Runbook("rotate-keys")
LEAKED = Runbook("leaked-secret")
STEPS = re.findall(r"^\| \d \| `([^`]+)` \|", RUNBOOK.text, re.MULTILINE)
"""The content of the Secret in each step, from the runbook's table."""
BACK_SECONDS = 60.0
RESTARTING = UNAVAILABLE | {"TENANTS_UNAVAILABLE"}
_TICK_SECONDS = 0.05


class Rotation:
    """Rotates one setting in all services; all services share the same `SERVICE_KEYS`."""

    def __init__(self, installation: Installation, setting: str) -> None:
        self._installation = installation
        self._setting = setting
        self._old = {name: installation.environ[name][setting] for name in CONTEXTS}
        shared = new_key()
        self._new = {name: shared if setting == "SERVICE_KEYS" else new_key() for name in CONTEXTS}

    def configure(self, step: str) -> None:
        """Changes the keys that the services get at their next start."""
        for name in CONTEXTS:
            keys = step.replace("$OLD", self._old[name]).replace("$NEW", self._new[name])
            self._installation.environ[name][self._setting] = keys


@dataclass
class ClientState:
    """Tokens and ids that a client has had since before a rotation."""

    person: Person
    tenant_id: str
    page_token: str

    @classmethod
    def of(cls, http: httpx.Client) -> "ClientState":
        """The state of a client that created an organization and has the token of a second page."""
        person = new_person(http)
        for name in ("one", "two"):
            assert person.call("POST", "/sessions", {"name": name}).status_code == 201
        page = person.call("GET", "/sessions", params={"pageSize": 1}).json()["data"]
        return cls(person, found(person), page["nextPageToken"])

    def check(self) -> None:
        """Checks that the state works after a restart; until then, calls may fail with a 503."""
        call, tenant = self.person.call, {"tenantId": self.tenant_id}
        params = {"pageSize": 1, "pageToken": self.page_token}
        wait_until_back(lambda: call("GET", "/sessions", params=params))
        wait_until_back(lambda: call("GET", f"/tenants/{self.tenant_id}"))
        # Auth asks tenants for this one, so both must accept each other's tokens.
        wait_until_back(lambda: call("POST", "/auth/switch-tenant", tenant))


def new_key() -> str:
    """A key, made by the runbook's command."""
    return RUNBOOK.run("new-key").stdout.strip()


def wait_until_back(call: Callable[[], httpx.Response]) -> None:
    """Calls until it succeeds; every failure before must be a 503 of a restart."""
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
def test_clients_keep_working_through_a_rotation(
    installation: Installation, http: httpx.Client
) -> None:
    """After each restart of each step, tokens, page tokens and ids from before still work."""
    client_state = ClientState.of(http)
    untouched = replace(client_state.person)  # its refresh token is used only at the end
    service, seal = Rotation(installation, "SERVICE_KEYS"), Rotation(installation, "SEAL_KEYS")

    for number, step in enumerate(STEPS, start=1):
        service.configure(step)
        if number < len(STEPS):  # the last step comes weeks later; see the test below
            seal.configure(step)
        for name in CONTEXTS:
            installation.roll(name)
            client_state.check()
            log_in(http, client_state.person)

    assert len(STEPS) == 3
    refresh(untouched)
    assert untouched.call("GET", "/sessions").status_code == 200


def test_repeats_survive_a_rotation(installation: Installation, http: httpx.Client) -> None:
    """After step 2, a repeated write under the same idempotency key still gets its first answer."""
    person, rotation = new_person(http), Rotation(installation, "SEAL_KEYS")
    headers = {"idempotency-key": "once"}

    def create() -> httpx.Response:
        return person.call("POST", "/sessions", {"name": "once"}, headers=headers)

    first = create()
    for step in STEPS[:2]:
        rotation.configure(step)
        installation.roll("sessions")
    wait_until_back(lambda: person.call("GET", "/sessions"))
    again = create()

    assert (again.status_code, again.json()) == (first.status_code, first.json())


def test_auth_does_not_start_if_the_old_key_is_dropped_too_early(
    installation: Installation, http: httpx.Client
) -> None:
    """Auth does not start and logs why; it starts once the old key is listed after the new one."""
    client_state = ClientState.of(http)
    old, new = installation.environ["auth"]["SEAL_KEYS"], new_key()

    installation.roll("auth", SEAL_KEYS=new)
    end = time.monotonic() + BACK_SECONDS
    log = installation.laptop.settings.data / "log" / "auth.log"
    while "SEAL_KEYS do not open what is in the store" not in log.read_text():
        assert time.monotonic() < end, log.read_text()
        time.sleep(_TICK_SECONDS)
    installation.laptop.kill("auth")  # it has already ended; the laptop must forget the process
    installation.environ["auth"]["SEAL_KEYS"] = f"{new},{old}"
    installation.laptop.restart("auth")

    client_state.check()
    refresh(client_state.person)


def test_the_emergency_procedure_logs_out_every_user(
    installation: Installation, http: httpx.Client
) -> None:
    """After the procedure, auth refuses old access and refresh tokens; a new login works."""
    person = new_person(http)
    published = http.get("/.well-known/jwks.json").json()["keys"]

    installation.stop("auth")
    installation.environ["auth"]["SEAL_KEYS"] = new_key()
    done = LEAKED.run("end-all-logins", STORE_URL=installation.laptop.settings.store)
    installation.laptop.restart("auth")

    assert done.returncode == 0, done.stderr
    refused = wait_for(lambda: person.call("GET", "/sessions"), 401)
    assert error_of(refused)["code"] == "ACCESS_TOKEN_INVALID"
    body = {"refreshToken": person.tokens["refreshToken"]}
    refused = http.post("/api/v5/auth/refresh", json=body)
    assert error_of(refused)["code"] == "REFRESH_TOKEN_INVALID"
    person = log_in(http, person)
    wait_for(lambda: person.call("GET", "/sessions"), 200)
    installation.laptop.wait_until_ready()  # the gateway asks auth each second whether it is
    assert RUNBOOK.run("ready", URL=installation.laptop.settings.url).returncode == 0
    (key,) = http.get("/.well-known/jwks.json").json()["keys"]
    assert key["kid"] not in {old["kid"] for old in published}
