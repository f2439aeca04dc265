"""The version before this one, and a rollout in which both can run."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

from tests.end_to_end.conftest import CHEAP
from tests.rolling.rollout import Rollout
from tests.support import foundationdb
from tests.support.rolling import Version, version_before
from tools import settings

DRAIN_SECONDS = 5.0
"""As in a cluster: longer than Envoy's health checks take to notice (two, a second apart)."""
FIGURES = "figures of the upgrade"
"""The name of the test property with the line for the summary."""


@pytest.fixture
def before(tmp_path: Path) -> Version:
    """The version before this one."""
    return version_before(tmp_path / "before")


@pytest.fixture
def rollout(tmp_path: Path) -> Iterator[Rollout]:
    """A rollout without pods yet, with a store to share."""
    told = {**os.environ, **CHEAP, "DRAIN_SECONDS": f"{DRAIN_SECONDS:g}"}
    told |= {"PORT": "0", "DATA": str(tmp_path / "data")}
    if foundationdb.chosen():
        told["STORE_URL"] = foundationdb.url(tmp_path)
    running = Rollout(settings.read(told))
    yield running
    running.kill()


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Prints the figures."""
    reports = terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", [])
    for report in reports:
        for name, line in getattr(report, "user_properties", ()):
            if name == FIGURES:
                terminalreporter.line(line)
