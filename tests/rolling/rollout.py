"""Replaces the product as a cluster does: pods of one version beside pods of the other."""

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

import httpx

from tests.support.mesh import GATEWAY, WORKLOADS, Mesh, Replica
from tests.support.plain_http import PLAIN
from tests.support.rolling import Version
from tools.folder import DataFolder
from tools.processes import Process, Program
from tools.settings import CONTEXTS, HOST, Settings

_SEEN_SECONDS = 30.0
_GONE_SECONDS = 60.0
_STEP_SECONDS = 0.05
_HEALTHY = re.compile(r'membership_healthy\{envoy_cluster_name="(\w+)"\} (\d+)')


class Pod:
    """The processes of a pod: a service and its sidecar, or an edge alone.

    Args:
        replica: Its name and its ports.
        processes: In the order in which they stop.
    """

    def __init__(self, replica: Replica, *processes: Process) -> None:
        self.replica = replica
        self.context = replica.context
        self.probes = replica.ports["probes"]
        self.processes = processes
        self.stopping = False

    def begin_stop(self) -> None:
        """Asks the first process to stop."""
        self.stopping = True
        self.processes[0].terminate()

    def end(self) -> None:
        """Stops one process after the other, and checks that each exits with code 0."""
        for process in self.processes:
            # A second SIGTERM could reach it at the very end of its stop, and would kill it.
            if not (self.stopping and process is self.processes[0]):
                process.terminate()
            end = time.monotonic() + _GONE_SECONDS
            while process.alive and time.monotonic() < end:
                time.sleep(_STEP_SECONDS)
            assert process.ending() == "exit code 0", _exit_report(process)


class Rollout:
    """Up to two pods of each service and of the edge, in the places `a` and `b`.

    Args:
        settings: From `tools.settings.read`.

    Attributes:
        removal_seconds: The time of each `stop` until no Envoy called the stopping pods.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.removal_seconds: list[float] = []
        names = (f"{context}-{place}" for context in WORKLOADS for place in "ab")
        self._mesh = Mesh(settings.data / "certificates", *names)
        self._folder = DataFolder(settings.data)
        self._pods: dict[str, Pod] = {}
        self._leaving: list[Pod] = []

    def url(self, name: str) -> str:
        """The URL of an edge."""
        return f"http://{self._mesh.replicas[name].at('service')}"

    def start(self, version: Version, *names: str) -> None:
        """Starts pods, such as `auth-a`, and waits until every Envoy calls them."""
        for name in names:
            replica = self._mesh.replicas[name]
            if replica.context == GATEWAY:
                processes = [
                    self._started(self._mesh.edge(replica, self.settings), version.with_sidecars)
                ]
            else:
                # As in a cluster, the sidecar starts first and stops last.
                sidecar = self._started(
                    self._mesh.sidecar(replica, self.settings), version.with_sidecars
                )
                processes = [self._started(self._service(replica), version), sidecar]
            self._pods[name] = Pod(replica, *processes)
        self._wait_until_seen()

    def configure(self, **environ: str) -> None:
        """Sets variables of the services that are started from now on."""
        self.settings = replace(self.settings, environ={**self.settings.environ, **environ})

    def change_keys(self, change: Callable[[str], str]) -> None:
        """Changes each list of keys of the services that are started from now on."""
        self._folder.keys = {name: change(keys) for name, keys in self._folder.keys.items()}

    def replace_each(self, version: Version) -> None:
        """Replaces one pod of each service after the other, while the other pod serves."""
        for name in [name for name, pod in self._pods.items() if pod.context != GATEWAY]:
            self.stop(name)
            self.wait_until_gone()
            self.start(version, name)

    def restart_after_kill(self, version: Version, name: str, seconds: float) -> None:
        """Kills the service of a pod, and starts it again after a while, as a kubelet does."""
        pod = self._pods[name]
        pod.processes[0].kill()
        time.sleep(seconds)
        pod.processes = (
            self._started(self._service(pod.replica), version),
            *pod.processes[1:],
        )
        self._wait_until_seen()

    def pids(self) -> dict[str, list[int]]:
        """The ids of the processes of each pod that is called."""
        return {
            name: [process.pid for process in pod.processes] for name, pod in self._pods.items()
        }

    def stop(self, *names: str) -> None:
        """Asks pods to stop, as a cluster does, and waits until no Envoy calls them."""
        began = time.monotonic()
        pods = [self._pods.pop(name) for name in names]
        self._leaving += pods
        for pod in pods:
            pod.begin_stop()
        self._wait_until_seen()
        self.removal_seconds.append(time.monotonic() - began)

    def wait_until_gone(self) -> None:
        """Waits until the stopping pods have ended."""
        for pod in self._leaving:
            pod.end()
        self._leaving.clear()

    def kill(self) -> None:
        """Kills everything."""
        for pod in (*self._pods.values(), *self._leaving):
            for process in pod.processes:
                process.kill()
        self._pods.clear()
        self._leaving.clear()
        self._folder.close()

    def _service(self, replica: Replica) -> Program:
        """The service of a pod. Both pods of a service write to the service's log."""
        service = self._mesh.service(replica, self.settings, self._folder)
        return replace(service, name=replica.context)

    def _started(self, program: Program, version: Version) -> Process:
        """Starts a program of that version."""
        program = replace(program, argv=(str(version.python), *program.argv[1:]))
        return Process(program, folder=version.tree, log=self._folder.log(program.name))

    def _wait_until_seen(self) -> None:
        """Waits until every Envoy calls exactly the pods that are there."""
        there = Counter(pod.context for pod in self._pods.values())
        end = time.monotonic() + _SEEN_SECONDS
        while blind := [name for name, pod in self._pods.items() if not _sees(pod.probes, there)]:
            for pod in self._pods.values():
                for process in pod.processes:
                    assert process.alive, _exit_report(process)
            assert time.monotonic() < end, f"{blind} do not see {there}"
            time.sleep(_STEP_SECONDS)


def _sees(probes: int, there: Mapping[str, int]) -> bool:
    """Whether an Envoy counts the right number of healthy pods of each service it calls."""
    try:
        answer = httpx.get(
            f"http://{HOST}:{probes}/stats/prometheus",
            params={"filter": "membership_healthy"},
            trust_env=False,
            verify=PLAIN,
        )
    except httpx.TransportError:
        return False
    found = {name: int(count) for name, count in _HEALTHY.findall(answer.text)}
    found = {name: count for name, count in found.items() if name in CONTEXTS}
    return bool(found) and all(count == there[name] for name, count in found.items())


def _exit_report(process: Process) -> str:
    return "\n".join([f"{process.name}: {process.ending()}", *process.log_tail()])
