"""The fixture of the doctor's tests: a store with every kind of row."""

from collections.abc import AsyncIterator

import pytest

from kernel.storage import Store
from tests.ops.doctor.environment import Environment


@pytest.fixture
async def environment(store: Store) -> AsyncIterator[Environment]:
    """All contexts with data."""
    environment = Environment(store)
    await environment.populate()
    yield environment
    await environment.close()
