"""The PostgreSQL server of a measurement."""

import subprocess
from collections.abc import Iterator

import psutil
import pytest

from bench.load import Skipped
from bench.peers import postgres
from bench.peers.postgres import Server


@pytest.fixture
def running() -> Iterator[Server]:
    """A running server."""
    try:
        with postgres.server() as server:
            yield server
    except Skipped as reason:
        pytest.skip(str(reason))


def test_database(running: Server) -> None:
    """A database can be created, and reached by the socket without a password."""
    assert running.create_database("one") == "one"
    argv = [postgres._programs() / "psql", "-h", running.folder, "-U", postgres.USER]
    argv += ["-d", "one", "-Atc", "select 7"]
    assert subprocess.run(argv, check=True, capture_output=True).stdout == b"7\n"


def test_end() -> None:
    """After the block the server has ended, with its processes, and its folder is gone."""
    try:
        with postgres.server() as server:
            processes = [psutil.Process(server.pid)]
            processes += processes[0].children(recursive=True)
    except Skipped as reason:
        pytest.skip(str(reason))
    assert not any(process.is_running() for process in processes)
    assert not server.folder.exists()
