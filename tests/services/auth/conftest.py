"""The fixtures of the tests of auth."""

from collections.abc import AsyncIterator

import pytest

from kernel.storage import Store
from services.auth.settings import AuthSettings
from tests.services.auth.fakes import FakeServices
from tests.services.auth.harness import AuthHarness, make_settings
from tests.services.auth.server import Auth, running
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore


@pytest.fixture
def settings() -> AuthSettings:
    """Settings with the cheapest hash and no wait for subscribers."""
    return make_settings()


@pytest.fixture
def clock() -> FixedClock:
    """The clock of everything in the test."""
    return FixedClock()


@pytest.fixture
def watched(store: Store) -> WatchedStore:
    """The store of the harness, which counts writes."""
    return WatchedStore(store)


@pytest.fixture
async def harness(
    watched: WatchedStore, clock: FixedClock, settings: AuthSettings
) -> AsyncIterator[AuthHarness]:
    """The use cases without a server."""
    harness = AuthHarness(watched, clock, settings)
    await harness.signing_keys.refresh()
    yield harness
    await harness.passwords.close()


@pytest.fixture
async def fakes() -> AsyncIterator[FakeServices]:
    """Fakes of tenants and sessions."""
    fakes = FakeServices()
    await fakes.start()
    yield fakes
    await fakes.stop()


@pytest.fixture
async def auth(store: Store, clock: FixedClock, fakes: FakeServices) -> AsyncIterator[Auth]:
    """The running service, which calls the fakes."""
    settings = make_settings(
        TENANTS_ADDRESS=fakes.address, SESSIONS_ADDRESS=fakes.address, SETTLE_SECONDS="0.5"
    )
    async with running(store, clock, settings) as auth:
        yield auth
