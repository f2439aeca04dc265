"""The product as in a cluster, on a FoundationDB cluster of its own that the soak breaks."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

from tests.end_to_end.conftest import CHEAP
from tests.rolling.rollout import Rollout
from tests.support import foundationdb
from tests.support.cluster import Cluster
from tests.support.rolling import Version, version_before
from tools import settings

JOURNAL = "soak"
"""The name of the test property with a line for the summary."""
DRAIN_SECONDS = "5"
"""As in a cluster: longer than Envoy's health checks take to notice."""


@pytest.fixture
def before(tmp_path: Path) -> Version:
    """The version before this one, which the soak begins with."""
    return version_before(tmp_path / "before")


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The cluster, healthy."""
    with foundationdb.own_cluster(tmp_path_factory) as started:
        if started is None:
            pytest.skip(foundationdb.WHY_NOT)
        yield started


@pytest.fixture
def rollout(cluster: Cluster, tmp_path: Path) -> Iterator[Rollout]:
    """A rollout without pods yet."""
    told = {**os.environ, **CHEAP, "DRAIN_SECONDS": DRAIN_SECONDS, "TOKEN_ALGORITHM": "EdDSA"}
    told |= {"PORT": "0", "DATA": str(tmp_path / "data")}
    told["STORE_URL"] = foundationdb.url(tmp_path, cluster.file)
    running = Rollout(settings.read(told))
    yield running
    running.kill()


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Prints the journal."""
    reports = terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", [])
    for report in reports:
        for name, line in getattr(report, "user_properties", ()):
            if name == JOURNAL:
                terminalreporter.line(line)
