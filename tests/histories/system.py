"""The running system: two replicas of each service behind one gateway, and their deaths."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import httpx

from tests.end_to_end.conftest import CHEAP
from tests.end_to_end.replicas import TwoReplicas
from tests.histories.guesses import FREE
from tests.histories.mails import Mails
from tests.histories.repeats import LIMIT
from tests.histories.world import DEADLINE_SECONDS, World
from tests.support import foundationdb
from tools import settings
from tools.folder import DataFolder
from tools.laptop import Laptop
from tools.processes import Program
from tools.settings import CONTEXTS, Settings
from tools.sockets import listens

SETTINGS = {
    **CHEAP,
    "DEVICE_LOGINS_PER_NETWORK": "1000000",
    "GUESSES_FREE": str(FREE),
    # Longer than a history, so that no model needs a clock.
    "GUESS_PAUSE_SECONDS": "3600",
    "REFRESH_GRACE_SECONDS": "60",
    "LOG_LEVEL": "WARNING",
    "SESSIONS_PER_USER": str(LIMIT),
    # Each thing has clients in a network of its own.
    "TRUSTED_PROXIES": "1",
}
REPLICAS = (*CONTEXTS, *(f"{context}-2" for context in CONTEXTS))
READY_SECONDS = 150.0
_CONNECTIONS = 200
_DOWN_SECONDS = 0.5
_STEP_SECONDS = 0.05


class Replicas:
    """The programs of a system in which second replicas call second ones.

    Args:
        fault: The name of a fault that every service starts with (`sabotage`); empty for none.
    """

    def __init__(self, fault: str = "") -> None:
        self._fault = fault
        self._two = TwoReplicas(*CONTEXTS)

    def __call__(self, configured: Settings, folder: DataFolder) -> Iterator[Program]:
        """Each program, the gateway last."""
        programs = [*self._two(configured, folder)]
        seconds = {
            f"{context.upper()}_ADDRESS": self._two.environ[f"{context}-2"]["LISTEN"]
            for context in CONTEXTS
        }
        for program in programs:
            of_peers = seconds if program.name.endswith("-2") else {}
            yield self._with_fault(replace(program, environ={**program.environ, **of_peers}))

    def address(self, name: str) -> str:
        """Where a replica listens."""
        return self._two.environ[name]["LISTEN"]

    def _with_fault(self, program: Program) -> Program:
        if not self._fault or program.name not in REPLICAS:
            return program
        argv = (sys.executable, "-m", "tests.histories.sabotage", self._fault, program.argv[-1])
        return replace(program, argv=argv)


def laptop(folder: Path, replicas: Replicas, more: Mapping[str, str] | None = None) -> Laptop:
    """The system over a data folder, on free ports."""
    told = {**os.environ, **SETTINGS, "PORT": "0", "DATA": str(folder), **(more or {})}
    if foundationdb.chosen():
        told["STORE_URL"] = foundationdb.url(folder)
    return Laptop(settings.read(told), replicas)


@asynccontextmanager
async def opened(running: Laptop, random: Random, hurried: float) -> AsyncIterator[World]:
    """A running system for clients, of whose operations a share is given up early."""
    assert running.settings.mail_folder is not None
    limits = httpx.Limits(max_connections=_CONNECTIONS)
    async with httpx.AsyncClient(
        base_url=running.settings.url, timeout=DEADLINE_SECONDS, limits=limits, trust_env=False
    ) as http:
        yield World(http, Mails(running.settings.mail_folder), random, hurried)


async def kill_one(running: Laptop, replicas: Replicas, random: Random) -> str:
    """Kills a replica with SIGKILL, starts it again a little later, and waits until it serves.

    Returns its name. Call it from the thread that has started the system.
    """
    name = random.choice(REPLICAS)
    running.kill(name)
    await asyncio.sleep(random.uniform(0, _DOWN_SECONDS))
    running.restart(name)
    await asyncio.to_thread(_wait_until_listening, replicas.address(name))
    return name


def _wait_until_listening(address: str) -> None:
    while not listens(address):
        time.sleep(_STEP_SECONDS)
