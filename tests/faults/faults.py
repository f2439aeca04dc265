"""Faults: each breaks something in a running system for a while, and then repairs it."""

import json
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from tests.faults.journal import Journal, Watch
from tests.faults.load import VERBS
from tests.support.cluster import PROCESSES, Cluster
from tools.laptop import Laptop

RECOVERY_SECONDS = 40.0
"""The limit for a cluster that lost a process to serve again; a few seconds on idle cores."""
NOTICE_SECONDS = 30.0
"""The limit for a gateway to report that the store is gone."""
WHOLE_SECONDS = 60.0
"""The limit for a cluster to become healthy."""
_STALL_SECONDS = 6.0
_DOWN_SECONDS = 7.0
_SERVICE_SECONDS = 1.0
_STEP_SECONDS = 0.3


@dataclass(frozen=True)
class Target:
    """The running system that a fault is injected into.

    Attributes:
        laptop: The product.
        cluster: Its store; None if that is a file.
        journal: The calls of the load.
        watch: The gateway's readiness.
    """

    laptop: Laptop
    cluster: Cluster | None
    journal: Journal
    watch: Watch

    @property
    def servers(self) -> Cluster:
        """The cluster, for a fault that needs one."""
        assert self.cluster is not None
        return self.cluster


Fault: TypeAlias = Callable[[Target], None]


def wait_until_whole(cluster: Cluster) -> None:
    """Waits until every process is back and the data is fully replicated, so that another may fail."""
    end = time.monotonic() + WHOLE_SECONDS
    while True:
        status = json.loads(cluster.command("status json"))["cluster"]
        state = status.get("data", {}).get("state", {})
        if len(status.get("processes", {})) == PROCESSES and state.get("healthy"):
            return
        assert time.monotonic() < end, state
        time.sleep(_STEP_SECONDS)


def kill_each_server(target: Target) -> None:
    """Kills one process of the cluster after the other, while the others keep serving."""
    for number in range(PROCESSES):
        target.servers.signal(number, signal.SIGKILL)
        target.journal.wait_for(VERBS, RECOVERY_SECONDS)
        target.servers.start(number)
        wait_until_whole(target.servers)


def stall_each_server(target: Target) -> None:
    """Suspends one process of the cluster after the other, like a host that swaps, and resumes it."""
    for number in range(PROCESSES):
        target.servers.signal(number, signal.SIGSTOP)
        time.sleep(_STALL_SECONDS)
        target.servers.signal(number, signal.SIGCONT)
        target.journal.wait_for(VERBS, RECOVERY_SECONDS)
        wait_until_whole(target.servers)


def kill_all_servers(target: Target) -> None:
    """Kills the whole cluster, and starts it again after the gateway has reported it."""
    for number in range(PROCESSES):
        target.servers.signal(number, signal.SIGKILL)
    target.watch.wait_until(ready=False, seconds=NOTICE_SECONDS)
    time.sleep(_DOWN_SECONDS)
    for number in range(PROCESSES):
        target.servers.start(number)


def restart_all_servers(target: Target) -> None:
    """Kills the whole cluster and starts it at once."""
    target.servers.restart()


def start_without_store(target: Target) -> None:
    """Restarts every service while the whole cluster is down."""
    for number in range(PROCESSES):
        target.servers.signal(number, signal.SIGKILL)
    for name in ("auth", "tenants", "sessions"):
        target.laptop.kill(name)
        target.laptop.restart(name)
    target.watch.wait_until(ready=False, seconds=NOTICE_SECONDS)
    time.sleep(_DOWN_SECONDS)
    for number in range(PROCESSES):
        target.servers.start(number)


def kill(name: str) -> Fault:
    """Kills a program of the product, and starts it again a little later."""

    def inject(target: Target) -> None:
        target.laptop.kill(name)
        time.sleep(_SERVICE_SECONDS)
        target.laptop.restart(name)

    return inject
