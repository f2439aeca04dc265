"""Certificates and their authority are replaced under load."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Self

import httpx

from tests.end_to_end.conftest import client
from tests.end_to_end.person import new_person
from tests.mesh.cluster import Answer, Cluster
from tests.support.authority import Authority, Identity, mount
from tests.support.mesh import WORKLOADS
from tools.settings import CONTEXTS

HEALTH = "/grpc.health.v1.Health/Check"
OK = Answer("OK", "")
_SECONDS = 30
_BETWEEN_SECONDS = 1.0


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
    old, new = own_cluster.mesh.authority, Authority("next")
    both = old.pem + new.pem
    with client(own_cluster.laptop) as http, Work(http) as work:
        time.sleep(_BETWEEN_SECONDS)
        _renew(own_cluster, lambda name: replace(old.issue(name), authorities=both))
        _wait_until(own_cluster, new.issue("gateway"), accepted=True)
        _renew(own_cluster, lambda name: replace(new.issue(name), authorities=both))
        time.sleep(_BETWEEN_SECONDS)
        _renew(own_cluster, new.issue)
        own_cluster.mesh.authority = new
        _wait_until(own_cluster, old.issue("gateway"), accepted=False)
        time.sleep(_BETWEEN_SECONDS)
    assert set(work.outcomes) == {"good"}, work.outcomes
    assert work.outcomes["good"] > 20
    # Processes that have been running since before can also make new connections.
    for context in CONTEXTS:
        own_cluster.laptop.kill(f"{context}-sidecar")
        own_cluster.laptop.restart(f"{context}-sidecar")
    own_cluster.laptop.wait_until_ready()


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
