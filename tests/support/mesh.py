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
from tools.sockets import socket_folder

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
    """The replicas and their ports; `programs` is an argument for `tools.laptop.Laptop`.

    Args:
        certificates: The folder for the certificates of each workload.
        replicas: The names of the replicas, such as `auth` and `auth-2`; by default one of each
            service and an edge.
    """

    def __init__(self, certificates: Path, *replicas: str) -> None:
        self.authority = Authority()
        self._certificates = certificates
        self._sockets: Path | None = None
        names = replicas or WORKLOADS
        self.replicas = {name: Replica(name, name.partition("-")[0]) for name in names}
        for workload in WORKLOADS:
            mount(self.folder(workload), self.authority.issue(workload))
        with contextlib.ExitStack() as held:
            for replica in self.replicas.values():
                for port in ("service", "metrics", "mesh", "probes", *CONTEXTS):
                    replica.ports[port] = _free_port(held)

    def folder(self, workload: str) -> Path:
        """The folder with the certificates of a workload."""
        return self._certificates / workload

    def programs(self, settings: Settings, folder: DataFolder) -> Iterator[Program]:
        """Every replica's service and sidecar, then the gateway."""
        self._sockets = socket_folder(settings.data)  # as in the chart
        services = [one for one in self.replicas.values() if one.context != GATEWAY]
        for replica in services:
            yield self.service(replica, settings, folder)
            yield self.sidecar(replica, settings)
        edge = self.replicas[GATEWAY]
        edge.ports["service"] = settings.port
        yield self.edge(edge, settings)

    def service(self, replica: Replica, settings: Settings, folder: DataFolder) -> Program:
        """The service of a replica, which talks only to its sidecar."""
        made = programs.service(replica.context, settings, folder)
        environ = {
            **made.environ,
            **{f"{peer.upper()}_ADDRESS": replica.at(peer) for peer in CONTEXTS},
            "LISTEN": self.service_address(replica),
            "METRICS_LISTEN": replica.at("metrics"),
            "MESH_TRUST_DOMAIN": TRUST_DOMAIN,
        }
        return Program(replica.name, made.argv, environ)

    def sidecar(self, replica: Replica, settings: Settings) -> Program:
        """The sidecar of a replica."""
        variables = {
            **{f"{peer.upper()}_LISTEN": replica.at(peer) for peer in CONTEXTS},
            "SERVICE_ADDRESS": self.service_address(replica),
            "METRICS_ADDRESS": replica.at("metrics"),
            "MESH_LISTEN": replica.at("mesh"),
            "PROBES_LISTEN": replica.at("probes"),
        }
        return self._envoy(replica, settings, variables, "sidecar", replica.context)

    def edge(self, replica: Replica, settings: Settings) -> Program:
        """An edge, which talks only to sidecars."""
        variables = {"LISTEN": replica.at("service"), "PROBES_LISTEN": replica.at("probes")}
        return replace(self._envoy(replica, settings, variables, "edge"), stops_first=True)

    def service_address(self, replica: Replica) -> str:
        """Where the sidecar of a replica calls its service.

        It is a port where only some programs are started: those may be of an older version.
        """
        if self._sockets is None:
            return replica.at("service")
        return f"unix:{self._sockets / replica.name}"

    def addresses(self) -> dict[str, str]:
        """The settings with the addresses of each service's sidecars."""
        return {
            f"{context.upper()}_ADDRESS": ",".join(
                replica.at("mesh")
                for replica in self.replicas.values()
                if replica.context == context
            )
            for context in CONTEXTS
        }

    def _envoy(
        self, replica: Replica, settings: Settings, variables: Mapping[str, str], *what: str
    ) -> Program:
        name = replica.name if replica.context == GATEWAY else f"{replica.name}-sidecar"
        environ = {
            **settings.environ,
            **self.addresses(),
            **variables,
            "MESH_CERTIFICATES": str(self.folder(replica.context)),
            "MESH_TRUST_DOMAIN": TRUST_DOMAIN,
            "RUN_FOLDER": str(settings.data / "run" / name),
        }
        return Program(name, (sys.executable, "-m", "gateway", "run", *what), environ)


def _free_port(held: contextlib.ExitStack) -> int:
    """A free port outside the range from which outgoing connections get theirs."""
    taken = held.enter_context(socket.socket())
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    while True:
        port = random.randrange(10_000, 32_000)
        with contextlib.suppress(OSError):
            taken.bind((HOST, port))
            taken.listen()
            return port
