"""What auth asks of tenants and sessions, and is told by tenants, over the wire."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from coditect.auth.internal.v1 import auth_pb2 as internal_pb2
from coditect.auth.internal.v1.auth_pb2_grpc import AuthInternalServiceStub
from coditect.auth.v5 import accounts_pb2, logins_pb2
from coditect.tenants.internal.v1 import tenants_pb2
from kernel.clock import timestamp
from kernel.errors import Kind, ServiceError
from kernel.storage import Store
from tests.services.auth.fakes import FakeServices
from tests.services.auth.server import LOG, OUTBOX, Auth, delivered, running, settings_for
from tests.support.clock import START, FixedClock

SOMETHING = str(UUID(int=7, version=4))


def acme(fakes: FakeServices, user_id: str, role: str = "admin", epoch: int = 3) -> str:
    """A tenant that the user is a member of from now on, as tenants says."""
    tenant_id = str(uuid4())
    fakes.memberships[user_id, tenant_id] = tenants_pb2.GetMembershipResponse(
        tenant_id=tenant_id, name="Acme", slug="acme", kind="organization", role=role,
        state="active", create_time=timestamp(START), tenant_epoch=epoch,
    )  # fmt: skip
    return tenant_id


async def test_a_switch(auth: Auth, fakes: FakeServices) -> None:
    """The answer is that of a login, in the other tenant and without a refresh token."""
    registered = await auth.register()
    tenant_id = acme(fakes, registered.user.user_id)
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
    request = logins_pb2.SwitchTenantRequest(tenant_id=acme(fakes, registered.user.user_id))
    fakes.failures = 100
    with pytest.raises(ServiceError) as error:
        await auth.call("SwitchTenant", request, registered.tokens.access_token)
    assert (error.value.reason, error.value.retry_after) == ("TENANTS_UNAVAILABLE", 1)


async def test_tokens_from_before_an_epoch(auth: Auth, fakes: FakeServices) -> None:
    """Once tenants has its answer they are refused, and a refresh gives good ones."""
    registered = await auth.register()
    tenant_id = acme(fakes, registered.user.user_id)
    request = logins_pb2.SwitchTenantRequest(tenant_id=tenant_id)
    token = (await auth.call("SwitchTenant", request, registered.tokens.access_token)).tokens
    await revoke(auth, tenant_id, registered.user.user_id, 3)
    assert await auth.refused("GetMe", token=token.access_token) == ""
    await revoke(auth, tenant_id, registered.user.user_id, 4)
    assert await auth.refused("GetMe", token=token.access_token) == "ACCESS_TOKEN_REVOKED"
    assert await auth.refused("GetMe", token=registered.tokens.access_token) == ""
    fakes.memberships[registered.user.user_id, tenant_id].tenant_epoch = 4
    refresh = logins_pb2.RefreshRequest(refresh_token=registered.tokens.refresh_token)
    fresh = (await auth.call("Refresh", refresh)).tokens
    assert await auth.refused("GetMe", token=fresh.access_token) == ""
    await revoke(auth, tenant_id, "", 5)
    assert await auth.refused("GetMe", token=fresh.access_token) == "ACCESS_TOKEN_REVOKED"


async def revoke(
    auth: Auth, tenant_id: str, user_id: str, epoch: int, peer: str = "tenants"
) -> Any:
    """What tenants tells auth."""
    client = auth.service.peer(peer)
    request = internal_pb2.RevokeTenantTokensRequest(
        tenant_id=tenant_id, user_id=user_id, tenant_epoch=epoch
    )
    return await client.call(client.stub(AuthInternalServiceStub).RevokeTenantTokens, request)


@pytest.mark.parametrize(
    ("tenant_id", "user_id", "peer", "kind"),
    [
        ("", "", "tenants", Kind.INVALID),
        (SOMETHING, "Ada", "tenants", Kind.INVALID),
        (SOMETHING, SOMETHING, "sessions", Kind.FORBIDDEN),
    ],
)
async def test_a_refused_revocation(
    auth: Auth, tenant_id: str, user_id: str, peer: str, kind: Kind
) -> None:
    """Only tenants may, and for a tenant that it names."""
    with pytest.raises(ServiceError) as error:
        await revoke(auth, tenant_id, user_id, 1, peer)
    assert error.value.kind == kind


async def test_other_names_reach_tenants(
    store: Store, clock: FixedClock, fakes: FakeServices
) -> None:
    """As they are when they are told, which may be later than the change."""
    async with running(store, clock, settings_for(fakes.address), tasks=(LOG, OUTBOX)) as auth:
        answer = await auth.register()
        await delivered(store)
        fakes.failures = 1
        for name in ("Augusta", "Countess"):
            request = accounts_pb2.UpdateMeRequest(first_name=name)
            await auth.call("UpdateMe", request, answer.tokens.access_token)
        await delivered(store)
    assert fakes.called == {answer.user.user_id: ("Countess", "Lovelace", 2)}


async def exported(auth: Auth, token: str) -> list[dict[str, Any]]:
    """The lines of a user's export."""
    metadata = (("authorization", f"Bearer {token}"),)
    parts = [
        part async for part in auth.stub.ExportMe(accounts_pb2.ExportMeRequest(), metadata=metadata)
    ]
    assert {part.content_type for part in parts} == {"application/x-ndjson"}
    text = b"".join(part.data for part in parts).decode()
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


async def test_an_export(auth: Auth, fakes: FakeServices) -> None:
    """The user, every login, and all pages of what the others keep; no secret."""
    token = (await auth.register()).tokens.access_token
    await auth.log_in()
    fakes.kept["tenants"] = [['{"kind":"tenant","name":"Acme"}'], [], ['{"kind":"auditEntry"}']]
    fakes.kept["sessions"] = [['{"kind":"session"}'], ['{"kind":"session"}']]
    lines = await exported(auth, token)
    assert [line["kind"] for line in lines] == [
        "user", "login", "login", "tenant", "auditEntry", "session", "session",
    ]  # fmt: skip
    assert lines[0]["email"] == "Ada@Example.com"
    assert sorted(line["current"] for line in lines[1:3]) == [False, True]
    assert "argon2" not in json.dumps(lines)


async def test_an_export_breaks_off(auth: Auth, fakes: FakeServices) -> None:
    """When tenants does not answer there is an error, never a short export that looks whole."""
    token = (await auth.register()).tokens.access_token
    fakes.failures = 100
    with pytest.raises(Exception, match="cannot be looked up"):
        await exported(auth, token)
