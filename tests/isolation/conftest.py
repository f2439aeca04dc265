"""The product for the tests of isolation, with room for what they make."""

from collections.abc import Iterator

import httpx
import pytest
from _pytest.terminal import TerminalReporter

from tests.end_to_end.conftest import client, start
from tools.laptop import Laptop

LINE = "isolation"
"""The property of a test that its line in the summary stands in."""
ROOM = {
    "TENANTS_PER_USER": "1000",
    "SESSIONS_PER_USER": "100000",
    "INVITATIONS_PER_TENANT": "100000",
    "INVITATION_EMAILS_PER_ADDRESS": "100000",
    "INVITATION_EMAILS_PER_MAILBOX": "100000",
    "INVITATION_EMAILS_PER_USER": "100000",
    "SWEEP_SECONDS": "0.5",
}


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """The product, on a store that the tests of a file share."""
    with start(tmp_path_factory.mktemp("isolation"), **ROOM) as running:
        running.wait_until_ready()
        yield running


@pytest.fixture(scope="module")
def http(laptop: Laptop) -> Iterator[httpx.Client]:
    """A client of it."""
    with client(laptop) as opened:
        yield opened


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Gives the line of each test that has one."""
    reports = terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", [])
    for report in reports:
        for name, line in getattr(report, "user_properties", ()):
            if name == LINE:
                terminalreporter.line(line)
