"""What a client gets for itself."""

from dataclasses import replace
from uuid import uuid4

import pytest

from kernel.errors import TenantNotFound
from services.auth.authorizations.errors import InvalidScope, UnauthorizedClient
from services.auth.logins.errors import TenantsUnavailable
from services.auth.oauth_clients.model import AuthMethod, OAuthClient
from tests.services.auth.harness import AuthHarness
from tests.services.auth.oauth.harness import CREDENTIALS, Endpoints, claims_of, is_refused
from tests.services.auth.service_accounts.harness import SCOPES, Organization, organization


async def client_of(endpoints: Endpoints, team: Organization) -> OAuthClient:
    """A client of an organization with a service account."""
    account = await team.account()
    return await endpoints.confidential_client(
        team.tenant.tenant_id,
        service_account_id=account.account_id,
        scopes=SCOPES | {"tenants:read", "account:read"},
    )


async def test_a_client_acts_as_its_service_account(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """In the tenant and with the role of that, without a refresh token."""
    team = await organization(harness)
    client = await client_of(endpoints, team)
    answer = await endpoints.ask(client, CREDENTIALS)
    caller = endpoints.caller(answer)
    assert (caller.user_id, caller.tenant_id) == (client.service_account_id, team.tenant.tenant_id)
    assert (caller.client_id, caller.scopes) == (client.client_id, SCOPES)
    assert (caller.is_service_account, str(caller.role)) == (True, "member")
    assert caller.tenant_epoch == team.tenant.epoch
    assert (answer.refresh_token, answer.id_token) == (None, None)
    assert "act" not in claims_of(answer.access_token)


async def test_its_scopes_are_those_of_both(endpoints: Endpoints, harness: AuthHarness) -> None:
    """Neither client nor account get more by the other."""
    client = await client_of(endpoints, await organization(harness))
    assert (
        await endpoints.ask(client, CREDENTIALS, scope="sessions:read")
    ).scope == "sessions:read"
    for scope in ("tenants:read", "account:read", "openid", "login", "sessions:read login", "x"):
        with pytest.raises(InvalidScope):
            await endpoints.ask(client, CREDENTIALS, scope=scope)
    with pytest.raises(InvalidScope):
        await endpoints.ask(replace(client, scopes=frozenset({"openid"})), CREDENTIALS)


async def test_what_ends_the_account_ends_its_tokens(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """Deleted, it gives no tokens, and those of before are refused."""
    team = await organization(harness)
    client = await client_of(endpoints, team)
    answer = await endpoints.ask(client, CREDENTIALS)
    assert await endpoints.is_accepted(answer)
    assert client.service_account_id is not None
    await harness.service_accounts.delete(await team.call(), client.service_account_id)
    assert not await endpoints.is_accepted(answer)
    assert await is_refused(endpoints.ask(client, CREDENTIALS))


async def test_a_tenant_decides_each_time(endpoints: Endpoints, harness: AuthHarness) -> None:
    """One that is gone, suspended or closed to programs gives nothing."""
    team = await organization(harness)
    client = await client_of(endpoints, team)
    harness.memberships.refusal = TenantNotFound()
    assert await is_refused(endpoints.ask(client, CREDENTIALS))
    harness.memberships.refusal = TenantsUnavailable()
    with pytest.raises(TenantsUnavailable):
        await endpoints.ask(client, CREDENTIALS)
    harness.memberships.refusal = None
    key = team.user_id, team.tenant.tenant_id
    harness.memberships.of[key] = replace(team.tenant, programs_allowed=False)
    assert await is_refused(endpoints.ask(client, CREDENTIALS))


async def test_only_a_confidential_client_with_an_account(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """A public one, or one without an account, acts for users alone."""
    client = await client_of(endpoints, await organization(harness))
    for other in (
        replace(client, service_account_id=None),
        replace(client, auth_method=AuthMethod.NONE),
        replace(client, tenant_id=None),
    ):
        with pytest.raises(UnauthorizedClient):
            await endpoints.ask(other, CREDENTIALS)
    assert await is_refused(endpoints.ask(replace(client, service_account_id=uuid4()), CREDENTIALS))
    assert await is_refused(endpoints.ask(replace(client, tenant_id=uuid4()), CREDENTIALS))
