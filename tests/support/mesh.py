"""The whole product as in a cluster: each service behind a real sidecar, with real certificates."""

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gateway import contract, running
from gateway.settings import Settings as EdgeSettings
from gateway.settings import SidecarSettings
from tests.support.authority import TRUST_DOMAIN, Authority, mount
from tools import programs
from tools.folder import DataFolder
from tools.processes import Program
from tools.settings import CONTEXTS, HOST, Settings

SERVED = contract.load(programs.CONTRACT)


@dataclass
class Replica:
    """One replica of a service with its sidecar: a pod."""

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
        replicas: The names of the replicas: `auth`, `auth-2`. One of each service unless said.
    """

    def __init__(self, certificates: Path, *replicas: str) -> None:
        self.authority = Authority()
        self._certificates = certificates
        names = replicas or CONTEXTS
        self.replicas = {name: Replica(name, name.partition("-")[0]) for name in names}
        for workload in (*CONTEXTS, "gateway"):
            mount(self.folder(workload), self.authority.issue(workload))
        with contextlib.ExitStack() as held:
            self.gateway_probes = _free_port(held)
            for replica in self.replicas.values():
                for port in ("service", "metrics", "mesh", "probes", *CONTEXTS):
                    replica.ports[port] = _free_port(held)

    def folder(self, workload: str) -> Path:
        """Where the certificates of a workload are."""
        return self._certificates / workload

    def programs(self, settings: Settings, folder: DataFolder) -> Iterator[Program]:
        """Every replica's service and sidecar, then the gateway."""
        for replica in self.replicas.values():
            yield self.service(replica, settings, folder)
            yield self.sidecar(replica, settings)
        yield self.gateway(settings)

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
        own = SidecarSettings.model_validate(
            {
                **self.addresses(),
                **self._told(settings, f"{replica.name}-sidecar", replica.context),
                **{f"{peer}_listen": replica.at(peer) for peer in CONTEXTS},
                "service_address": replica.at("service"),
                "metrics_address": replica.at("metrics"),
                "mesh_listen": replica.at("mesh"),
                "probes_listen": replica.at("probes"),
            }
        )
        files = running.sidecar_files(SERVED, replica.context, own)
        return _envoy(f"{replica.name}-sidecar", own, files, settings)

    def gateway(self, settings: Settings) -> Program:
        """The edge, which speaks to sidecars only."""
        edge = EdgeSettings.model_validate(
            {
                **{name.lower(): value for name, value in settings.environ.items()},
                **self.addresses(),
                **self._told(settings, "gateway", "gateway"),
                "listen": f"{HOST}:{settings.port}",
                "probes_listen": f"{HOST}:{self.gateway_probes}",
            }
        )
        return _envoy("gateway", edge, running.edge_files(SERVED, edge), settings, door=True)

    def addresses(self) -> dict[str, str]:
        """Where the sidecars of each service are."""
        return {
            f"{context}_address": ",".join(
                replica.at("mesh")
                for replica in self.replicas.values()
                if replica.context == context
            )
            for context in CONTEXTS
        }

    def _told(self, settings: Settings, name: str, workload: str) -> dict[str, str | Path]:
        return {
            "mesh_certificates": self.folder(workload),
            "mesh_trust_domain": TRUST_DOMAIN,
            "run_folder": settings.data / "run" / name,
        }


def _envoy(
    name: str,
    own: EdgeSettings | SidecarSettings,
    files: dict[str, str],
    settings: Settings,
    *,
    door: bool = False,
) -> Program:
    own.run_folder.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        (own.run_folder / file).write_text(text)
    argv = running.argv(own.run_folder / running.CONFIG, own)
    return Program(name, argv, settings.environ, door=door)


def _free_port(held: contextlib.ExitStack) -> int:
    taken = held.enter_context(socket.socket())
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.bind((HOST, 0))
    taken.listen()
    return int(taken.getsockname()[1])
