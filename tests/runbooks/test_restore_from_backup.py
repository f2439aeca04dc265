"""docs/runbooks/restore-from-backup.md: its commands, and the effects that it describes."""

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.storage import open_store
from tests.end_to_end.conftest import client
from tests.end_to_end.person import PASSWORD, Person, error_of, log_in, new_person
from tests.faults.journal import Journal
from tests.faults.load import Load, settle
from tests.runbooks.installation import Installation
from tests.runbooks.runbook import Runbook, at_length
from tests.support import foundationdb
from tests.support.cluster import Cluster, program

RUNBOOK = Runbook("restore-from-backup")
WATCH = Runbook("backup-missing")
RESTORABLE_SECONDS = 100.0

embedded = pytest.mark.skipif(foundationdb.chosen(), reason="tests the embedded store")
on_a_cluster = pytest.mark.skipif(not foundationdb.chosen(), reason=foundationdb.WHY_NOT)


@embedded
@at_length
def test_a_restore_returns_the_state_of_the_backup(
    installation: Installation, tmp_path: Path
) -> None:
    """Accounts from before the backup work, ended logins are back, and later accounts are gone."""
    laptop = installation.laptop
    variables = {"STORE_URL": laptop.settings.store, "BACKUP": tmp_path / "backup"}
    with client(laptop) as http:
        person, journal = new_person(http), Journal()
        device = log_in(http, person)
        with Load(laptop.settings.url, journal) as load:
            settle(journal, 0)
            before = [account for account in load.accounts if account.access_token]
            backed_up = RUNBOOK.run("backup", **variables)
        assert device.call("POST", "/auth/logout").status_code == 200
        late = new_person(http)
    laptop.stop()
    shutil.rmtree(tmp_path / "data" / "store")
    restored = RUNBOOK.run("restore", **variables)

    assert backed_up.returncode == 0, backed_up.stderr
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert " 0 problems" in restored.stdout
    laptop.start()
    laptop.wait_until_ready()
    with client(laptop) as http:
        for email in {person.email, *(account.email for account in before)}:
            log_in(http, Person(http, email, {}))
        body = {"email": late.email, "password": PASSWORD}
        gone = http.post("/api/v5/auth/login", json=body)
        assert error_of(gone)["code"] == "BAD_CREDENTIALS"
        body = {"refreshToken": device.tokens["refreshToken"]}
        assert http.post("/api/v5/auth/refresh", json=body).status_code == 200


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster with a backup agent."""
    if program("fdbbackup") is None:
        pytest.skip("fdbbackup is not installed")
    (tmp_path / "cluster").mkdir()
    with Cluster(tmp_path / "cluster") as cluster:
        agent = subprocess.Popen([str(program("backup_agent")), "-C", str(cluster.file)])
        try:
            yield cluster
        finally:
            agent.kill()
            agent.wait()


@on_a_cluster
@at_length
@pytest.mark.timeout(240)
def test_a_cluster_is_restored_to_a_version(cluster: Cluster, tmp_path: Path) -> None:
    """The commands stop the backup, empty the store, and restore it to an earlier version."""
    variables: dict[str, object] = {"FDB_CLUSTER_FILE": cluster.file}
    variables["URL_OF_BACKUP"] = _begin_backup(cluster, tmp_path / "backups")
    _wait_for_age(cluster)
    cluster.command("writemode on; set greeting before")
    _wait_until_beyond(_version(cluster), variables)
    described = RUNBOOK.run("fdb-describe", **variables)
    cluster.command("writemode on; set greeting after")

    for block in ("fdb-stop-backup", "fdb-empty"):
        done = RUNBOOK.run(block, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "not found" in cluster.command("get greeting")
    restored = RUNBOOK.run("fdb-restore", VERSION=_greatest(described.stdout), **variables)

    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert "`before'" in cluster.command("get greeting")


def _wait_for_age(cluster: Cluster) -> None:
    """Waits until a store on the cluster knows of the backup."""

    async def age() -> float | None:
        store = open_store(f"fdb://{cluster.file}")
        try:
            return await store.backup_age()
        finally:
            await store.close()

    end = time.monotonic() + RESTORABLE_SECONDS
    while (known := asyncio.run(age())) is None:
        assert time.monotonic() < end
        time.sleep(1)
    assert known < RESTORABLE_SECONDS


def _begin_backup(cluster: Cluster, folder: Path) -> str:
    """Starts a continuous backup, waits until it can be restored, and returns its address."""
    folder.mkdir()
    subprocess.run(
        [
            str(program("fdbbackup")), "start", "-C", str(cluster.file),
            *("-d", f"file://{folder}", "-t", "default", "-s", "3600", "-z"),
        ],
        check=True,
    )  # fmt: skip
    end = time.monotonic() + RESTORABLE_SECONDS
    while '"Restorable":true' not in (
        lag := WATCH.run("lag", FDB_CLUSTER_FILE=cluster.file).stdout.replace(" ", "")
    ):
        assert time.monotonic() < end, lag
        time.sleep(1)
    assert "LagSeconds" in lag
    (made,) = folder.iterdir()
    return f"file://{made}"


def _version(cluster: Cluster) -> int:
    return int(cluster.command("getversion"))


def _wait_until_beyond(version: int, variables: dict[str, object]) -> None:
    """Waits until the backup can be restored to this version."""
    end = time.monotonic() + RESTORABLE_SECONDS
    while _greatest(RUNBOOK.run("fdb-describe", **variables).stdout) < version:
        assert time.monotonic() < end
        time.sleep(1)


def _greatest(description: str) -> int:
    """The last version that can be restored."""
    found = re.search(r"MaxRestorableVersion:\s+(\d+)", description)
    assert found, description
    return int(found[1])
