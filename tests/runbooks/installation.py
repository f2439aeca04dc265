"""A running system whose programs can be reconfigured, one restart at a time, as in a cluster."""

import os
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import psutil

from tests.end_to_end.conftest import CHEAP, PATIENT
from tools import settings
from tools.folder import DataFolder
from tools.laptop import Laptop
from tools.processes import Program
from tools.programs import services_and_gateway
from tools.settings import Settings

STOP_SECONDS = 30.0
"""Slightly more than `STOP_SECONDS` of a service."""
_STEP_SECONDS = 0.01


class Installation:
    """A running system whose programs can each get a new environment between restarts.

    Args:
        folder: The data folder.
        variables: Settings for all programs.

    Attributes:
        keys: By program, keys that it gets from the start instead of new ones.
        environ: By program, the environment for its next start.
        laptop: The running system.
    """

    def __init__(self, folder: Path, **variables: str) -> None:
        self.keys: Mapping[str, Mapping[str, str]] = {}
        self.environ: dict[str, dict[str, str]] = {}
        environ = {**os.environ, **CHEAP, **PATIENT, "PORT": "0", "DATA": str(folder), **variables}
        self.laptop = Laptop(settings.read(environ), self._programs)

    def _programs(self, told: Settings, folder: DataFolder) -> Iterator[Program]:
        for program in services_and_gateway(told, folder):
            keys = self.keys.get(program.name, {})
            self.environ[program.name] = {**program.environ, **keys}
            yield replace(program, environ=self.environ[program.name])

    def stop(self, name: str) -> None:
        """Stops a program like Kubernetes: sends SIGTERM and waits until the program has ended."""
        process = psutil.Process(self.laptop.pid(name))
        process.send_signal(signal.SIGTERM)
        end = time.monotonic() + STOP_SECONDS
        while process.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < end, f"{name} does not stop"
            time.sleep(_STEP_SECONDS)
        self.laptop.kill(name)  # it has already ended; the laptop must forget the process

    def roll(self, name: str, **changed: str) -> None:
        """Restarts a program with changed variables."""
        self.environ[name] |= changed
        self.stop(name)
        self.laptop.restart(name)
