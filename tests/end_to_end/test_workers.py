"""A system with several processes of each service, as `WORKERS=2 make run` starts it."""

import time
from collections.abc import Iterator

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.end_to_end.conftest import client, start
from tests.end_to_end.person import Person, new_person
from tests.end_to_end.waiting import eventually
from tests.support.plain_http import PLAIN
from tools import laptop as laptop_module
from tools.laptop import Laptop

pytestmark = pytest.mark.drill

SECONDS = 30
LOST_AT_MOST = 2
"""Calls by the connections to a process that has died: one for each thread of the gateway."""
READ = {"grpc_method": "GetSession", "grpc_code": "OK"}


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """Two processes of each service, over one store."""
    with start(tmp_path_factory.mktemp("workers"), WORKERS="2") as running:
        running.wait_until_ready()
        yield running


@pytest.fixture
def person(several: Laptop) -> Iterator[Person]:
    """A user of it."""
    with client(several) as http:
        yield new_person(http)


def reads(laptop: Laptop, name: str) -> int:
    """How many sessions a process has answered with; 0 if it does not answer."""
    url = f"http://127.0.0.1:{laptop.settings.metrics_ports[name]}/metrics"
    try:
        text = httpx.get(url, trust_env=False, verify=PLAIN).text
    except httpx.TransportError:
        return 0
    return sum(
        int(sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "grpc_server_handling_seconds_count"
        and sample.labels.items() >= READ.items()
    )


def new_session(person: Person) -> str:
    """Creates a session, and returns its path."""
    made = person.call("POST", "/sessions", {"name": "of several"}).json()["data"]
    return f"/sessions/{made['sessionId']}"


def wait_until_called(laptop: Laptop, name: str, person: Person, path: str) -> None:
    """Reads a session until this process has answered with it."""
    end = time.monotonic() + SECONDS
    while not reads(laptop, name):
        assert person.call("GET", path).status_code == 200
        assert time.monotonic() < end


def test_calls_are_spread(several: Laptop, person: Person) -> None:
    """Every process answers, and each knows what the other one has written."""
    names = several.settings.workers["sessions"]
    paths = [new_session(person) for _ in range(10)]
    # The system is ready once one process of each service is healthy, maybe before the other one.
    for name in names:
        wait_until_called(several, name, person, paths[0])
    before = [reads(several, name) for name in names]
    for path in 4 * paths:
        assert person.call("GET", path).status_code == 200
    shares = [reads(several, name) - then for name, then in zip(names, before, strict=True)]
    assert sum(shares) == 40
    assert min(shares) > 0


def test_a_logout_counts_in_every_process(person: Person) -> None:
    """A token is refused by all of them after its logout, and by none of them accepted again."""
    assert person.call("POST", "/auth/logout").status_code == 200

    def statuses() -> set[int]:
        return {person.call("GET", "/sessions").status_code for _ in range(20)}

    # A process that follows the other one of auth may hear of it after the answer.
    eventually(lambda: statuses() == {401})
    assert statuses() == {401}


def test_one_that_dies_is_started_again(
    several: Laptop, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile the others answer, and afterwards it has its share of the calls again."""
    monkeypatch.setattr(laptop_module, "SETTLED_SECONDS", 0)
    path = new_session(person)
    psutil.Process(several.pid("sessions-2")).kill()
    statuses = [person.call("GET", path).status_code for _ in range(40)]
    # A call that was sent to it, and may have reached it, is not sent again.
    assert statuses.count(503) <= LOST_AT_MOST
    assert set(statuses) <= {200, 503}
    assert [report.partition(" ")[0] for report in several.check()] == ["sessions-2"]
    wait_until_called(several, "sessions-2", person, path)
