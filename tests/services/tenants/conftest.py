"""Fixtures for the tests of tenants."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from kernel.identity.callers import Caller, Role
from kernel.self_tenant import self_tenant_id
from kernel.storage import Store, open_store
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants import sweeper as sweeping
from services.tenants.app import build
from services.tenants.invitations.model import NewInvitation
from services.tenants.settings import TenantsSettings
from tests.services.tenants.fakes import FakeServices
from tests.services.tenants.harness import (
    EMAIL,
    TenantsHarness,
    call,
    expected_self_tenant_id,
    make_settings,
    person,
)
from tests.support import foundationdb
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.service import Service, serve
from tests.support.stubs import TenantsStub
from tests.support.tokens import User, caller_of, somebody


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store, on the backend of the run, since the backends differ in concurrency."""
    lmdb = f"lmdb://{tmp_path}/store?map_size={1 << 30}"
    opened = open_store(foundationdb.url(tmp_path) if foundationdb.chosen() else lmdb)
    yield opened
    await opened.close()


@pytest.fixture
def settings() -> TenantsSettings:
    """The default settings of a test."""
    return make_settings()


@pytest.fixture
def clock() -> FixedClock:
    """The clock of everything in the test."""
    return FixedClock()


@pytest.fixture
def harness(store: Store, clock: FixedClock, settings: TenantsSettings) -> TenantsHarness:
    """All use cases, on the store of the test."""
    return TenantsHarness(store, clock, settings)


@pytest.fixture
def ada() -> Caller:
    """A user."""
    return person()


@pytest.fixture
async def acme(harness: TenantsHarness, ada: Caller) -> UUID:
    """An organization that Ada owns."""
    return await harness.found(ada)


@pytest.fixture
def sweeper(store: Store, clock: FixedClock, settings: TenantsSettings) -> Sweeper:
    """The sweeper, which does not run by itself."""
    return sweeping.sweeper(store, clock, settings)


@pytest.fixture
async def new_invitation(harness: TenantsHarness, ada: Caller, acme: UUID) -> NewInvitation:
    """An invitation by Ada, to be an admin."""
    return await harness.invitations.create(call(ada, acme), EMAIL, Role.ADMIN)


@pytest.fixture
async def fakes() -> AsyncIterator[FakeServices]:
    """Fakes of auth and sessions, which the running service calls."""
    fakes = FakeServices()
    await fakes.start()
    yield fakes
    await fakes.stop()


@pytest.fixture
async def service(store: Store, clock: FixedClock, fakes: FakeServices) -> AsyncIterator[Service]:
    """The running service."""
    settings = make_settings(AUTH_ADDRESS=fakes.address, SESSIONS_ADDRESS=fakes.address)
    app = build(settings, store, clock, FixedIds())
    async with serve("tenants", app, settings, clock) as service:
        yield service


@pytest.fixture
def stub(service: Service) -> TenantsStub:
    """The public methods of the running service."""
    return service.stub(TenantsStub)


@pytest.fixture
def user() -> User:
    """A user in the self-tenant."""
    user_id = uuid4()
    return somebody(user_id=user_id, tenant_id=self_tenant_id(user_id))


@pytest.fixture
def caller() -> Caller:
    """A user in the self-tenant."""
    user_id = uuid4()
    return caller_of(somebody(user_id=user_id, tenant_id=expected_self_tenant_id(user_id)))
