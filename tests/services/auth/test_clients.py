"""What auth asks of tenants and sessions, over the wire."""

from uuid import UUID

import pytest

from coditect.auth.v5 import accounts_pb2, logins_pb2
from kernel.errors import ServiceError
from kernel.storage import Store
from tests.services.auth.fakes import FakeServices
from tests.services.auth.server import LOG, OUTBOX, Auth, delivered, running, settings_for
from tests.support.clock import FixedClock

SOMETHING = str(UUID(int=7, version=4))


async def test_a_switch(auth: Auth, fakes: FakeServices) -> None:
    """The answer is that of a login, in the other tenant and without a refresh token."""
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
async def test_a_bad_switch(auth: Auth, tenant_id: str, reason: str) -> None:
    """What is no id is named; what is no tenant of the caller is not there."""
    token = (await auth.register()).tokens.access_token
    request = logins_pb2.SwitchTenantRequest(tenant_id=tenant_id)
    assert await auth.refused("SwitchTenant", request, token) == reason


async def test_a_switch_while_tenants_is_away(auth: Auth, fakes: FakeServices) -> None:
    """Says so, and that it is worth another try."""
    registered = await auth.register()
    request = logins_pb2.SwitchTenantRequest(tenant_id=fakes.join(registered.user.user_id))
    fakes.failures = 100
    with pytest.raises(ServiceError) as error:
        await auth.call("SwitchTenant", request, registered.tokens.access_token)
    assert (error.value.reason, error.value.retry_after) == ("TENANTS_UNAVAILABLE", 1)


async def test_other_names_reach_tenants(
    store: Store, clock: FixedClock, fakes: FakeServices
) -> None:
    """The names are those at the time of delivery, which may be later than the change."""
    async with running(store, clock, settings_for(fakes.address), tasks=(LOG, OUTBOX)) as auth:
        answer = await auth.register()
        await delivered(store)
        fakes.failures = 1
        for name in ("Augusta", "Countess"):
            request = accounts_pb2.UpdateMeRequest(first_name=name)
            await auth.call("UpdateMe", request, answer.tokens.access_token)
        await delivered(store)
    assert fakes.called == {answer.user.user_id: ("Countess", "Lovelace", 2)}
