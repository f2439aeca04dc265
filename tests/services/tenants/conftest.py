"""Tenants, as its tests want it."""

from collections.abc import AsyncIterator

import pytest

from coditect.tenants.v5.tenants_pb2_grpc import TenantsServiceStub
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from kernel.storage.sweeping import Sweeper
from services.tenants import sweeper as sweeping
from services.tenants.app import build
from services.tenants.settings import TenantsSettings
from services.tenants.tenants import Tenants
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.service import ENVIRON, NOBODY, Service, serve


@pytest.fixture
def settings() -> TenantsSettings:
    """As by default."""
    return TenantsSettings.read({**ENVIRON, "AUTH_ADDRESS": NOBODY})


@pytest.fixture
def clock() -> FixedClock:
    """The clock of everything in the test."""
    return FixedClock()


@pytest.fixture
def tenants(store: Store, clock: FixedClock, settings: TenantsSettings) -> Tenants:
    """The use cases."""
    return Tenants(store, clock, Seal(secrets_of(settings.seal_keys)), settings)


@pytest.fixture
def sweeper(store: Store, clock: FixedClock, settings: TenantsSettings) -> Sweeper:
    """The sweeper, which does not run by itself."""
    return sweeping.sweeper(store, clock, settings)


@pytest.fixture
async def service(
    store: Store, clock: FixedClock, settings: TenantsSettings
) -> AsyncIterator[Service]:
    """The running service."""
    app = build(settings, store, clock, FixedIds())
    async with serve("tenants", app, settings, clock) as service:
        yield service


@pytest.fixture
def stub(service: Service) -> TenantsServiceStub:
    """The public methods of the running service."""
    return service.stub(TenantsServiceStub)
