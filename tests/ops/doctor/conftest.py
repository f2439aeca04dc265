"""A store with some life in it."""

from collections.abc import AsyncIterator

import pytest

from kernel.storage import Store
from tests.ops.doctor.world import World


@pytest.fixture
async def world(store: Store) -> AsyncIterator[World]:
    """All contexts, after some use."""
    world = World(store)
    await world.live()
    yield world
    await world.close()
