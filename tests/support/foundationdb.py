"""The FoundationDB cluster that a test run shares: started by `--store=fdb`, otherwise there is none.

Each folder has its own prefix in the cluster, so tests do not interfere.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

import fdb
import pytest

from tests.support.cluster import MISSING, Cluster

API_VERSION = 730

WHY_NOT = "FoundationDB is not tested here: make test-fdb does it, where it is installed"

_VARIABLE = "CODITECT_TEST_CLUSTER"


def chosen() -> bool:
    """Whether this run uses FoundationDB."""
    return _VARIABLE in os.environ


def cluster_file() -> Path:
    """The cluster file of this run."""
    return Path(os.environ[_VARIABLE])


def name_of(folder: Path) -> str:
    """The prefix of a folder."""
    return blake2b(str(folder).encode(), digest_size=8).hexdigest()


def url(folder: Path, file: Path | None = None) -> str:
    """The address of a folder's store, on the cluster of this run or another one."""
    return f"fdb://{file or cluster_file()}?prefix={name_of(folder)}"


@contextmanager
def own_cluster(factory: pytest.TempPathFactory) -> Iterator[Cluster | None]:
    """A separate cluster, for operations that affect all of it; None on the embedded store."""
    if not chosen():
        yield None
        return
    with Cluster(factory.mktemp("cluster")) as cluster:
        yield cluster


class SharedCluster:
    """Runs one cluster for the test run; workers find it in the environment."""

    def __init__(self) -> None:
        try:
            fdb.api_version(API_VERSION)
        except Exception as error:  # noqa: BLE001 - the binding's own
            raise pytest.UsageError(f"{MISSING}: {error}") from None
        self._folder = tempfile.TemporaryDirectory(prefix="coditect-fdb-")
        try:
            self._cluster = Cluster(Path(self._folder.name)).__enter__()
        except RuntimeError as error:
            self._folder.cleanup()
            raise pytest.UsageError(str(error)) from None
        os.environ[_VARIABLE] = str(self._cluster.file)

    def pytest_unconfigure(self) -> None:
        """Stops the cluster at the end of the run."""
        self._cluster.stop()
        self._folder.cleanup()
