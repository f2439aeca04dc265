"""The calls of auth to tenants, over a real channel."""

from uuid import UUID

import pytest

from coditect.auth.internal.v1 import auth_pb2 as internal_pb2
from coditect.auth.internal.v1.auth_pb2_grpc import AuthInternalServiceStub
from coditect.auth.v5 import accounts_pb2, logins_pb2
from kernel.errors import ServiceError
from kernel.storage import Store
from tests.services.auth.fakes import FakeServices
from tests.services.auth.harness import EMAIL
from tests.services.auth.server import LOG, OUTBOX, Auth, delivered, running, settings_for
from tests.support.clock import FixedClock

SOMETHING = str(UUID(int=7, version=4))


async def test_switch_tenant_answers_like_a_login(auth: Auth, fakes: FakeServices) -> None:
    """The answer has the tenant and an access token for it, but no refresh token."""
    registered = await auth.register()
    tenant_id = fakes.join(registered.user.user_id)
    request = logins_pb2.SwitchTenantRequest(tenant_id=tenant_id)
    answer = await auth.call("SwitchTenant", request, registered.tokens.access_token)
    assert (answer.tenant.tenant_id, answer.tenant.name, answer.tenant.role) == (
        tenant_id, "Acme", "admin",
    )  # fmt: skip
    assert not answer.tokens.HasField("refresh_token")
    caller = auth.service.app.authorizer.verifier.verify(answer.tokens.access_token)
    assert (caller.tenant_id, caller.tenant_epoch) == (UUID(tenant_id), 3)
    assert (await auth.log_in()).tenant == answer.tenant


@pytest.mark.parametrize(
    ("tenant_id", "reason"),
    [("", "INVALID_REQUEST"), ("Acme", "INVALID_REQUEST"), (SOMETHING, "TENANT_NOT_FOUND")],
)
async def test_switch_tenant_refuses_an_invalid_or_unknown_tenant(
    auth: Auth, tenant_id: str, reason: str
) -> None:
    """Auth refuses a malformed id as invalid, and a tenant without the caller as not found."""
    token = (await auth.register()).tokens.access_token
    request = logins_pb2.SwitchTenantRequest(tenant_id=tenant_id)
    assert await auth.refused("SwitchTenant", request, token) == reason


async def test_switch_tenant_fails_while_tenants_is_unavailable(
    auth: Auth, fakes: FakeServices
) -> None:
    """The error is TENANTS_UNAVAILABLE and tells the client to retry after a second."""
    registered = await auth.register()
    request = logins_pb2.SwitchTenantRequest(tenant_id=fakes.join(registered.user.user_id))
    fakes.failures = 100
    with pytest.raises(ServiceError) as error:
        await auth.call("SwitchTenant", request, registered.tokens.access_token)
    assert (error.value.reason, error.value.retry_after) == ("TENANTS_UNAVAILABLE", 1)


async def test_changed_names_are_delivered_to_tenants(
    store: Store, clock: FixedClock, fakes: FakeServices
) -> None:
    """Auth delivers the names as they are at delivery, even if they changed twice before it."""
    async with running(store, clock, settings_for(fakes.address), tasks=(LOG, OUTBOX)) as auth:
        answer = await auth.register()
        await delivered(store)
        fakes.failures = 1
        for name in ("Augusta", "Countess"):
            request = accounts_pb2.UpdateMeRequest(first_name=name)
            await auth.call("UpdateMe", request, answer.tokens.access_token)
        await delivered(store)
    assert fakes.called == {answer.user.user_id: ("Countess", "Lovelace", 2)}
    assert fakes.addresses == {answer.user.user_id: (EMAIL, EMAIL.lower(), False)}


async def test_a_proved_address_is_delivered_to_tenants(
    store: Store, clock: FixedClock, fakes: FakeServices
) -> None:
    """Tenants sends the proof of a token from its email, and gets it back for all organizations."""
    async with running(store, clock, settings_for(fakes.address), tasks=(LOG, OUTBOX)) as auth:
        user = (await auth.register()).user
        client = auth.service.peer("tenants")
        request = internal_pb2.ProveEmailRequest(
            user_id=user.user_id, normalized_email=EMAIL.lower()
        )
        await client.call(client.stub(AuthInternalServiceStub).ProveEmail, request)
        await delivered(store)
    assert fakes.addresses == {user.user_id: (EMAIL, EMAIL.lower(), True)}
