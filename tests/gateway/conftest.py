"""One gateway for each test process, and fresh answers for each test."""

from collections.abc import Iterator

import pytest

from coditect.auth.v5 import keys_pb2
from tests.gateway.world import World, world


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A gateway that no test may break."""
    with world(tmp_path_factory.mktemp("edge")) as made:
        yield made


@pytest.fixture
def gateway(shared: World) -> World:
    """The shared gateway, with services that know nothing of earlier tests."""
    shared.backend.answers.clear()
    shared.backend.answers["GetJwks"] = keys_pb2.GetJwksResponse(keys=[shared.key.jwk])
    shared.backend.calls.clear()
    return shared
