"""A running system whose settings change as in a cluster: one program and one restart at a time."""

import os
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import psutil

from tests.end_to_end.conftest import CHEAP
from tools import settings
from tools.folder import DataFolder
from tools.laptop import Laptop
from tools.processes import Program
from tools.programs import services_and_gateway
from tools.settings import Settings

STOP_SECONDS = 12.0
"""Slightly more than the setting `STOP_SECONDS` of a service."""
_STEP_SECONDS = 0.01


class Installation:
    """The product on a data folder; the settings of each program can change between restarts.

    Args:
        folder: The data folder.
        told: Settings for all programs.

    Attributes:
        keys: By program name, keys to use from the start instead of new ones.
        environ: By program name, the environment for its next start.
        laptop: The running system.
    """

    def __init__(self, folder: Path, **told: str) -> None:
        self.keys: Mapping[str, Mapping[str, str]] = {}
        self.environ: dict[str, dict[str, str]] = {}
        environ = {**os.environ, **CHEAP, "PORT": "0", "DATA": str(folder), **told}
        self.laptop = Laptop(settings.read(environ), self._programs)

    def _programs(self, told: Settings, folder: DataFolder) -> Iterator[Program]:
        for program in services_and_gateway(told, folder):
            keys = self.keys.get(program.name, {})
            self.environ[program.name] = {**program.environ, **keys}
            yield replace(program, environ=self.environ[program.name])

    def stop(self, name: str) -> None:
        """Stops a program as Kubernetes does: SIGTERM, and time to finish its work."""
        process = psutil.Process(self.laptop.pid(name))
        process.send_signal(signal.SIGTERM)
        end = time.monotonic() + STOP_SECONDS
        while process.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < end, f"{name} does not stop"
            time.sleep(_STEP_SECONDS)
        self.laptop.kill(name)  # it has already exited; this records it

    def roll(self, name: str, **changed: str) -> None:
        """Restarts a program with changed settings."""
        self.environ[name] |= changed
        self.stop(name)
        self.laptop.restart(name)
