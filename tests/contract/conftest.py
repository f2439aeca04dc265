"""The fixtures of the conformance suite of the storage port."""

import asyncio
import os
import sys
import uuid
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from kernel.storage import Store, Subspace
from kernel.storage.families import Value
from kernel.storage.recipes.work_queue import Timing, WorkQueue
from tests.contract.store import BACKENDS, Backend, Clock, Work, fdb_backend
from tests.contract.work import AGE, StubWorker
from tests.support import foundationdb
from tests.support.clock import FixedClock
from tests.support.cluster import Cluster

ROOT = Path(__file__).parents[2]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs each test of the suite on every available backend."""
    if "backend" in metafunc.fixturenames:
        chosen = [each for each in BACKENDS if each.name != "fdb" or foundationdb.chosen()]
        metafunc.parametrize("backend", chosen, indirect=True, ids=lambda backend: backend.name)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> Backend:
    """One implementation of the port; skips tests that need what it lacks."""
    chosen: Backend = request.param
    for mark in request.node.iter_markers("needs"):
        if reason := chosen.lacks.get(mark.args[0]):
            pytest.skip(f"{chosen.name} lacks {mark.args[0]}: {reason}")
    return chosen


@pytest.fixture(scope="module")
def lone_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster | None]:
    """A cluster for operations that affect a whole cluster, like a jump of its versions."""
    with foundationdb.own_cluster(tmp_path_factory) as cluster:
        yield cluster


@pytest.fixture
def alone(backend: Backend, lone_cluster: Cluster | None) -> Backend:
    """The backend on a cluster that no other module's tests use."""
    if backend.name != "fdb" or lone_cluster is None:
        return backend
    return fdb_backend(lambda: lone_cluster.file)


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
    """A key space that no other test uses, even if all share one store."""
    return Subspace(("contract", uuid.uuid4()))


@pytest.fixture
async def work(backend: Backend, tmp_path: Path) -> AsyncIterator[Work]:
    """Starts other processes on the store; see `tests.contract.worker`."""
    started: list[Process] = []

    async def start(what: str, key: bytes, argument: object, **environ: str) -> Process:
        command = (sys.executable, "-m", "tests.contract.worker", what, backend.url(tmp_path))
        process = await asyncio.create_subprocess_exec(
            *command, key.hex(), str(argument), stdout=PIPE, cwd=ROOT, env={**os.environ, **environ}
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.fixture
def queue(space: Subspace) -> WorkQueue:
    """A queue that no other test uses."""
    return WorkQueue(space, Value("a number", 10), AGE)


@pytest.fixture
def quick(space: Subspace) -> WorkQueue:
    """A queue that waits only for moments."""
    return WorkQueue(space, Value("a number", 10), AGE, Timing(work=1, poll=0.05, retry=0.01))


@pytest.fixture
def fixed() -> FixedClock:
    """The workers' clock."""
    return FixedClock()


@pytest.fixture
def worker() -> StubWorker:
    """A worker."""
    return StubWorker()
