"""Two replicas of auth on one store: LMDB, or FoundationDB with `--store=fdb`."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from kernel.storage import Store
from tests.services.auth.harness import make_settings
from tests.services.auth.server import Auth, running
from tests.support.clock import FixedClock
from tests.support.store import opened_twice


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[list[Store]]:
    """One store, opened by two replicas; a file can be opened only once in a process."""
    async with opened_twice(tmp_path) as opened:
        yield opened


@pytest.fixture
def store(stores: list[Store]) -> Store:
    """The store of both."""
    return stores[0]


@pytest.fixture
async def replicas(stores: list[Store], clock: FixedClock) -> AsyncIterator[list[Auth]]:
    """Two running replicas of auth, each with its own memory."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(running(store, clock, make_settings(), seed=seed))
            for seed, store in enumerate(stores)
        ]
