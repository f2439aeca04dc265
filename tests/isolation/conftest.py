"""The product for the isolation tests, with limits high enough for them."""

from collections.abc import Iterator

import httpx
import pytest
from _pytest.terminal import TerminalReporter

from tests.end_to_end.conftest import client, start
from tools.laptop import Laptop

LINE = "isolation"
"""The name of the test property with the line for the summary."""
LIMITS = {
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
    with start(tmp_path_factory.mktemp("isolation"), **LIMITS) as running:
        running.wait_until_ready()
        yield running


@pytest.fixture(scope="module")
def http(laptop: Laptop) -> Iterator[httpx.Client]:
    """An HTTP client of the product."""
    with client(laptop) as opened:
        yield opened


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Prints the line of each test that has one."""
    reports = terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", [])
    for report in reports:
        for name, line in getattr(report, "user_properties", ()):
            if name == LINE:
                terminalreporter.line(line)
