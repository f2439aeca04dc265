"""What a client learns of a token."""

import pytest

from services.auth.oauth_clients.built_in import CLI
from services.auth.oauth_clients.errors import InvalidClient
from services.auth.oauth_clients.model import OAuthClient
from tests.services.auth.authorizations.harness import API, ISSUER
from tests.services.auth.harness import AuthHarness
from tests.services.auth.oauth.harness import Endpoints
from tests.services.auth.service_accounts.harness import Organization, organization


async def robot(endpoints: Endpoints, harness: AuthHarness) -> tuple[Organization, OAuthClient]:
    """An organization with a confidential client."""
    team = await organization(harness)
    return team, await endpoints.confidential_client(team.tenant.tenant_id)


async def test_a_client_looks_into_its_access_token(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """It learns what the token says (RFC 7662, section 2.2)."""
    team, client = await robot(endpoints, harness)
    answer = await endpoints.grant(team.login, client)
    found, caller = await endpoints.look(answer.access_token, client), endpoints.caller(answer)
    assert found is not None
    assert (found.client_id, found.scope, found.token_type) == (
        client.client_id,
        answer.scope,
        "Bearer",
    )
    assert (found.sub, found.aud, found.iss) == (str(team.user_id), API, ISSUER)
    assert found.exp - found.iat == answer.expires_in
    assert (found.tenant_id, found.sid) == (str(team.tenant.tenant_id), str(caller.login_id))
    assert (found.auth_time, found.acr) == (caller.auth_second, "aal1")


async def test_a_client_learns_who_acts(endpoints: Endpoints, harness: AuthHarness) -> None:
    """Of an exchanged token it learns the actors (RFC 8693, section 4.1), and of another one none."""
    team, client = await robot(endpoints, harness)
    first = await endpoints.grant(team.login, tenant=team.tenant)
    exchanged = await endpoints.exchange(first.access_token, client)
    found = await endpoints.look(exchanged.access_token, client)
    assert found is not None
    assert found.act == {"sub": client.client_id, "act": {"sub": CLI.client_id}}
    own = await endpoints.look((await endpoints.grant(team.login, client)).access_token, client)
    assert own is not None
    assert own.act is None


async def test_a_client_looks_into_its_refresh_token(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """Only the one in force is good; the look does not end a grant."""
    team, client = await robot(endpoints, harness)
    first = await endpoints.grant(team.login, client)
    found = await endpoints.look(first.refresh_token or "", client)
    assert found is not None
    assert (found.scope, found.sub, found.aud) == (first.scope, str(team.user_id), None)
    assert found.exp > found.iat + first.expires_in
    second = await endpoints.refresh(first, client)
    harness.clock.advance(minutes=1)
    assert await endpoints.look(first.refresh_token or "", client) is None
    assert await endpoints.look(second.refresh_token or "", client) is not None
    harness.clock.advance(days=400)
    assert await endpoints.look(second.refresh_token or "", client) is None


async def test_tokens_of_others_are_as_unknown_ones(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """No client finds out by this what a token is that was not given to it."""
    team, client = await robot(endpoints, harness)
    other = await endpoints.confidential_client(team.tenant.tenant_id)
    answer, own = await endpoints.grant(team.login, client), await endpoints.grant(team.login)
    for text in (
        answer.access_token,
        answer.refresh_token,
        answer.id_token,
        own.access_token,
        own.refresh_token,
        team.login.tokens.access_token,
        team.login.tokens.refresh_token,
        "noise",
        "cdt_pat_noise",
    ):
        assert await endpoints.look(text or "", other) is None


async def test_a_token_that_has_ended_is_not_good(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """By its time, or by a revocation."""
    team, client = await robot(endpoints, harness)
    answer, revoked = [await endpoints.grant(team.login, client) for _ in range(2)]
    await endpoints.revoke(revoked.access_token, client)
    for text in (revoked.access_token, revoked.refresh_token):
        assert await endpoints.look(text or "", client) is None
    harness.clock.advance(seconds=answer.expires_in)
    assert await endpoints.look(answer.access_token, client) is None


async def test_a_public_client_has_no_look(endpoints: Endpoints, harness: AuthHarness) -> None:
    """It shows nothing of who it is (RFC 7662, section 2.1)."""
    answer = await endpoints.grant(await harness.register())
    with pytest.raises(InvalidClient):
        await endpoints.look(answer.access_token, CLI)
