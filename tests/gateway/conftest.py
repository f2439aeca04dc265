"""One gateway per test process, with fresh responses for each test."""

from collections.abc import Iterator

import pytest

from coditect.auth.v5 import keys_pb2
from tests.gateway.environment import Environment, open_environment


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """A shared gateway; tests must not break it."""
    with open_environment(tmp_path_factory.mktemp("edge")) as made:
        yield made


@pytest.fixture
def gateway(shared: Environment) -> Environment:
    """The shared gateway, with services reset."""
    shared.backend.answers.clear()
    shared.backend.answers["GetJwks"] = keys_pb2.GetJwksResponse(keys=[shared.key.jwk])
    shared.backend.calls.clear()
    return shared
