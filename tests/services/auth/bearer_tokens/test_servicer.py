"""The exchange over Envoy's protocol."""

from uuid import UUID

import pytest

from coditect.auth.v5 import logins_pb2
from coditect.auth.v5.personal_access_tokens_pb2 import CreatePersonalAccessTokenRequest
from coditect.auth.v5.service_accounts_pb2 import (
    CreateServiceAccountKeyRequest,
    CreateServiceAccountRequest,
)
from coditect.envoy.v1 import external_auth_pb2
from coditect.envoy.v1.external_auth_pb2_grpc import AuthorizationStub
from kernel.errors import ServiceError
from tests.services.auth.fakes import FakeServices
from tests.services.auth.server import Auth

REFUSED = ("authorization", "Bearer refused")


async def check(auth: Auth, credentials: str | None) -> external_auth_pb2.CheckResponse:
    """Asks as the gateway does."""
    request = external_auth_pb2.CheckRequest()
    if credentials is not None:
        request.attributes.request.http.headers["authorization"] = credentials
    return await auth.client.call(auth.client.stub(AuthorizationStub).Check, request)


async def checked(auth: Auth, credentials: str | None) -> tuple[str, str]:
    """The header that the gateway sets."""
    (option,) = (await check(auth, credentials)).ok_response.headers
    return option.header.key, option.header.value


async def test_a_personal_token_becomes_an_access_token(auth: Auth) -> None:
    """However the scheme is written and how many blanks follow it."""
    user = await auth.register()
    request = CreatePersonalAccessTokenRequest(name="CI", scopes=["account:read"])
    made = await auth.call("CreatePersonalAccessToken", request, user.tokens.access_token)
    for scheme in ("Bearer ", "bearer    "):
        name, value = await checked(auth, scheme + made.token)
        caller = auth.service.app.authorizer.verifier.verify(value.removeprefix("Bearer "))
        assert (name, str(caller.user_id)) == ("authorization", user.user.user_id)


@pytest.mark.parametrize("credentials", [None, "", "Bearer", "Bearer cdt_", "cdt_pat_x", "Basic x"])
async def test_what_gives_no_access(auth: Auth, credentials: str | None) -> None:
    """The gateway gets an access token that no service accepts, so it refuses the call."""
    assert await checked(auth, credentials) == REFUSED


async def test_the_gateway_may_remember_an_access_token(auth: Auth) -> None:
    """As it is in the header; a refusal never."""
    user = await auth.register()
    request = CreatePersonalAccessTokenRequest(name="CI", scopes=["account:read"])
    made = await auth.call("CreatePersonalAccessToken", request, user.tokens.access_token)
    answer = await check(auth, f"Bearer {made.token}")
    (option,) = answer.ok_response.headers
    assert dict(answer.dynamic_metadata) == {"authorization": option.header.value}
    assert not (await check(auth, "Bearer cdt_")).HasField("dynamic_metadata")


async def test_a_key_of_a_service_account(auth: Auth, fakes: FakeServices) -> None:
    """Auth asks tenants for the state of the organization; without an answer there is none."""
    user = await auth.register()
    tenant_id = fakes.join(user.user.user_id)
    switch = logins_pb2.SwitchTenantRequest(tenant_id=tenant_id)
    token = (await auth.call("SwitchTenant", switch, user.tokens.access_token)).tokens.access_token
    request = CreateServiceAccountRequest(
        tenant_id=tenant_id, name="Build", role="member", scopes=["sessions:read"]
    )
    account = (await auth.call("CreateServiceAccount", request, token)).service_account
    ids = {"tenant_id": tenant_id, "account_id": account.account_id}
    create = CreateServiceAccountKeyRequest(**ids, name="Server")
    key = await auth.call("CreateServiceAccountKey", create, token)
    fakes.failures = 100
    with pytest.raises(ServiceError) as error:
        await checked(auth, f"Bearer {key.token}")
    assert error.value.reason == "TENANTS_UNAVAILABLE"
    fakes.failures = 0
    _, value = await checked(auth, f"Bearer {key.token}")
    caller = auth.service.app.authorizer.verifier.verify(value.removeprefix("Bearer "))
    assert (caller.user_id, caller.tenant_epoch) == (UUID(account.account_id), 3)
    assert caller.is_service_account


async def test_an_organization_that_is_gone(auth: Auth, fakes: FakeServices) -> None:
    """Its keys give no access."""
    user = await auth.register()
    tenant_id = fakes.join(user.user.user_id)
    request = CreatePersonalAccessTokenRequest(
        name="CI", scopes=["account:read"], tenant_id=tenant_id
    )
    made = await auth.call("CreatePersonalAccessToken", request, user.tokens.access_token)
    fakes.memberships.clear()
    assert await checked(auth, f"Bearer {made.token}") == REFUSED
