"""The internal methods of auth, as other services call them."""

from typing import Any
from uuid import UUID

import pytest

from coditect.auth.internal.v1 import auth_pb2 as internal_pb2
from coditect.auth.internal.v1.auth_pb2_grpc import AuthInternalServiceStub
from coditect.auth.v5 import logins_pb2
from kernel.errors import Kind, ServiceError
from tests.services.auth.fakes import FakeServices
from tests.services.auth.harness import EMAIL
from tests.services.auth.server import Auth

UNKNOWN_ID = str(UUID(int=7, version=4))


async def profile(auth: Auth, user_id: str, peer: str = "tenants") -> Any:
    """Gets the profile of a user as another service."""
    client = auth.service.peer(peer)
    request = internal_pb2.GetUserProfileRequest(user_id=user_id)
    return await client.call(client.stub(AuthInternalServiceStub).GetUserProfile, request)


async def test_tenants_gets_the_profile_of_a_user(auth: Auth) -> None:
    """Tenants gets the names, the address and the normalized address, and nothing else."""
    user = (await auth.register()).user
    assert await profile(auth, user.user_id) == internal_pb2.GetUserProfileResponse(
        email=EMAIL, normalized_email=EMAIL.lower(), first_name="Ada", last_name="Lovelace"
    )


@pytest.mark.parametrize(
    ("user_id", "peer", "kind", "reason"),
    [
        (UNKNOWN_ID, "tenants", Kind.NOT_FOUND, "USER_NOT_FOUND"),
        ("Ada", "tenants", Kind.INVALID, "INVALID_REQUEST"),
        (UNKNOWN_ID, "sessions", Kind.FORBIDDEN, "SERVICE_NOT_ALLOWED"),
    ],
)
async def test_profile_is_refused(
    auth: Auth, user_id: str, peer: str, kind: Kind, reason: str
) -> None:
    """Auth refuses an unknown user, a malformed id, and a caller other than tenants."""
    with pytest.raises(ServiceError) as error:
        await profile(auth, user_id, peer)
    assert (error.value.kind, error.value.reason) == (kind, reason)


async def prove(auth: Auth, user_id: str, address: str, peer: str = "tenants") -> Any:
    """Says as another service that a user has proved an address."""
    client = auth.service.peer(peer)
    request = internal_pb2.ProveEmailRequest(user_id=user_id, normalized_email=address)
    return await client.call(client.stub(AuthInternalServiceStub).ProveEmail, request)


async def test_tenants_tells_of_a_proved_address(auth: Auth) -> None:
    """The profile says so, and so do the user and the next tokens."""
    registered = await auth.register()
    for address, proved in (("other@example.com", False), (EMAIL.lower(), True)):
        await prove(auth, registered.user.user_id, address)
        found = await profile(auth, registered.user.user_id)
        assert found.email_verified == proved
    assert (await auth.log_in()).user.email_verified


@pytest.mark.parametrize(
    ("user_id", "address", "peer", "kind"),
    [
        ("Ada", EMAIL, "tenants", Kind.INVALID),
        (UNKNOWN_ID, "", "tenants", Kind.INVALID),
        (UNKNOWN_ID, EMAIL, "sessions", Kind.FORBIDDEN),
    ],
)
async def test_proof_is_refused(
    auth: Auth, user_id: str, address: str, peer: str, kind: Kind
) -> None:
    """Auth refuses a malformed id, a missing address, and a caller other than tenants."""
    with pytest.raises(ServiceError) as error:
        await prove(auth, user_id, address, peer)
    assert error.value.kind == kind


async def test_tenants_revokes_the_tokens_of_older_epochs(auth: Auth, fakes: FakeServices) -> None:
    """Auth refuses tokens of older epochs, of a user or of a tenant; a refresh gives valid ones."""
    registered = await auth.register()
    tenant_id = fakes.join(registered.user.user_id)
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
    """Revokes tokens of a tenant as another service."""
    client = auth.service.peer(peer)
    request = internal_pb2.RevokeTenantTokensRequest(
        tenant_id=tenant_id, user_id=user_id, tenant_epoch=epoch
    )
    return await client.call(client.stub(AuthInternalServiceStub).RevokeTenantTokens, request)


@pytest.mark.parametrize(
    ("tenant_id", "user_id", "peer", "kind"),
    [
        ("", "", "tenants", Kind.INVALID),
        (UNKNOWN_ID, "Ada", "tenants", Kind.INVALID),
        (UNKNOWN_ID, UNKNOWN_ID, "sessions", Kind.FORBIDDEN),
    ],
)
async def test_revocation_is_refused(
    auth: Auth, tenant_id: str, user_id: str, peer: str, kind: Kind
) -> None:
    """Auth refuses a missing tenant, a malformed user id, and a caller other than tenants."""
    with pytest.raises(ServiceError) as error:
        await revoke(auth, tenant_id, user_id, 1, peer)
    assert error.value.kind == kind
