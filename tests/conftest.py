"""Fixtures that any test may want."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.storage import Store, open_store

# Tests start processes beside running gRPC servers. What gRPC would do at a fork, for children that
# go on to use it, breaks those that do not. Read when gRPC is first imported.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"


def pytest_configure(config: pytest.Config) -> None:
    """Names the marks of the suites."""
    config.addinivalue_line("markers", "needs(capability): what a backend must be able to do")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store of its own."""
    opened = open_store(f"lmdb://{tmp_path}/store?map_size={1 << 30}")
    yield opened
    await opened.close()
