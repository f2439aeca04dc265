"""Running systems for the tests of the runbooks."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.conftest import client
from tests.runbooks.installation import Installation
from tests.support import foundationdb


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A running system that a test may change."""
    variables = {"STORE_URL": foundationdb.url(tmp_path)} if foundationdb.chosen() else {}
    installation = Installation(tmp_path / "data", **variables)
    with installation.laptop as laptop:
        laptop.wait_until_ready()
        yield installation


@pytest.fixture
def http(installation: Installation) -> Iterator[httpx.Client]:
    """A browser-like client of the system."""
    with client(installation.laptop) as opened:
        yield opened
