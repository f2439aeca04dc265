"""A running system for the clients."""

from collections.abc import Iterator

import pytest

from tests.end_to_end.conftest import start
from tools.laptop import Laptop


@pytest.fixture(scope="session")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A running system that tests share; they must not break it."""
    with start(tmp_path_factory.mktemp("laptop")) as running:
        running.wait_until_ready()
        yield running
