"""The running service of the tests around calls."""

from collections.abc import AsyncIterator

import pytest

from tests.kernel.rpc.world import Doing, serving
from tests.support.clock import FixedClock
from tests.support.service import Service


@pytest.fixture
def clock() -> FixedClock:
    """The clock of everything in the test."""
    return FixedClock()


@pytest.fixture
def doing() -> Doing:
    """What the methods do."""
    return Doing()


@pytest.fixture
async def service(doing: Doing, clock: FixedClock) -> AsyncIterator[Service]:
    """The running service."""
    async with serving(doing, clock) as service:
        yield service
