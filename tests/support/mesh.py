"""The whole product as in a cluster: each service behind a real sidecar, with real certificates."""

import contextlib
import random
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from gateway import contract
from tests.support.authority import TRUST_DOMAIN, Authority, mount
from tools import programs
from tools.folder import DataFolder
from tools.processes import Program
from tools.settings import CONTEXTS, HOST, Settings

GATEWAY = "gateway"
WORKLOADS = (*CONTEXTS, GATEWAY)
SERVED = contract.load(programs.CONTRACT)


@dataclass
class Replica:
    """One replica of a service with its sidecar, or of the edge: a pod."""

    name: str
    context: str
    ports: dict[str, int] = field(default_factory=dict)
    """Of `service`, `metrics`, `mesh` and `probes`, and of each peer by which it is called."""

    def at(self, port: str) -> str:
        """The address of one of its ports."""
        return f"{HOST}:{self.ports[port]}"


class Mesh:
    """What runs where; `programs` is what `tools.laptop.Laptop` takes.

    Args:
        certificates: The folder in which each workload has one of its own.
        replicas: The names of the replicas: `auth`, `auth-2`. One of each service and an edge
            unless said.
    """

    def __init__(self, certificates: Path, *replicas: str) -> None:
        self.authority = Authority()
        self._certificates = certificates
        names = replicas or WORKLOADS
        self.replicas = {name: Replica(name, name.partition("-")[0]) for name in names}
        for workload in WORKLOADS:
            mount(self.folder(workload), self.authority.issue(workload))
        with contextlib.ExitStack() as held:
            for replica in self.replicas.values():
                for port in ("service", "metrics", "mesh", "probes", *CONTEXTS):
                    replica.ports[port] = _free_port(held)

    def folder(self, workload: str) -> Path:
        """Where the certificates of a workload are."""
        return self._certificates / workload

    def programs(self, settings: Settings, folder: DataFolder) -> Iterator[Program]:
        """Every replica's service and sidecar, then the gateway."""
        services = [one for one in self.replicas.values() if one.context != GATEWAY]
        for replica in services:
            yield self.service(replica, settings, folder)
            yield self.sidecar(replica, settings)
        edge = self.replicas[GATEWAY]
        edge.ports["service"] = settings.port
        yield self.edge(edge, settings)

    def service(self, replica: Replica, settings: Settings, folder: DataFolder) -> Program:
        """The service of a replica, which speaks to nobody but its sidecar."""
        made = programs.service(replica.context, settings, folder)
        environ = {
            **made.environ,
            **{f"{peer.upper()}_ADDRESS": replica.at(peer) for peer in CONTEXTS},
            "LISTEN": replica.at("service"),
            "METRICS_LISTEN": replica.at("metrics"),
            "MESH_TRUST_DOMAIN": TRUST_DOMAIN,
        }
        return Program(replica.name, made.argv, environ)

    def sidecar(self, replica: Replica, settings: Settings) -> Program:
        """The sidecar of a replica."""
        told = {
            **{f"{peer.upper()}_LISTEN": replica.at(peer) for peer in CONTEXTS},
            "SERVICE_ADDRESS": replica.at("service"),
            "METRICS_ADDRESS": replica.at("metrics"),
            "MESH_LISTEN": replica.at("mesh"),
            "PROBES_LISTEN": replica.at("probes"),
        }
        return self._envoy(replica, settings, told, "sidecar", replica.context)

    def edge(self, replica: Replica, settings: Settings) -> Program:
        """An edge, which speaks to sidecars only."""
        told = {"LISTEN": replica.at("service"), "PROBES_LISTEN": replica.at("probes")}
        return replace(self._envoy(replica, settings, told, "edge"), stops_first=True)

    def addresses(self) -> dict[str, str]:
        """Where the sidecars of each service are."""
        return {
            f"{context.upper()}_ADDRESS": ",".join(
                replica.at("mesh")
                for replica in self.replicas.values()
                if replica.context == context
            )
            for context in CONTEXTS
        }

    def _envoy(
        self, replica: Replica, settings: Settings, told: Mapping[str, str], *what: str
    ) -> Program:
        name = replica.name if replica.context == GATEWAY else f"{replica.name}-sidecar"
        environ = {
            **settings.environ,
            **self.addresses(),
            **told,
            "MESH_CERTIFICATES": str(self.folder(replica.context)),
            "MESH_TRUST_DOMAIN": TRUST_DOMAIN,
            "RUN_FOLDER": str(settings.data / "run" / name),
        }
        return Program(name, (sys.executable, "-m", "gateway", "run", *what), environ)


def _free_port(held: contextlib.ExitStack) -> int:
    """A port that is free, and that no connection to elsewhere gets for its own end."""
    taken = held.enter_context(socket.socket())
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    while True:
        port = random.randrange(10_000, 32_000)
        with contextlib.suppress(OSError):
            taken.bind((HOST, port))
            taken.listen()
            return port
