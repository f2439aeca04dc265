"""What breaks: each fault strikes a running system, lasts a while, and is mended."""

import json
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from tests.faults.journal import Journal, Watch
from tests.faults.people import VERBS
from tests.support.cluster import PROCESSES, Cluster
from tools.laptop import Laptop

RECOVERY_SECONDS = 40.0
"""A cluster that has lost a process serves again after a few seconds, on idle cores."""
NOTICE_SECONDS = 30.0
"""Within this, a gateway says that the store is gone."""
WHOLE_SECONDS = 60.0
"""Within this, a cluster has found together."""
_STALL_SECONDS = 6.0
_AWAY_SECONDS = 7.0
_SERVICE_SECONDS = 1.0
_STEP_SECONDS = 0.3


@dataclass(frozen=True)
class Scene:
    """Where a fault strikes.

    Attributes:
        laptop: The product.
        cluster: Its store; none where that is a file.
        journal: The calls of the load.
        watch: The gateway's readiness.
    """

    laptop: Laptop
    cluster: Cluster | None
    journal: Journal
    watch: Watch

    @property
    def servers(self) -> Cluster:
        """The cluster of a fault that needs one."""
        assert self.cluster is not None
        return self.cluster


Fault: TypeAlias = Callable[[Scene], None]


def wait_until_whole(cluster: Cluster) -> None:
    """Waits until every process is back and has its copies, so that another may fail."""
    end = time.monotonic() + WHOLE_SECONDS
    while True:
        status = json.loads(cluster.command("status json"))["cluster"]
        state = status.get("data", {}).get("state", {})
        if len(status.get("processes", {})) == PROCESSES and state.get("healthy"):
            return
        assert time.monotonic() < end, state
        time.sleep(_STEP_SECONDS)


def kill_each_server(scene: Scene) -> None:
    """Kills one process of the cluster after the other; the others go on without it."""
    for number in range(PROCESSES):
        scene.servers.signal(number, signal.SIGKILL)
        scene.journal.wait_for(VERBS, RECOVERY_SECONDS)
        scene.servers.start(number)
        wait_until_whole(scene.servers)


def stall_each_server(scene: Scene) -> None:
    """Stops one process of the cluster after the other, as a host that swaps, and lets it go on."""
    for number in range(PROCESSES):
        scene.servers.signal(number, signal.SIGSTOP)
        time.sleep(_STALL_SECONDS)
        scene.servers.signal(number, signal.SIGCONT)
        scene.journal.wait_for(VERBS, RECOVERY_SECONDS)
        wait_until_whole(scene.servers)


def kill_all_servers(scene: Scene) -> None:
    """Kills the whole cluster, and starts it again when the product has said so."""
    for number in range(PROCESSES):
        scene.servers.signal(number, signal.SIGKILL)
    scene.watch.wait_until(ready=False, seconds=NOTICE_SECONDS)
    time.sleep(_AWAY_SECONDS)
    for number in range(PROCESSES):
        scene.servers.start(number)


def restart_all_servers(scene: Scene) -> None:
    """Kills the whole cluster and starts it at once."""
    scene.servers.restart()


def start_without_store(scene: Scene) -> None:
    """Starts every service anew while the whole cluster is away."""
    for number in range(PROCESSES):
        scene.servers.signal(number, signal.SIGKILL)
    for name in ("auth", "tenants", "sessions"):
        scene.laptop.kill(name)
        scene.laptop.restart(name)
    scene.watch.wait_until(ready=False, seconds=NOTICE_SECONDS)
    time.sleep(_AWAY_SECONDS)
    for number in range(PROCESSES):
        scene.servers.start(number)


def kill(name: str) -> Fault:
    """Kills a program of the product, and starts it again a little later."""

    def strike(scene: Scene) -> None:
        scene.laptop.kill(name)
        time.sleep(_SERVICE_SECONDS)
        scene.laptop.restart(name)

    return strike
