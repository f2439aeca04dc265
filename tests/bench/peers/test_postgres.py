"""The PostgreSQL server of a measurement."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bench.load import Skipped
from bench.peers import postgres
from bench.peers.postgres import Server

ROOT = Path(__file__).parents[3]


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


def test_machine_without_servers(tmp_path: Path) -> None:
    """Without PostgreSQL, each comparison is in the table as skipped, with the reason."""
    script = (
        "import sys\nfrom pathlib import Path\nfrom bench.peers import postgres, reads\n"
        "postgres._INSTALLED = Path(sys.argv[1])\n"
        "for row in reads.measure(Path(sys.argv[1]), 1): print(row.value, row.budget, row.note)\n"
    )
    environ = {"PATH": str(tmp_path), "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(argv, env=environ, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["skipped >= 6 PostgreSQL is not installed"] * 2
