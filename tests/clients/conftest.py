"""A running system for the clients."""

from collections.abc import Iterator

import pytest

from tests.end_to_end.conftest import start
from tools.laptop import Laptop


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A running system that the tests of a module share."""
    with start(tmp_path_factory.mktemp("laptop")) as running:
        running.wait_until_ready()
        yield running
