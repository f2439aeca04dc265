"""A system with a second replica of auth, or of another service, which the gateway calls as well."""

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
from tools.settings import CONTEXTS, HOST, Settings
from tools.sockets import listens

SECOND = "auth-2"
"""The name of the second one."""


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])


class TwoReplicas:
    """The programs of a system with a second auth, which the gateway calls as well.

    Args:
        contexts: The services of which there are two.
    """

    def __init__(self, *contexts: str) -> None:
        self.contexts = contexts or ("auth",)
        self.environ: dict[str, dict[str, str]] = {}
        """The environment with which each of them is started the next time."""

    def __call__(self, settings: Settings, folder: DataFolder) -> Iterator[Program]:
        """Each program, the gateway last."""
        both = {}
        for context in CONTEXTS:
            made = service(context, settings, folder)
            if context not in self.contexts:
                yield made
                continue
            first = settings.listen[context]
            second = {"LISTEN": f"{first}-2", "METRICS_LISTEN": f"{HOST}:{free_port()}"}
            for name, more in ((context, {}), (f"{context}-2", second)):
                self.environ[name] = {**made.environ, **more}
                yield replace(made, name=name, environ=self.environ[name])
            both[f"{context.upper()}_ADDRESS"] = f"{first},{second['LISTEN']}"
        environ = {
            **settings.environ,
            **addresses(settings),
            **both,
            "LISTEN": f"{HOST}:{settings.port}",
            "CONTRACT": str(CONTRACT),
            "RUN_FOLDER": str(settings.data / "run"),
        }
        argv = (sys.executable, "-m", "gateway", "run", "edge")
        waits_for = tuple(settings.listen.values())
        yield Program("gateway", argv, environ, stops_first=True, waits_for=waits_for)

    def restart(self, laptop: Laptop, name: str, **changes: str) -> None:
        """Stops one of them as a rollout does, and starts it with other settings."""
        os.kill(laptop.pid(name), signal.SIGTERM)
        while listens(self.environ[name]["LISTEN"]):
            time.sleep(0.1)
        laptop.kill(name)
        self.environ[name] |= changes
        laptop.restart(name)
