"""Two replicas of auth on one store: LMDB, or FoundationDB with `--store=fdb`."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from kernel.storage import Store, open_store
from tests.services.auth.harness import make_settings
from tests.services.auth.server import Auth, running
from tests.support import foundationdb
from tests.support.clock import FixedClock


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[list[Store]]:
    """One store, opened by two replicas; a file can be opened only once in a process."""
    if foundationdb.chosen():
        opened = [open_store(foundationdb.url(tmp_path)) for _ in range(2)]
    else:
        opened = [open_store(f"lmdb://{tmp_path}/store?map_size={1 << 30}")] * 2
    yield opened
    for store in opened:
        await store.close()


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
