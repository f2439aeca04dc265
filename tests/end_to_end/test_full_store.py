"""A store that is full: users can read, log out and delete, and everybody learns why."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.conftest import client, start
from tests.end_to_end.person import PASSWORD, Person, error_of, log_in, new_person, registration
from tests.end_to_end.team import found, refresh, switch
from tests.support import foundationdb
from tools.laptop import Laptop
from tools.problems import FULL, problems

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(foundationdb.chosen(), reason="a cluster has no size of its own"),
]

SECONDS = 30.0


@pytest.fixture
def full(tmp_path: Path) -> Iterator[tuple[Laptop, httpx.Client, Person]]:
    """A running system whose store one of its users has filled."""
    url = f"lmdb://{tmp_path}/store?map_size={3 << 20}"
    with start(tmp_path / "data", STORE_URL=url) as laptop:
        laptop.wait_until_ready()
        with client(laptop) as http:
            person = new_person(http)
            yield laptop, http, person


def fill(person: Person) -> list[str]:
    """Creates sessions, large and then small ones, until the store is full; returns their ids."""
    made: list[str] = []
    for size in (30_000, 3000, 10):
        while (answer := create(person, size)).status_code == 201:
            made.append(answer.json()["data"]["sessionId"])
            assert len(made) < 400
        assert (answer.status_code, error_of(answer)["code"]) == (503, FULL)
    return made


def create(person: Person, size: int) -> httpx.Response:
    """Creates a session with so many bytes of state."""
    return person.call("POST", "/sessions", {"name": "one", "state": {"text": "x" * size}})


def refused_registration(http: httpx.Client) -> httpx.Response:
    """The answer to a registration that does not fit; a few may still find a page with room."""
    for number in range(50):
        email = f"new{number}@example.com"
        answer = http.post("/api/v5/auth/register", json=registration(email))
        if answer.status_code != 201:
            break
    return answer


def wait_for_ready(http: httpx.Client, status: int) -> None:
    """Waits until the readiness has a status."""
    end = time.monotonic() + SECONDS
    while (answer := http.get("/api/v5/ready")).status_code != status:
        assert time.monotonic() < end, answer.text
        time.sleep(0.1)


def test_a_full_store(full: tuple[Laptop, httpx.Client, Person]) -> None:
    """It refuses ordinary writes, reports it, and works again once something was deleted."""
    laptop, http, person = full
    bob, eve = new_person(http), new_person(http)
    tenant_id = found(bob)
    second = log_in(http, person)
    made = fill(person)

    wait_for_ready(http, 503)
    end = time.monotonic() + SECONDS
    while problems(laptop.settings.metrics_ports) != dict.fromkeys(laptop.settings.listen, FULL):
        assert time.monotonic() < end, problems(laptop.settings.metrics_ports)
        time.sleep(0.1)
    assert error_of(refused_registration(http))["code"] == FULL

    assert person.call("GET", f"/sessions/{made[0]}").status_code == 200
    refresh(person)
    assert person.call("GET", "/auth/me").status_code == 200
    assert second.call("POST", "/auth/logout").status_code == 200
    assert second.call("GET", "/auth/me").status_code == 401
    assert switch(bob, tenant_id).status_code == 200
    assert bob.call("DELETE", f"/tenants/{tenant_id}").status_code == 200
    assert eve.call("DELETE", "/auth/me", {"password": PASSWORD}).status_code == 200
    assert eve.call("GET", "/auth/me").status_code == 401

    for session_id in made:
        assert person.call("DELETE", f"/sessions/{session_id}").status_code == 200
    wait_for_ready(http, 200)
    assert create(person, 30_000).status_code == 201


def test_a_restart_on_a_full_store(full: tuple[Laptop, httpx.Client, Person]) -> None:
    """The services start, and users can delete what fills it."""
    laptop, http, person = full
    made = fill(person)
    for name in laptop.settings.listen:
        laptop.kill(name)
        laptop.restart(name)
    wait_for_ready(http, 503)
    assert not laptop.wait_until_ready()
    end = time.monotonic() + SECONDS
    while (answer := person.call("DELETE", f"/sessions/{made[0]}")).status_code != 200:
        assert time.monotonic() < end, answer.text
        time.sleep(0.1)
    assert person.call("DELETE", "/sessions").status_code == 200
    assert laptop.wait_until_ready()
