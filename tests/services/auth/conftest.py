"""Auth, as its tests want it."""

from collections.abc import AsyncIterator

import pytest

from kernel.storage import Store
from services.auth.settings import AuthSettings
from tests.services.auth.parts import Parts, make_settings
from tests.services.auth.peers import Peers
from tests.services.auth.running import Auth, running
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore


@pytest.fixture
def settings() -> AuthSettings:
    """The cheapest hash, and nobody to wait for."""
    return make_settings()


@pytest.fixture
def clock() -> FixedClock:
    """The clock of everything in the test."""
    return FixedClock()


@pytest.fixture
def watched(store: Store) -> WatchedStore:
    """The store of the parts, which counts."""
    return WatchedStore(store)


@pytest.fixture
async def parts(
    watched: WatchedStore, clock: FixedClock, settings: AuthSettings
) -> AsyncIterator[Parts]:
    """The use cases, without a server."""
    parts = Parts(watched, clock, settings)
    await parts.keyring.refresh()
    yield parts
    await parts.passwords.close()


@pytest.fixture
async def peers() -> AsyncIterator[Peers]:
    """Tenants and sessions, as far as auth calls them."""
    peers = Peers()
    await peers.start()
    yield peers
    await peers.stop()


@pytest.fixture
async def auth(store: Store, clock: FixedClock, peers: Peers) -> AsyncIterator[Auth]:
    """The running service, with its peers."""
    settings = make_settings(
        TENANTS_ADDRESS=peers.address, SESSIONS_ADDRESS=peers.address, SETTLE_SECONDS="0.5"
    )
    async with running(store, clock, settings) as auth:
        yield auth
