"""Running systems for the rehearsals."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.conftest import client
from tests.runbooks.installation import Installation
from tests.support import foundationdb


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    """A running system that the test may change."""
    told = {"STORE_URL": foundationdb.url(tmp_path)} if foundationdb.chosen() else {}
    house = Installation(tmp_path / "data", **told)
    with house.laptop as laptop:
        laptop.wait_until_ready()
        yield house


@pytest.fixture
def http(house: Installation) -> Iterator[httpx.Client]:
    """A browser-like client of that system."""
    with client(house.laptop) as opened:
        yield opened
