"""The product as a cluster replaces it: pods of the one version beside pods of the other."""

import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import httpx

from tests.support.mesh import GATEWAY, WORKLOADS, Mesh, Replica
from tests.support.rolling import Version
from tools.folder import DataFolder
from tools.processes import Process, Program
from tools.settings import CONTEXTS, HOST, Settings

_SEEN_SECONDS = 30.0
_GONE_SECONDS = 20.0
_STEP_SECONDS = 0.05
_HEALTHY = re.compile(r'membership_healthy\{envoy_cluster_name="(\w+)"\} (\d+)')


class Pod:
    """What runs together: a service and its sidecar, or an edge alone.

    Args:
        replica: Its name and its ports.
        processes: What stops first stands first.
    """

    def __init__(self, replica: Replica, *processes: Process) -> None:
        self.context = replica.context
        self.probes = replica.ports["probes"]
        self.processes = processes
        self.told = False

    def tell(self) -> None:
        """Asks what stops first to stop."""
        self.told = True
        self.processes[0].terminate()

    def end(self) -> None:
        """Ends one process after the other, as each of them likes to end."""
        for process in self.processes:
            # Told twice, the second time at the very end, it would be killed by it.
            if not (self.told and process is self.processes[0]):
                process.terminate()
            end = time.monotonic() + _GONE_SECONDS
            while process.alive and time.monotonic() < end:
                time.sleep(_STEP_SECONDS)
            assert process.ending() == "exit code 0", _words(process)


class Rollout:
    """Up to two pods each of the services and of the edge; `a` and `b` are where they may be.

    Args:
        settings: From `tools.settings.read`.

    Attributes:
        noticed: How many seconds passed each time until no Envoy called a pod that was stopping.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.noticed: list[float] = []
        names = (f"{context}-{place}" for context in WORKLOADS for place in "ab")
        self._mesh = Mesh(settings.data / "certificates", *names)
        self._folder = DataFolder(settings.data)
        self._pods: dict[str, Pod] = {}
        self._leaving: list[Pod] = []

    def url(self, name: str) -> str:
        """Where an edge answers."""
        return f"http://{self._mesh.replicas[name].at('service')}"

    def start(self, version: Version, *names: str) -> None:
        """Starts pods, such as `auth-a`, and waits until everybody who calls them sees them."""
        for name in names:
            replica = self._mesh.replicas[name]
            if replica.context == GATEWAY:
                processes = [
                    self._started(self._mesh.edge(replica, self.settings), version.with_sidecars)
                ]
            else:
                # As in a pod, the sidecar is the first to start and the last to end.
                sidecar = self._started(
                    self._mesh.sidecar(replica, self.settings), version.with_sidecars
                )
                service = self._mesh.service(replica, self.settings, self._folder)
                # Its log is that of the service, whichever pod it is in.
                service = replace(service, name=replica.context)
                processes = [self._started(service, version), sidecar]
            self._pods[name] = Pod(replica, *processes)
        self._wait_until_seen()

    def stop(self, *names: str) -> None:
        """Asks pods to stop, as a cluster does, and waits until nobody calls them any more."""
        began = time.monotonic()
        pods = [self._pods.pop(name) for name in names]
        self._leaving += pods
        for pod in pods:
            pod.tell()
        self._wait_until_seen()
        self.noticed.append(time.monotonic() - began)

    def wait_until_gone(self) -> None:
        """Waits until the pods that were asked to stop have done so."""
        for pod in self._leaving:
            pod.end()
        self._leaving.clear()

    def kill(self) -> None:
        """Ends everything at once."""
        for pod in (*self._pods.values(), *self._leaving):
            for process in pod.processes:
                process.kill()
        self._pods.clear()
        self._leaving.clear()
        self._folder.close()

    def _started(self, program: Program, version: Version) -> Process:
        """Starts a program as that version has it."""
        program = replace(program, argv=(str(version.python), *program.argv[1:]))
        return Process(program, folder=version.tree, log=self._folder.log(program.name))

    def _wait_until_seen(self) -> None:
        """Waits until every Envoy calls the pods that are there, and no others."""
        there = Counter(pod.context for pod in self._pods.values())
        end = time.monotonic() + _SEEN_SECONDS
        while blind := [name for name, pod in self._pods.items() if not _sees(pod.probes, there)]:
            for pod in self._pods.values():
                for process in pod.processes:
                    assert process.alive, _words(process)
            assert time.monotonic() < end, f"{blind} do not see {there}"
            time.sleep(_STEP_SECONDS)


def _sees(probes: int, there: Mapping[str, int]) -> bool:
    """Whether an Envoy finds as many healthy pods of each service it calls as there are."""
    try:
        answer = httpx.get(
            f"http://{HOST}:{probes}/stats/prometheus",
            params={"filter": "membership_healthy"},
            trust_env=False,
        )
    except httpx.TransportError:
        return False
    found = {name: int(count) for name, count in _HEALTHY.findall(answer.text)}
    found = {name: count for name, count in found.items() if name in CONTEXTS}
    return bool(found) and all(count == there[name] for name, count in found.items())


def _words(process: Process) -> str:
    return "\n".join([f"{process.name}: {process.ending()}", *process.log_tail()])
