"""A system with a second replica of auth, which the gateway calls as well."""

import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

from tools.folder import DataFolder
from tools.laptop import Laptop
from tools.processes import Program
from tools.programs import CONTRACT, addresses, service
from tools.settings import HOST, Settings

SECOND = "auth-2"
"""The name of the second one."""


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])


def listens(host: str, port: int) -> bool:
    """Whether a program accepts connections."""
    with socket.socket() as tried:
        return tried.connect_ex((host, port)) == 0


class TwoReplicas:
    """The programs of a system with a second auth, which the gateway calls as well."""

    def __init__(self) -> None:
        self.environ: dict[str, dict[str, str]] = {}
        """The environment with which each auth is started the next time."""

    def __call__(self, settings: Settings, folder: DataFolder) -> Iterator[Program]:
        """Each program, the gateway last."""
        first = f"{HOST}:{settings.ports['auth']}"
        second = {"LISTEN": f"{HOST}:{free_port()}", "METRICS_LISTEN": f"{HOST}:{free_port()}"}
        for name, more in (("auth", {}), (SECOND, second)):
            made = service("auth", settings, folder)
            self.environ[name] = {**made.environ, **more}
            yield replace(made, name=name, environ=self.environ[name])
        for context in ("tenants", "sessions"):
            yield service(context, settings, folder)
        environ = {
            **settings.environ,
            **addresses(settings),
            "AUTH_ADDRESS": f"{first},{second['LISTEN']}",
            "LISTEN": f"{HOST}:{settings.port}",
            "CONTRACT": str(CONTRACT),
            "RUN_FOLDER": str(settings.data / "run"),
        }
        argv = (sys.executable, "-m", "gateway", "run", "edge")
        ports = tuple(settings.ports.values())
        yield Program("gateway", argv, environ, stops_first=True, waits_for=ports)

    def restart(self, laptop: Laptop, name: str, **changes: str) -> None:
        """Stops an auth as a rollout does, and starts it with other settings."""
        os.kill(laptop.pid(name), signal.SIGTERM)
        host, _, port = self.environ[name]["LISTEN"].partition(":")
        while listens(host, int(port)):
            time.sleep(0.1)
        laptop.kill(name)
        self.environ[name] |= changes
        laptop.restart(name)
