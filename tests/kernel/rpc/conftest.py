"""A running stub service."""

from collections.abc import AsyncIterator

import pytest

from tests.kernel.rpc.stub_service import StubServicer, serving
from tests.support.clock import FixedClock
from tests.support.service import Service


@pytest.fixture
def clock() -> FixedClock:
    """The clock that everything in the test uses."""
    return FixedClock()


@pytest.fixture
def servicer() -> StubServicer:
    """The methods of the service."""
    return StubServicer()


@pytest.fixture
async def service(servicer: StubServicer, clock: FixedClock) -> AsyncIterator[Service]:
    """The running service."""
    async with serving(servicer, clock) as service:
        yield service
