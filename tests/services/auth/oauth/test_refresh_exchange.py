"""What a program gets for a refresh token."""

from dataclasses import replace
from uuid import uuid4

import pytest

from kernel.errors import TenantSuspended
from kernel.identity.callers import Role
from kernel.self_tenant import self_tenant_id
from services.auth.authorizations.errors import InvalidScope, InvalidTarget, UnauthorizedClient
from services.auth.logins.errors import TenantsUnavailable
from services.auth.logins.model import LoginLimits
from services.auth.notifications.model import EmailKind
from services.auth.oauth_clients.built_in import CLI, IDE
from services.auth.oauth_clients.model import GrantType
from services.auth.security_log.model import Event
from tests.services.auth.authorizations.harness import SCOPES
from tests.services.auth.harness import EMAIL, AuthHarness
from tests.services.auth.oauth.harness import Endpoints, claims_of, is_refused


async def test_a_refresh_token_is_good_once(endpoints: Endpoints, harness: AuthHarness) -> None:
    """Its second use ends the grant in every service, and the user is told (RFC 9700, 4.14)."""
    first = await endpoints.grant(user := await harness.register_proved())
    second = await endpoints.refresh(first)
    third = await endpoints.refresh(second)
    assert (await endpoints.refresh(second)).refresh_token == third.refresh_token
    harness.clock.advance(minutes=1)
    assert await is_refused(endpoints.refresh(first))
    assert not await endpoints.is_accepted(third)
    assert await is_refused(endpoints.refresh(third))
    user = await harness.log_in()
    assert (await harness.events(user))[1:3] == [Event.PROGRAM_REMOVED, Event.REFRESH_TOKEN_REUSED]
    assert await harness.recipients(EmailKind.REFRESH_TOKEN_REUSED) == [EMAIL]


async def test_a_refresh_gives_an_id_token_without_nonce(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """OpenID Connect Core 1.0, section 12.2: the same user and the same proof."""
    answer = await endpoints.grant(await harness.register(), nonce="n")
    before = claims_of(answer.id_token or "")
    harness.clock.advance(minutes=5)
    after = claims_of((await endpoints.refresh(answer)).id_token or "")
    assert "nonce" not in after
    for name in ("iss", "sub", "aud", "auth_time", "sid"):
        assert after[name] == before[name]


async def test_another_client_gets_nothing_and_ends_nothing(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """Neither one of the product, nor one of a tenant, nor with a token that was spent."""
    first = await endpoints.grant(await harness.register())
    second = await endpoints.refresh(first)
    harness.clock.advance(minutes=1)
    for client in (IDE, await endpoints.dynamic_client(), await endpoints.confidential_client()):
        for answer in (first, second):
            assert await is_refused(endpoints.refresh(answer, client))
    assert await endpoints.is_accepted(second)


async def test_an_access_token_can_have_less_than_its_grant(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """The grant keeps what it has (RFC 6749, section 6)."""
    answer = await endpoints.grant(await harness.register())
    answer = await endpoints.refresh(answer, scope="sessions:read")
    assert (answer.scope, answer.id_token) == ("sessions:read", None)
    assert endpoints.caller(answer).scopes == {"sessions:read"}
    assert endpoints.caller(await endpoints.refresh(answer)).scopes == SCOPES


@pytest.mark.parametrize("scope", ["sessions:read tenants:write", "login", "root", " "])
async def test_no_refresh_widens_a_grant(
    endpoints: Endpoints, harness: AuthHarness, scope: str
) -> None:
    """More than was approved is refused, and spends nothing."""
    answer = await endpoints.grant(await harness.register(), scope="sessions:read")
    with pytest.raises(InvalidScope):
        await endpoints.refresh(answer, scope=scope)
    harness.clock.advance(minutes=1)
    assert (await endpoints.refresh(answer)).scope == "sessions:read"


async def test_what_an_admin_took_from_a_client_is_in_no_token(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """Neither unasked nor asked for."""
    client = await endpoints.dynamic_client()
    answer = await endpoints.grant(await harness.register(), client)
    less = replace(client, scopes=frozenset({"sessions:read", "offline_access"}))
    with pytest.raises(InvalidScope):
        await endpoints.refresh(answer, less, scope="sessions:write")
    assert (await endpoints.refresh(answer, less)).scope == "offline_access sessions:read"
    without = replace(client, grant_types=frozenset({GrantType.AUTHORIZATION_CODE}))
    with pytest.raises(UnauthorizedClient):
        await endpoints.refresh(answer, without)


async def test_a_program_of_the_product_can_name_a_tenant(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """As a login can; the grant keeps its own."""
    answer = await endpoints.grant(user := await harness.register())
    tenant = harness.memberships.put(user.user.user_id, Role.ADMIN)
    answer = await endpoints.refresh(answer, tenant_id=str(tenant.tenant_id))
    assert endpoints.caller(answer).tenant_id == tenant.tenant_id
    answer = await endpoints.refresh(answer)
    assert endpoints.caller(answer).tenant_id == self_tenant_id(user.user.user_id)


async def test_a_tenant_that_cannot_be_had_spends_nothing(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """Not one of another user, nor one that forbids programs, nor a text that is no tenant."""
    answer = await endpoints.grant(user := await harness.register())
    closed = harness.memberships.put(user.user.user_id, Role.OWNER)
    key = user.user.user_id, closed.tenant_id
    harness.memberships.of[key] = replace(closed, programs_allowed=False)
    for text in (str(uuid4()), str(closed.tenant_id), str(closed.tenant_id).upper(), "acme"):
        with pytest.raises(InvalidTarget):
            await endpoints.refresh(answer, tenant_id=text)
    harness.clock.advance(minutes=1)
    assert (await endpoints.refresh(answer)).access_token


async def test_a_bound_program_names_no_tenant(endpoints: Endpoints, harness: AuthHarness) -> None:
    """It was approved for one alone."""
    user = await harness.register()
    one, other = (harness.memberships.put(user.user.user_id, Role.ADMIN) for _ in range(2))
    client = await endpoints.dynamic_client()
    answer = await endpoints.grant(user, client, one)
    for tenant in (one, other):
        with pytest.raises(InvalidTarget):
            await endpoints.refresh(answer, client, tenant_id=str(tenant.tenant_id))
    assert endpoints.caller(await endpoints.refresh(answer, client)).tenant_id == one.tenant_id


@pytest.mark.parametrize("change", ["lost", "closed"])
async def test_a_bound_grant_ends_with_its_tenant(
    endpoints: Endpoints, harness: AuthHarness, change: str
) -> None:
    """It does not fall back to another one, whether the user or all programs are out."""
    user, client = await harness.register(), await endpoints.dynamic_client()
    tenant = harness.memberships.put(user.user.user_id, Role.ADMIN)
    answer = await endpoints.grant(user, client, tenant)
    key = user.user.user_id, tenant.tenant_id
    if change == "lost":
        del harness.memberships.of[key]
    else:
        harness.memberships.of[key] = replace(tenant, programs_allowed=False)
    assert await is_refused(endpoints.refresh(answer, client))
    assert await endpoints.grants_of(user) == []
    assert (await harness.events(user))[0] is Event.PROGRAM_REMOVED
    harness.memberships.of[key] = tenant
    assert await is_refused(endpoints.refresh(answer, client))


@pytest.mark.parametrize("refusal", [TenantSuspended, TenantsUnavailable])
async def test_a_bound_grant_outlives_an_outage_of_its_tenant(
    endpoints: Endpoints, harness: AuthHarness, refusal: type[Exception]
) -> None:
    """While it is suspended, or cannot be asked for, there are no tokens; then there are."""
    user, client = await harness.register(), await endpoints.dynamic_client()
    tenant = harness.memberships.put(user.user.user_id, Role.ADMIN)
    answer = await endpoints.grant(user, client, tenant)
    harness.memberships.refusal = refusal()  # type: ignore[assignment]
    with pytest.raises(Exception, match=r"INVALID_GRANT|TENANTS_UNAVAILABLE"):
        await endpoints.refresh(answer, client)
    harness.memberships.refusal = None
    harness.clock.advance(minutes=1)
    assert (await endpoints.refresh(answer, client)).access_token


@pytest.mark.parametrize("change", ["lost", "closed"])
async def test_a_program_of_the_product_falls_back_to_the_self_tenant(
    endpoints: Endpoints, harness: AuthHarness, change: str
) -> None:
    """As its user's own login does."""
    user = await harness.register()
    tenant = harness.memberships.put(user.user.user_id, Role.ADMIN)
    answer = await endpoints.grant(user, CLI, tenant)
    key = user.user.user_id, tenant.tenant_id
    if change == "lost":
        del harness.memberships.of[key]
    else:
        harness.memberships.of[key] = replace(tenant, programs_allowed=False)
    caller = endpoints.caller(await endpoints.refresh(answer))
    assert caller.tenant_id == self_tenant_id(user.user.user_id)


async def test_the_limits_of_a_tenant_hold_for_grants(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """A grant that is too old for its tenant ends."""
    user, client = await harness.register(), await endpoints.dynamic_client()
    tenant = harness.memberships.put(user.user.user_id, Role.ADMIN)
    key = user.user.user_id, tenant.tenant_id
    harness.memberships.of[key] = replace(tenant, limits=LoginLimits(life=3600))
    answer = await endpoints.grant(user, client, tenant)
    harness.clock.advance(minutes=59)
    answer = await endpoints.refresh(answer, client)
    assert answer.expires_in == 60
    harness.clock.advance(minutes=1)
    assert await is_refused(endpoints.refresh(answer, client))


@pytest.mark.parametrize("text", ["noise", "A" * 107])
async def test_noise_is_no_refresh_token(endpoints: Endpoints, text: str) -> None:
    """It gets the answer of one that was spent."""
    assert await is_refused(endpoints.ask(CLI, "refresh_token", refresh_token=text))


async def test_a_login_is_good_for_no_program(endpoints: Endpoints, harness: AuthHarness) -> None:
    """The refresh token of a user's own login is refused at the token endpoint, and stays good."""
    token = (await harness.register()).tokens.refresh_token or ""
    assert await is_refused(endpoints.ask(CLI, "refresh_token", refresh_token=token))
    assert (await harness.refresh_login.refresh(token)).tokens.access_token
