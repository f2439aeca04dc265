"""Checking whether a token is revoked reads nothing from the store."""

from collections.abc import Callable
from typing import Any

import pytest

from coditect.auth.v5 import logins_pb2, logins_pb2_grpc
from coditect.sessions.v5 import sessions_pb2, sessions_pb2_grpc
from coditect.tenants.v5 import tenants_pb2, tenants_pb2_grpc
from kernel.identity.revocations import Revocation
from kernel.rpc.errors import RemoteError
from kernel.rpc.server import App
from kernel.storage import Store
from services.auth import app as auth
from services.sessions import app as sessions
from services.sessions.settings import SessionsSettings
from services.tenants import app as tenants
from tests.services.auth.harness import make_settings as make_auth_settings
from tests.services.tenants.harness import make_settings as make_tenants_settings
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.service import ENVIRON, UNREACHABLE, Service, serve
from tests.support.store import CountedReads, WatchedStore
from tests.support.tokens import User, somebody

Build = Callable[[Any, Store, FixedClock, FixedIds], App]

SESSIONS = SessionsSettings.read({**ENVIRON, "AUTH_ADDRESS": UNREACHABLE})
SERVICES: dict[str, tuple[Build, Any, Any, str, Any]] = {
    "auth": (
        auth.build,
        make_auth_settings(),
        logins_pb2_grpc.LoginsServiceStub,
        "SwitchTenant",
        logins_pb2.SwitchTenantRequest(),
    ),
    "tenants": (
        tenants.build,
        make_tenants_settings(),
        tenants_pb2_grpc.TenantsServiceStub,
        "GetTenant",
        tenants_pb2.GetTenantRequest(),
    ),
    "sessions": (
        sessions.build,
        SESSIONS,
        sessions_pb2_grpc.SessionsServiceStub,
        "GetSession",
        sessions_pb2.GetSessionRequest(),
    ),
}
"""Each service with an empty request, which it refuses right after it has checked the token."""


@pytest.mark.parametrize("name", SERVICES)
async def test_check_reads_nothing(store: Store, clock: FixedClock, name: str) -> None:
    """A service accepts a valid token and refuses a revoked one without reading the store."""
    build, settings, make, method, request = SERVICES[name]
    watched = WatchedStore(store)
    counted = CountedReads(watched)
    app = build(settings, counted, clock, FixedIds())
    async with serve(name, app, settings, clock, prepare=()) as service:
        user, other = somebody(), somebody()
        gone = Revocation(user.user_id, clock.now(), tenant_id=user.tenant_id, tenant_epoch=1)
        app.authorizer.revocations.add([gone])
        stub = service.stub(make)
        for _ in range(2):
            assert await _refusal(service, stub, method, request, user) == "ACCESS_TOKEN_REVOKED"
            assert await _refusal(service, stub, method, request, other) == "INVALID_REQUEST"
    assert (counted.rows, watched.writes) == (0, 0)


async def _refusal(service: Service, stub: Any, method: str, request: Any, user: User) -> str:
    with pytest.raises(RemoteError) as refused:
        await service.call(getattr(stub, method), request, user=user)
    return refused.value.reason
