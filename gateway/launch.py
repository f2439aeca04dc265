"""Runs Envoy, and drains it so that no call is lost when it stops: the image's entry point."""

import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from gateway import program
from gateway.contract import Contract
from gateway.envoy import edge, mesh, sidecar
from gateway.envoy.probes import ADMIN_SOCKET
from gateway.settings import EnvoySettings, Settings, SidecarSettings

CONFIG = "envoy.yaml"
_TICK_SECONDS = 0.2
_RUNNING = "http.edge.downstream_rq_active"


def edge_files(contract: Contract, settings: Settings) -> dict[str, str]:
    """Returns everything that the edge's Envoy reads, by file name, for the run folder.

    Raises:
        ContractError: As for `edge.render`.
    """
    return {CONFIG: edge.render(contract, settings)} | mesh.secret_files(settings)


def sidecar_files(contract: Contract, name: str, settings: SidecarSettings) -> dict[str, str]:
    """Returns everything that the Envoy beside a service reads, by file name, for the run folder.

    Raises:
        ContractError: As for `sidecar.render`.
    """
    return {CONFIG: sidecar.render(contract, name, settings)} | mesh.secret_files(settings)


def argv(config: Path, settings: EnvoySettings) -> tuple[str, ...]:
    """Returns the command line of Envoy."""
    return (
        str(program.path()),
        *("-c", str(config)),
        *("--concurrency", str(settings.workers), "--log-level", "warn"),
        "--disable-hot-restart",  # needs shared memory that only one Envoy per machine can have
    )


def run(made: Mapping[str, str], settings: EnvoySettings) -> NoReturn:
    """Writes Envoy's files to the run folder, and becomes Envoy there.

    Raises:
        OSError: The folder cannot be written, or the certificates are missing or do not match.
    """
    mesh.check_files(settings)
    folder = settings.run_folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in made.items():
        (folder / name).write_text(text)
    command = argv(folder / CONFIG, settings)
    os.chdir(folder)
    _keep_ignoring()
    os.execv(command[0], command)  # noqa: S606 - no shell wanted


def _keep_ignoring() -> None:
    """Blocks SIGINT where this process ignores it, because Envoy would install a handler.

    Envoy never stops on SIGHUP: its handler writes one line.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def drain(settings: Settings) -> bool:
    """Drains the edge: it tells clients to reconnect elsewhere, and waits for running calls to end.

    Returns:
        Whether all of them ended within `drain_seconds` after `notice_seconds`. If Envoy does not
        respond, it waits all that time and returns False.
    """
    os.chdir(settings.run_folder)
    reached = _close_connections()
    time.sleep(settings.notice_seconds)
    end = time.monotonic() + settings.drain_seconds
    while not reached or _active():
        if time.monotonic() >= end:
            return False
        time.sleep(_TICK_SECONDS)
    return True


def _close_connections() -> bool:
    """Makes each response ask its client to reconnect; returns whether Envoy confirmed."""
    with suppress(OSError, http.client.HTTPException):
        _Admin().ask("POST", "/healthcheck/fail")
        return True
    return False


def _active() -> bool:
    """Whether calls are running; True if Envoy does not respond."""
    with suppress(OSError, http.client.HTTPException, ValueError, KeyError):
        said = _Admin().ask("GET", f"/stats?format=json&filter=^{_RUNNING}$")
        return any(int(stat.get("value", 0)) for stat in json.loads(said)["stats"])
    return True


class _Admin(http.client.HTTPConnection):
    """A connection to Envoy's admin socket in the working folder."""

    def __init__(self) -> None:
        super().__init__("localhost", timeout=2)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(ADMIN_SOCKET)

    def ask(self, verb: str, path: str) -> bytes:
        try:
            self.request(verb, path)
            return self.getresponse().read()
        finally:
            self.close()
