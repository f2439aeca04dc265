"""A scripted server, and the client in both flavors."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.clients.python.flavors import AsyncFlavor, Flavor, SyncFlavor
from tests.clients.python.scripted_server import ScriptedServer

Connect = Callable[..., Flavor]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A server whose answers the test chooses."""
    with ScriptedServer() as running:
        yield running


@pytest.fixture(params=[SyncFlavor, AsyncFlavor], ids=["sync", "async"])
def connect(request: pytest.FixtureRequest) -> Iterator[Connect]:
    """Makes clients of one flavor."""
    made: list[Flavor] = []

    def connecting(url: str, **options: Any) -> Flavor:
        made.append(request.param(url, **options))
        return made[-1]

    yield connecting
    for one in made:
        one.close()


@pytest.fixture
def api(connect: Connect, server: ScriptedServer) -> Flavor:
    """A client of the scripted server."""
    return connect(server.url)
