"""Tenants, as its tests want it."""

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
from services.tenants.model import NewInvitation
from services.tenants.settings import TenantsSettings
from services.tenants.tenants import Tenants
from tests.services.tenants.parts import ACT, EMAIL, Parts, call, make_settings, person
from tests.services.tenants.peers import Peers
from tests.support import foundationdb
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.service import Service, serve
from tests.support.stubs import TenantsStub
from tests.support.tokens import User, somebody


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store, on the backend of the run: what happens at once differs between them."""
    lmdb = f"lmdb://{tmp_path}/store?map_size={1 << 30}"
    opened = open_store(foundationdb.url(tmp_path) if foundationdb.chosen() else lmdb)
    yield opened
    await opened.close()


@pytest.fixture
def settings() -> TenantsSettings:
    """As by default."""
    return make_settings()


@pytest.fixture
def clock() -> FixedClock:
    """The clock of everything in the test."""
    return FixedClock()


@pytest.fixture
def parts(store: Store, clock: FixedClock, settings: TenantsSettings) -> Parts:
    """All use cases."""
    return Parts(store, clock, settings)


@pytest.fixture
def tenants(parts: Parts) -> Tenants:
    """The use cases around any tenant."""
    return parts.tenants


@pytest.fixture
def ada() -> Caller:
    """Somebody."""
    return person()


@pytest.fixture
async def acme(parts: Parts, ada: Caller) -> UUID:
    """An organization of Ada's."""
    return await parts.found(ada)


@pytest.fixture
def sweeper(store: Store, clock: FixedClock, settings: TenantsSettings) -> Sweeper:
    """The sweeper, which does not run by itself."""
    return sweeping.sweeper(store, clock, settings)


@pytest.fixture
async def issued(parts: Parts, ada: Caller, acme: UUID) -> NewInvitation:
    """An invitation of Ada's."""
    return await parts.invitations.create(call(ada, acme), ACT, EMAIL, Role.ADMIN)


@pytest.fixture
async def peers() -> AsyncIterator[Peers]:
    """Auth and sessions, as the running service sees them."""
    peers = Peers()
    await peers.start()
    yield peers
    await peers.stop()


@pytest.fixture
async def service(store: Store, clock: FixedClock, peers: Peers) -> AsyncIterator[Service]:
    """The running service."""
    settings = make_settings(AUTH_ADDRESS=peers.address, SESSIONS_ADDRESS=peers.address)
    app = build(settings, store, clock, FixedIds())
    async with serve("tenants", app, settings, clock) as service:
        yield service


@pytest.fixture
def stub(service: Service) -> TenantsStub:
    """The public methods of the running service."""
    return service.stub(TenantsStub)


@pytest.fixture
def user() -> User:
    """A user in its own tenant."""
    user_id = uuid4()
    return somebody(user_id=user_id, tenant_id=self_tenant_id(user_id))
