"""A small server, and the command with a configuration of its own."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients.cli.command import Command
from tests.clients.cli.small_server import Running, SmallServer


@dataclass(frozen=True)
class Login:
    """What a login of the command has left: its configuration, and the tokens at the server."""

    folder: Path
    access_token: str
    refresh_token: str


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    """What serves the small servers, one after the other at the same URL."""
    serving = Running()
    with serving:
        yield serving


@pytest.fixture
def server(running: Running) -> SmallServer:
    """A server whose answers the test chooses."""
    return running.renew()


@pytest.fixture
def coditect(tmp_path: Path) -> Command:
    """The command of a user who has not used it before."""
    return Command(tmp_path / "configuration")


@pytest.fixture(scope="session")
def login(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Login:
    """A login that takes its seconds once. Its access token is good for a day."""
    coditect, server = Command(tmp_path_factory.mktemp("login")), running.renew()
    server.seconds = 86_400
    assert coditect("login", "--server", server.url).code == 0
    return Login(coditect.folder, server.access_token, server.refresh_token)


@pytest.fixture
def logged_in(coditect: Command, server: SmallServer, login: Login) -> Command:
    """The command of a user who has logged in to the server."""
    shutil.copytree(login.folder, coditect.folder)
    server.access_token, server.refresh_token = login.access_token, login.refresh_token
    return coditect
