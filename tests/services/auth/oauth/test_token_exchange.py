"""What a client gets for an access token: less, and no longer."""

from dataclasses import replace

import pytest

from kernel.errors import InvalidRequest
from kernel.identity import scopes
from kernel.identity.callers import Role
from kernel.identity.revocations import Revocation
from kernel.storage import Write
from services.auth.authorizations.errors import InvalidScope, UnauthorizedClient
from services.auth.oauth.model import ACCESS_TOKEN, JWT
from services.auth.oauth.token_exchange import MOST_ACTORS
from services.auth.oauth_clients.built_in import CLI, IDE
from services.auth.oauth_clients.model import GrantType
from services.auth.personal_access_tokens.model import RequestedToken
from services.auth.revocations import repository as revocations
from services.auth.workspace_tokens.model import RequestedWorkspaceToken
from tests.services.auth.harness import AuthHarness
from tests.services.auth.oauth.harness import Endpoints, claims_of, is_refused
from tests.support.clock import FixedClock


async def test_an_exchange_delegates_to_a_client(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """The new token is the user's, names the client and comes from the same grant."""
    user = await harness.register()
    tenant = harness.memberships.put(user.user.user_id, Role.ADMIN, epoch=7)
    client = await endpoints.confidential_client(tenant.tenant_id)
    subject = await endpoints.grant(user, CLI, tenant)
    harness.clock.advance(seconds=60)
    answer = await endpoints.exchange(subject.access_token, client, scope="sessions:read")
    assert (answer.issued_token_type, answer.scope) == (ACCESS_TOKEN, "sessions:read")
    assert (answer.refresh_token, answer.id_token) == (None, None)
    old, new = endpoints.caller(subject), endpoints.caller(answer)
    assert (new.client_id, new.agent) == (client.client_id, client.client_id)
    assert new.scopes == {"sessions:read"}
    same = "user_id", "tenant_id", "role", "login_id", "tenant_epoch", "auth_second", "assurance"
    assert all(getattr(new, name) == getattr(old, name) for name in same)
    assert new.expire_second == old.expire_second
    assert answer.expires_in == subject.expires_in - 60
    claims = claims_of(answer.access_token)
    assert claims["act"] == {"sub": client.client_id, "act": {"sub": CLI.client_id}}
    assert claims["amr"] == claims_of(subject.access_token)["amr"]


async def test_an_exchange_never_gives_more(endpoints: Endpoints, harness: AuthHarness) -> None:
    """Neither more than the token has, nor more than the client may have, nor a login."""
    user = await harness.register()
    subject = (await endpoints.grant(user, scope="sessions:read tenants:read")).access_token
    assert (await endpoints.exchange(subject)).scope == "sessions:read tenants:read"
    for scope in ("sessions:write", "sessions:read account:read", "login", "root"):
        with pytest.raises(InvalidScope):
            await endpoints.exchange(subject, scope=scope)
    client = replace(IDE, scopes=frozenset({"tenants:read", "tenants:write"}))
    assert (await endpoints.exchange(subject, client)).scope == "tenants:read"
    with pytest.raises(InvalidScope):
        await endpoints.exchange(subject, replace(IDE, scopes=frozenset({"email"})))
    given = await endpoints.exchange(user.tokens.access_token)
    assert set(given.scope.split(" ")) == scopes.GRANTABLE - {"offline_access"}


async def test_a_chain_of_exchanges_only_narrows(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """Each exchange takes from what the one before gave, names all before it, and has an end."""
    token = (await endpoints.grant(await harness.register())).access_token
    token = (
        await endpoints.exchange(token, IDE, scope="sessions:read sessions:write")
    ).access_token
    token = (await endpoints.exchange(token, CLI, scope="sessions:read")).access_token
    with pytest.raises(InvalidScope):
        await endpoints.exchange(token, IDE, scope="sessions:write")
    act = claims_of(token)["act"]
    assert act == {
        "sub": CLI.client_id,
        "act": {"sub": IDE.client_id, "act": {"sub": CLI.client_id}},
    }
    again = (await endpoints.exchange(token, CLI)).access_token
    assert claims_of(again)["act"] == act
    for number in range(len("abc"), MOST_ACTORS):
        token = (await endpoints.exchange(token, (IDE, CLI)[number % 2 == 0])).access_token
    with pytest.raises(InvalidRequest):
        await endpoints.exchange(token, CLI)


async def test_an_exchanged_token_ends_with_its_grant(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """With the login, the user and every client that the token went through."""
    for ending in ("grant", "membership", "before", "client"):
        user = await harness.register(f"{ending}@Example.com")
        tenant = harness.memberships.put(user.user.user_id, Role.ADMIN)
        before, client = [await endpoints.confidential_client(tenant.tenant_id) for _ in range(2)]
        subject = await endpoints.grant(user, before)
        answer = await endpoints.exchange(subject.access_token, client)
        assert await endpoints.is_accepted(answer)
        now, caller = harness.clock.now(), endpoints.caller(answer)
        revocation = {
            "grant": Revocation(caller.user_id, now, source_id=caller.login_id),
            "membership": Revocation(
                caller.user_id, now, tenant_id=tenant.tenant_id, tenant_epoch=tenant.epoch + 1
            ),
            "before": Revocation(None, now, source_id=before.source_id),
            "client": Revocation(None, now, source_id=client.source_id),
        }[ending]

        async def revoke(tx: Write, revocation: Revocation = revocation) -> None:
            revocations.append_revocation(tx, revocation)

        await harness.store.write(revoke)
        assert not await endpoints.is_accepted(answer), ending
        with pytest.raises(InvalidRequest):
            await endpoints.exchange(answer.access_token, client)


async def test_a_client_of_a_tenant_gets_tokens_for_that_alone(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """A token for another tenant gives it nothing, nor does one where programs are forbidden."""
    user = await harness.register()
    mine, other = (harness.memberships.put(user.user.user_id, Role.ADMIN) for _ in range(2))
    client = await endpoints.confidential_client(mine.tenant_id)
    for tenant in (None, other):
        subject = await endpoints.grant(user, CLI, tenant)
        assert await is_refused(endpoints.exchange(subject.access_token, client))
    login = await harness.switch_tenant.switch(harness.call(user), mine.tenant_id)
    assert (await endpoints.exchange(login.tokens.access_token, client)).access_token
    key = user.user.user_id, mine.tenant_id
    harness.memberships.of[key] = replace(mine, programs_allowed=False)
    assert await is_refused(endpoints.exchange(login.tokens.access_token, client))


async def test_a_client_that_registered_itself_exchanges_its_own_tokens_alone(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """No user has let it use those of others."""
    user = await harness.register()
    client = await endpoints.dynamic_client(grant_types=frozenset(GrantType))
    own = await endpoints.grant(user, client)
    assert (await endpoints.exchange(own.access_token, client, scope="sessions:read")).access_token
    other = await endpoints.grant(user)
    assert await is_refused(endpoints.exchange(other.access_token, client))


async def test_a_personal_token_can_be_exchanged(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """The new token ends with it."""
    user = await harness.register_proved()
    requested = RequestedToken("Robot", frozenset({"sessions:read"}), None, None)
    made = await harness.personal_access_tokens.create(harness.call(user), requested)
    answer = await endpoints.exchange(made.text)
    caller = endpoints.caller(answer)
    assert (caller.token_id, caller.scopes) == (made.token.token_id, {"sessions:read"})
    assert (await endpoints.exchange(made.text, scope="sessions:read")).access_token
    await harness.personal_access_tokens.revoke(harness.call(user), made.token.token_id)
    assert not await endpoints.is_accepted(answer)


async def test_an_agent_of_a_program_is_not_freed_from_it(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """The program that has made an agent's token is behind the agent: the new token ends with both."""
    user = await harness.register()
    tenant = harness.memberships.put(user.user.user_id, Role.ADMIN)
    client = await endpoints.confidential_client(tenant.tenant_id)
    grant = await endpoints.grant(user, client, tenant, scope="sessions:read sessions:write")
    caller = endpoints.caller(grant)
    session_id = harness.sessions.put(caller.user_id, caller.tenant_id)
    requested = RequestedWorkspaceToken(session_id, frozenset({"sessions:read"}), "reviewer")
    made = await harness.workspace_tokens.create(harness.call(caller), requested)
    answer = await endpoints.exchange(made.text, IDE)
    assert claims_of(answer.access_token)["act"] == {
        "sub": IDE.client_id,
        "act": {"sub": "reviewer", "act": {"sub": client.client_id}},
    }
    assert client.source_id in endpoints.caller(answer).sources


@pytest.mark.parametrize(
    "given",
    [
        {"subject_token": ""},
        {"subject_token": "noise"},
        {"subject_token": "cdt_pat_noise"},
        {"subject_token_type": ""},
        {"subject_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"actor_token": "another"},
    ],
)
async def test_a_request_that_is_no_exchange(
    endpoints: Endpoints, harness: AuthHarness, given: dict[str, str]
) -> None:
    """Only an access token is exchanged, for an access token, and the client is the actor."""
    token = (await endpoints.grant(await harness.register())).access_token
    with pytest.raises(InvalidRequest):
        await endpoints.exchange(token, **given)
    for kind in (ACCESS_TOKEN, JWT):
        assert (await endpoints.exchange(token, subject_token_type=kind)).access_token


async def test_neither_id_nor_refresh_tokens_are_exchanged(
    endpoints: Endpoints, harness: AuthHarness, clock: FixedClock
) -> None:
    """A token of another kind is no access token, nor is one that has expired."""
    subject = await endpoints.grant(await harness.register())
    for token in (subject.id_token, subject.refresh_token):
        with pytest.raises(InvalidRequest):
            await endpoints.exchange(token or "")
    clock.advance(seconds=subject.expires_in)
    with pytest.raises(InvalidRequest):
        await endpoints.exchange(subject.access_token)


async def test_a_client_needs_the_grant_type(endpoints: Endpoints, harness: AuthHarness) -> None:
    """It is not one of those that a client has by itself."""
    token = (await endpoints.grant(await harness.register())).access_token
    with pytest.raises(UnauthorizedClient):
        await endpoints.exchange(token, await endpoints.dynamic_client())
