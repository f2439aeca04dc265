"""The fixtures of the tests of sessions."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from coditect.sessions.v5.sessions_pb2_grpc import SessionsServiceStub
from kernel.identity.callers import Caller, Role
from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store, open_store
from kernel.storage.recipes.sweeping import Sweeper
from services.sessions import sweeper as sweeping
from services.sessions.app import build
from services.sessions.sessions import Sessions
from services.sessions.settings import SessionsSettings
from tests.support import foundationdb
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.service import ENVIRON, UNREACHABLE, Service, serve
from tests.support.tokens import caller_of, somebody


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store on the backend of the run, because concurrency differs between backends."""
    lmdb = f"lmdb://{tmp_path}/store?map_size={1 << 30}"
    opened = open_store(foundationdb.url(tmp_path) if foundationdb.chosen() else lmdb)
    yield opened
    await opened.close()


@pytest.fixture
def settings() -> SessionsSettings:
    """The defaults, except for a limit that tests can reach."""
    return SessionsSettings.read(
        {**ENVIRON, "AUTH_ADDRESS": UNREACHABLE, "SESSIONS_PER_USER": "260", "IDLE_SECONDS": "3600"}
    )


@pytest.fixture
def clock() -> FixedClock:
    """The clock of everything in the test."""
    return FixedClock()


@pytest.fixture
def sessions(store: Store, clock: FixedClock, settings: SessionsSettings) -> Sessions:
    """The use cases."""
    return Sessions(
        Runtime(store, clock, FixedIds(), Seal(secrets_of(settings.seal_keys))), settings
    )


@pytest.fixture
def sweeper(store: Store, clock: FixedClock, settings: SessionsSettings) -> Sweeper:
    """The sweeper; tests run it explicitly."""
    return sweeping.sweeper(store, clock, settings)


@pytest.fixture
async def service(
    store: Store, clock: FixedClock, settings: SessionsSettings
) -> AsyncIterator[Service]:
    """The running service."""
    app = build(settings, store, clock, FixedIds())
    async with serve("sessions", app, settings, clock) as service:
        yield service


@pytest.fixture
def caller() -> Caller:
    """A member of a tenant."""
    return caller_of(somebody(role=Role.MEMBER))


@pytest.fixture
def stub(service: Service) -> SessionsServiceStub:
    """The public methods of the running service."""
    return service.stub(SessionsServiceStub)
