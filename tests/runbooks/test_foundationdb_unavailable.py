"""The commands of docs/runbooks/foundationdb-unavailable.md, on a cluster in each of its states."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.faults import wait_until_whole
from tests.runbooks.installation import Installation
from tests.runbooks.runbook import Runbook, at_length
from tests.support import foundationdb
from tests.support.cluster import Cluster

RUNBOOK = Runbook("foundationdb-unavailable")
AVAILABLE = "The database is available"
HEALTHY = "Replication health     - Healthy"
_SECONDS = 60.0

pytestmark = pytest.mark.skipif(not foundationdb.chosen(), reason=foundationdb.WHY_NOT)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster that a test may break."""
    with Cluster(tmp_path) as cluster:
        wait_until_whole(cluster)
        yield cluster


def status(cluster: Cluster, awaited: str) -> str:
    """The output of the commands, as soon as it contains the text."""
    end = time.monotonic() + _SECONDS
    while awaited not in (said := RUNBOOK.run("status", FDB_CLUSTER_FILE=cluster.file).stdout):
        assert time.monotonic() < end, said
        time.sleep(0.5)
    return said


@at_length
@pytest.mark.timeout(240)
def test_commands_show_the_state_of_the_cluster(cluster: Cluster, tmp_path: Path) -> None:
    """The commands show a healthy cluster, a lost process, a lost quorum, and the recovery."""
    installation = Installation(
        tmp_path / "data", STORE_URL=foundationdb.url(tmp_path, cluster.file)
    )
    with installation.laptop as laptop:
        laptop.wait_until_ready(_SECONDS)
        healthy = status(cluster, HEALTHY)
        cluster.signal(0, signal.SIGKILL)
        degraded = status(cluster, "unreachable")
        cluster.signal(1, signal.SIGKILL)
        unavailable = status(cluster, "unavailable")
        cluster.start(0)
        cluster.start(1)
        wait_until_whole(cluster)
        laptop.wait_until_ready(_SECONDS)
        over = RUNBOOK.run("over", FDB_CLUSTER_FILE=cluster.file, URL=laptop.settings.url)

    assert AVAILABLE in healthy
    assert "FoundationDB processes - 3" in healthy
    assert AVAILABLE in degraded
    assert AVAILABLE not in unavailable
    assert over.returncode == 0, over.stdout + over.stderr
    assert AVAILABLE in over.stdout
    assert '"status":"ready"' in over.stdout
