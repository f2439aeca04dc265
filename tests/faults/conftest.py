"""The product on its own cluster, which faults may break."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

from tests.end_to_end.conftest import CHEAP
from tests.faults.faults import wait_until_whole
from tests.support import foundationdb
from tests.support.cluster import Cluster
from tools import settings
from tools.laptop import Laptop

JOURNAL = "journal"
"""The name of the test property with the line for the summary."""


@pytest.fixture(scope="package")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster | None]:
    """A cluster that only the fault tests use; None if the store is a file."""
    with foundationdb.own_cluster(tmp_path_factory) as cluster:
        yield cluster


@pytest.fixture
def cluster(servers: Cluster | None) -> Cluster | None:
    """The cluster, healthy before each test."""
    if servers is not None:
        wait_until_whole(servers)
    return servers


@pytest.fixture
def laptop(cluster: Cluster | None, tmp_path: Path) -> Iterator[Laptop]:
    """The product, with its own prefix in the cluster."""
    told = {**os.environ, **CHEAP, "PORT": "0", "DATA": str(tmp_path / "data")}
    if cluster is not None:
        told["STORE_URL"] = foundationdb.url(tmp_path, cluster.file)
    with Laptop(settings.read(told)) as running:
        running.wait_until_ready(60)
        yield running


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Prints the line of each fault."""
    reports = terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", [])
    for report in reports:
        for name, line in getattr(report, "user_properties", ()):
            if name == JOURNAL:
                terminalreporter.line(line)
