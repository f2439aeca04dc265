"""The restore drill: back up under load, lose the store, restore it, and continue."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.end_to_end.conftest import client, start
from tests.end_to_end.examination import examined
from tests.end_to_end.person import Person, log_in, new_person
from tests.support import foundationdb
from tests.support.cluster import Cluster, program
from tools.laptop import Laptop
from tools.programs import ROOT

pytestmark = pytest.mark.drill


@dataclass(frozen=True)
class Drill:
    """A store that can be backed up, lost and restored.

    Attributes:
        url: Its address.
        back_up: Makes a backup of it while it is in use.
        lose: Removes its content; no process uses it meanwhile.
        restore: Restores the backup.
    """

    url: str
    back_up: Callable[[], object]
    lose: Callable[[], object]
    restore: Callable[[], object]


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Drill]:
    """The store of this run with its backup method."""
    if not foundationdb.chosen():
        yield _embedded(tmp_path / "store", tmp_path / "backup")
        return
    if program("fdbbackup") is None:
        pytest.skip("fdbbackup is not installed")
    (tmp_path / "cluster").mkdir()
    with Cluster(tmp_path / "cluster") as cluster:
        yield _distributed(cluster, tmp_path / "backups")


def test_a_restore_has_every_write_acknowledged_before_the_backup(
    drill: Drill, tmp_path: Path
) -> None:
    """All users registered before the backup can log in and find their session; all rows are consistent."""
    with start(tmp_path / "data", STORE_URL=drill.url) as laptop:
        laptop.wait_until_ready()
        with _load(laptop) as people:
            while len(people) < 10:
                threading.Event().wait(0.05)
            before = list(people)
            drill.back_up()
    drill.lose()
    assert _rows(drill.url) == 0
    drill.restore()
    assert _rows(drill.url) > 10 * len(before)
    with start(tmp_path / "data", STORE_URL=drill.url) as laptop:
        laptop.wait_until_ready()
        with client(laptop) as http:
            for person, session_id in before:
                again = log_in(http, Person(http, person.email, person.answer))
                assert again.call("GET", f"/sessions/{session_id}").status_code == 200


@contextmanager
def _load(laptop: Laptop) -> Iterator[list[tuple[Person, str]]]:
    """Registers users that open a session, continuously; yields each with its session's id."""
    people: list[tuple[Person, str]] = []
    stop = threading.Event()

    def work() -> None:
        with client(laptop) as http:
            while not stop.is_set():
                person = new_person(http)
                made = person.call("POST", "/sessions", {"state": {"open": ["a.py"]}})
                assert made.status_code == 201, made.text
                people.append((person, made.json()["data"]["sessionId"]))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        yield people
    finally:
        stop.set()
        for worker in workers:
            worker.join()


def _embedded(store: Path, backup: Path) -> Drill:
    url = f"lmdb://{store}"
    return Drill(
        url=url,
        back_up=lambda: _run(sys.executable, "-m", "kernel.storage", "backup", url, str(backup)),
        lose=lambda: shutil.rmtree(store),
        restore=lambda: _run(sys.executable, "-m", "kernel.storage", "restore", str(backup), url),
    )


def _distributed(cluster: Cluster, backups: Path) -> Drill:
    """FoundationDB's own backup, with the commands of docs/operations.md."""
    backups.mkdir()
    file, place = str(cluster.file), f"file://{backups}"

    def back_up() -> None:
        agent = subprocess.Popen([str(program("backup_agent")), "-C", file])
        try:
            _run(str(program("fdbbackup")), "start", "-C", file, "-d", place, "-t", "drill", "-w")
        finally:
            agent.kill()
            agent.wait()

    def restore() -> None:
        (made,) = backups.iterdir()
        agent = subprocess.Popen([str(program("backup_agent")), "-C", file])
        try:
            _run(
                str(program("fdbrestore")),
                *("start", "--dest-cluster-file", file, "-r", f"file://{made}"),
                *("-t", "drill", "-w"),
            )
        finally:
            agent.kill()
            agent.wait()

    return Drill(
        url=f"fdb://{file}",
        back_up=back_up,
        lose=lambda: cluster.command('writemode on; clearrange "" \\xff'),
        restore=restore,
    )


def _run(*argv: str) -> None:
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _rows(url: str) -> int:
    """The number of rows in a store; checks that they are consistent."""
    return sum(sum(line.get("rows", {}).values()) for line in examined(url, empty=True))
