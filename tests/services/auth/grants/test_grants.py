"""The programs of a user: listed, and taken back."""

from uuid import uuid4

import pytest

from kernel.identity.callers import Call
from services.auth.grants.errors import GrantNotFound
from services.auth.oauth_clients.repository import DYNAMIC_CLIENTS
from services.auth.security_log.model import Event
from tests.services.auth.harness import METADATA, AuthHarness
from tests.services.auth.oauth.harness import Endpoints, is_refused


@pytest.fixture
def endpoints(harness: AuthHarness) -> Endpoints:
    """Programs of the harness."""
    return Endpoints(harness)


async def test_the_grants_of_a_user(endpoints: Endpoints, harness: AuthHarness) -> None:
    """Each with its client and scopes; neither logins nor grants of others are among them."""
    user, eve = await harness.register(), await harness.register("Eve@Example.com")
    client = await endpoints.dynamic_client()
    answers = [await endpoints.grant(user), await endpoints.grant(user, client)]
    await endpoints.grant(eve)
    ids = sorted(endpoints.caller(answer).login_id for answer in answers)
    found, token = await endpoints.grants.list(harness.call(user), 1, "")
    rest, end = await endpoints.grants.list(harness.call(user), 1, token)
    assert [one.login.login_id for one in (*found, *rest)] == ids
    names = {one.login.client_id: one.client_name for one in (*found, *rest)}
    assert names == {"coditect-cli": "Coditect CLI", client.client_id: client.name}
    if end:
        assert (await endpoints.grants.list(harness.call(user), 1, end)).items == []
    await harness.store.write(lambda tx: DYNAMIC_CLIENTS.clear(tx, client))
    found, _ = await endpoints.grants.list(harness.call(user), 10, "")
    assert {one.client_name for one in found} == {"Coditect CLI", ""}


async def test_a_grant_that_has_ended_is_not_listed(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """Whether it was taken back, or had no refresh token."""
    user, client = await harness.register(), await endpoints.dynamic_client()
    answer = await endpoints.grant(user, client, scope="sessions:read")
    call = harness.call(user)
    assert len((await endpoints.grants.list(call, 10, "")).items) == 1
    harness.clock.advance(seconds=answer.expires_in)
    assert (await endpoints.grants.list(call, 10, "")).items == []


async def test_a_user_takes_a_grant_back(endpoints: Endpoints, harness: AuthHarness) -> None:
    """Its tokens are refused everywhere; other grants go on."""
    user = await harness.register()
    answer, other = await endpoints.grant(user), await endpoints.grant(user)
    grant_id = endpoints.caller(answer).login_id
    await endpoints.grants.end(harness.call(user), grant_id)
    assert not await endpoints.is_accepted(answer)
    assert await is_refused(endpoints.refresh(answer))
    assert await endpoints.is_accepted(other)
    assert (await harness.events(user))[0] is Event.PROGRAM_REMOVED
    with pytest.raises(GrantNotFound):
        await endpoints.grants.end(harness.call(user), grant_id)


async def test_only_own_grants_are_taken_back(endpoints: Endpoints, harness: AuthHarness) -> None:
    """A grant of another user is not found, nor is a login."""
    user, eve = await harness.register(), await harness.register("Eve@Example.com")
    answer = await endpoints.grant(user)
    for who, grant_id in (
        (eve, endpoints.caller(answer).login_id),
        (user, harness.caller(user).login_id),
        (user, uuid4()),
    ):
        with pytest.raises(GrantNotFound):
            await endpoints.grants.end(harness.call(who), grant_id)
    assert await endpoints.is_accepted(answer)


async def test_a_program_takes_itself_back(endpoints: Endpoints, harness: AuthHarness) -> None:
    """With the token that it has, if its scopes let it."""
    answer = await endpoints.grant(await harness.register())
    caller = endpoints.caller(answer)
    await endpoints.grants.end(Call(caller, METADATA), caller.login_id)
    assert not await endpoints.is_accepted(answer)
