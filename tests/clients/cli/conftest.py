"""A small server, and the command with a configuration of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.cli.command import Command
from tests.clients.cli.small_server import Running, SmallServer


@pytest.fixture
def server() -> Iterator[SmallServer]:
    """A server whose answers the test chooses."""
    with Running() as running:
        yield running


@pytest.fixture
def coditect(tmp_path: Path) -> Command:
    """The command of a user who has not used it before."""
    return Command(tmp_path / "configuration")


@pytest.fixture
def logged_in(coditect: Command, server: SmallServer) -> Command:
    """The command of a user who has logged in to the server."""
    assert coditect("login", "--server", server.url).code == 0
    server.calls.clear()
    return coditect
