"""The fixtures of the conformance suite of the storage port."""

import asyncio
import sys
import uuid
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.storage import Store, Subspace
from tests.contract.store import BACKENDS, Backend, Clock, Work

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=BACKENDS, ids=lambda backend: backend.name)
def backend(request: pytest.FixtureRequest) -> Backend:
    """One implementation of the port, minus the tests of what it says that it lacks."""
    chosen: Backend = request.param
    for mark in request.node.iter_markers("needs"):
        if reason := chosen.lacks.get(mark.args[0]):
            pytest.skip(f"{chosen.name} lacks {mark.args[0]}: {reason}")
    return chosen


@pytest.fixture
def clock() -> Clock:
    """The clock of the store under test."""
    return Clock()


@pytest.fixture
async def store(backend: Backend, tmp_path: Path, clock: Clock) -> AsyncIterator[Store]:
    """The store under test."""
    opened = backend.open(tmp_path, clock)
    yield opened
    await opened.close()


@pytest.fixture
def space() -> Subspace:
    """Keys that no other test uses, even if all share one store."""
    return Subspace(("contract", uuid.uuid4()))


@pytest.fixture
async def work(backend: Backend, tmp_path: Path) -> AsyncIterator[Work]:
    """Starts other processes on the store; see `tests.contract.worker`."""
    started: list[Process] = []

    async def start(what: str, key: bytes, argument: object) -> Process:
        command = (sys.executable, "-m", "tests.contract.worker", what, backend.url(tmp_path))
        process = await asyncio.create_subprocess_exec(
            *command, key.hex(), str(argument), stdout=PIPE, cwd=ROOT
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()
