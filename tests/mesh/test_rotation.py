"""Certificates and their authority are replaced under load."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Self

import httpx
import psutil
import pytest

from tests.end_to_end.conftest import client
from tests.end_to_end.person import new_person
from tests.end_to_end.waiting import eventually
from tests.mesh.cluster import Answer, Cluster
from tests.support.authority import Authority, Identity, mount
from tests.support.mesh import WORKLOADS
from tools.settings import CONTEXTS

pytestmark = pytest.mark.drill

HEALTH = "/grpc.health.v1.Health/Check"
OK = Answer("OK", "")
_SECONDS = 30
_BETWEEN_SECONDS = 1.0
ENOUGH = 20
"""Calls to say that no call fails."""
Connection = tuple[int, int]


class Work:
    """Calls all services without a pause, and counts the outcomes."""

    def __init__(self, http: httpx.Client) -> None:
        self.outcomes: Counter[str] = Counter()
        self._person = new_person(http)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def calls(self) -> int:
        """How many calls were answered, well or badly."""
        return sum(list(self.outcomes.values()))

    def _work(self) -> None:
        calls = (
            ("POST", "/sessions", {}, 201),
            ("GET", "/tenants", None, 200),
            ("GET", "/auth/me", None, 200),
            # Auth asks tenants for this one, through both sidecars.
            ("POST", "/tenants", {"name": "Acme"}, 201),
        )
        while not self._stop.is_set():
            for verb, path, body, status in calls:
                answer = self._person.call(verb, path, body)
                good = answer.status_code in {status, 429}
                self.outcomes["good" if good else answer.text] += 1


def test_no_call_fails_while_the_authority_changes(own_cluster: Cluster) -> None:
    """First both authorities are trusted, then all certificates are new, then the old one is dropped."""
    new = Authority("next")
    with client(own_cluster.laptop) as http, Work(http) as work:
        _change(own_cluster, new)
        eventually(lambda: work.calls > ENOUGH)
    _only_good(work)
    # Processes that have been running since before can also make new connections.
    for context in CONTEXTS:
        own_cluster.laptop.kill(f"{context}-sidecar")
        own_cluster.laptop.restart(f"{context}-sidecar")
    own_cluster.laptop.wait_until_ready()


def test_what_the_old_authority_let_in_ends(brief_cluster: Cluster) -> None:
    """Open connections and streams end within twice the longest life of one, and no call fails."""
    with client(brief_cluster.laptop) as http, Work(http) as work:
        before = _change(brief_cluster, Authority("next"))
        began = time.monotonic()
        while left := before & _connections(brief_cluster):
            assert time.monotonic() < began + 4 * _SECONDS, left
            time.sleep(0.1)
        eventually(lambda: work.calls > ENOUGH)
    _only_good(work)
    print(f"the last of {len(before)} ended {time.monotonic() - began:.1f} s later")  # noqa: T201


def test_a_callee_of_the_old_authority_is_refused(own_cluster: Cluster) -> None:
    """A workload that kept its certificate of the removed CA is called by no other one."""
    old = own_cluster.mesh.authority
    new = Authority("next")
    _change(own_cluster, new)
    kept = replace(old.issue("sessions"), authorities=old.pem + new.pem)
    mount(own_cluster.mesh.folder("sessions"), kept)
    own_cluster.laptop.kill("sessions-sidecar")
    own_cluster.laptop.restart("sessions-sidecar")
    with client(own_cluster.laptop) as http:
        person = new_person(http)
        end = time.monotonic() + 2 * _SECONDS
        while (status := person.call("GET", "/sessions", None).status_code) != 503:
            assert time.monotonic() < end, status
        assert person.call("GET", "/tenants", None).status_code == 200


def _change(cluster: Cluster, new: Authority) -> set[Connection]:
    """Puts another authority in the place of the cluster's; returns the connections of before."""
    old = cluster.mesh.authority
    both = old.pem + new.pem
    time.sleep(_BETWEEN_SECONDS)
    _renew(cluster, lambda name: replace(old.issue(name), authorities=both))
    _wait_until(cluster, new.issue("gateway"), accepted=True)
    time.sleep(_BETWEEN_SECONDS)
    before = _connections(cluster)
    assert before
    _renew(cluster, lambda name: replace(new.issue(name), authorities=both))
    time.sleep(_BETWEEN_SECONDS)
    _renew(cluster, new.issue)
    cluster.mesh.authority = new
    _wait_until(cluster, old.issue("gateway"), accepted=False)
    time.sleep(_BETWEEN_SECONDS)
    return before


def _connections(cluster: Cluster) -> set[Connection]:
    """The open connections to the sidecars: the port of each, and that of its caller."""
    return {
        (one.laddr.port, one.raddr.port)
        for context in CONTEXTS
        for one in psutil.Process(cluster.laptop.pid(f"{context}-sidecar")).net_connections("tcp")
        if one.status == psutil.CONN_ESTABLISHED
        and one.laddr.port == cluster.mesh.replicas[context].ports["mesh"]
    }


def _only_good(work: Work) -> None:
    assert set(work.outcomes) == {"good"}, work.outcomes
    assert work.outcomes["good"] > ENOUGH


def _renew(cluster: Cluster, issue: Callable[[str], Identity]) -> None:
    for workload in WORKLOADS:
        mount(cluster.mesh.folder(workload), issue(workload))


def _wait_until(cluster: Cluster, shown: Identity, *, accepted: bool) -> None:
    """Waits until each sidecar uses its new files."""
    end = time.monotonic() + _SECONDS
    for context in CONTEXTS:
        while (cluster.call(context, [HEALTH], shown) == [OK]) != accepted:
            assert time.monotonic() < end, f"{context}: never noticed"
            time.sleep(0.1)
