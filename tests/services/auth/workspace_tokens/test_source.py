"""What stands behind a workspace token at each exchange: never more than user, login and session have."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from kernel.errors import RevocationsStale
from kernel.identity.callers import Caller, Role
from kernel.identity.scopes import SESSIONS_READ, SESSIONS_WRITE
from services.auth.bearer_tokens.exchange import LIFE, BearerTokenRefused
from services.auth.clients import SessionsUnavailable
from services.auth.logins.model import LoginLimits
from services.auth.logins.repository import LOGINS
from services.auth.oauth_clients.repository import OAUTH_CLIENTS
from services.auth.workspace_tokens.model import NewWorkspaceToken
from services.auth.workspace_tokens.repository import find_token
from tests.services.auth.harness import PASSWORD
from tests.services.auth.oauth_clients.harness import put, with_secret
from tests.services.auth.workspace_tokens.harness import Place
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore

End = Callable[[Place, NewWorkspaceToken], Awaitable[object]]


async def _end_session(place: Place, new: NewWorkspaceToken) -> None:
    await place.harness.end_session_tokens.end(new.token.user_id, new.token.session_id)


async def _end_login(place: Place, new: NewWorkspaceToken) -> None:
    other = await place.harness.log_in()
    await place.harness.devices.end(place.harness.call(other), new.token.login_id)


async def _end_all_logins(place: Place, _: NewWorkspaceToken) -> None:
    await place.harness.devices.end_all(place.call())


async def _revoke(place: Place, new: NewWorkspaceToken) -> None:
    await place.revoke(new)


async def _delete_account(place: Place, _: NewWorkspaceToken) -> None:
    await place.harness.deletion.delete(place.call(), PASSWORD)


ENDS = [_end_session, _end_login, _end_all_logins, _revoke, _delete_account]


@pytest.mark.parametrize("end", ENDS)
async def test_a_token_ends_at_once(place: Place, end: End) -> None:
    """The access token that was made from it is refused with it, and no other one is made."""
    new, other = await place.make(), await place.make(session_id=place.open(place.caller))
    caller = await place.used(new)
    await place.used(other)
    await end(place, new)
    await place.harness.follow()
    for _ in range(2):
        with pytest.raises(BearerTokenRefused):
            await place.used(new)
    assert place.harness.revocations  # what every service knows of it
    with pytest.raises(Exception, match="ACCESS_TOKEN_REVOKED"):
        place.harness.revocations.check(caller)


@pytest.mark.parametrize("end", [_end_session, _revoke])
async def test_another_session_goes_on(place: Place, end: End) -> None:
    """So does another token of the login."""
    new, other = await place.make(), await place.make(session_id=place.open(place.caller))
    await end(place, new)
    assert (await place.used(other)).token_id == other.token.token_id


async def test_the_client_of_the_grant_is_gone(place: Place, clock: FixedClock) -> None:
    """Its revocation is forgotten after a while; the token gives no access then either.

    Of a client that may do less by now it gives less.
    """
    new = await place.make()
    client = with_secret(scopes=frozenset({SESSIONS_READ, SESSIONS_WRITE}))
    login = (await place.harness.logins_of(place.result))[0]
    grant = replace(login, client_id=client.client_id)
    await place.harness.store.write(lambda tx: LOGINS.put(tx, grant))
    await put(place.harness.store, client)
    used = await place.used(new)
    assert (used.client_id, used.scopes) == (client.client_id, client.scopes)
    await put(place.harness.store, replace(client, scopes=frozenset({SESSIONS_READ})))
    clock.advance(seconds=LIFE.total_seconds())
    assert (await place.used(new)).scopes == {SESSIONS_READ}
    await place.harness.store.write(lambda tx: OAUTH_CLIENTS.clear(tx, client))
    clock.advance(seconds=LIFE.total_seconds())
    with pytest.raises(BearerTokenRefused):
        await place.used(new)


async def test_the_end_of_the_session_while_an_access_token_is_made(place: Place) -> None:
    """Sessions answers that it lives, and it ends before the access token is signed."""
    new = await place.make()

    async def end() -> None:
        await _end_session(place, new)
        await place.harness.follow()

    place.harness.sessions.meanwhile = end
    with pytest.raises(BearerTokenRefused):
        await place.used(new)


async def test_a_session_that_is_gone(place: Place) -> None:
    """Auth has not been told yet; sessions is asked, and does not know it."""
    new = await place.make()
    place.harness.sessions.end(new.token.session_id)
    with pytest.raises(BearerTokenRefused):
        await place.used(new)


async def test_the_access_token_ends_with_the_session(place: Place, clock: FixedClock) -> None:
    """At the time that sessions knows; a heartbeat moves it, and the next access token is longer."""
    new = await place.make()
    key = new.token.user_id, new.token.tenant_id, new.token.session_id
    place.harness.sessions.of[key] = clock.now() + timedelta(seconds=60)
    caller = await place.used(new)
    assert caller.expire_second - caller.issue_second == 60
    place.harness.sessions.of[key] = clock.now() + timedelta(days=1)
    clock.advance(seconds=60)
    caller = await place.used(new)
    assert caller.expire_second - caller.issue_second == LIFE.total_seconds()


async def test_the_access_token_ends_with_the_login(place: Place, clock: FixedClock) -> None:
    """Of a login that ends in a minute; then there is none."""
    new = await place.make()
    login = (await place.harness.logins_of(place.result))[0]
    short = replace(login, expire_time=clock.now() + timedelta(seconds=60))
    await place.harness.store.write(lambda tx: LOGINS.put(tx, short))
    caller = await place.used(new)
    assert caller.expire_second - caller.issue_second == 60
    clock.advance(seconds=60)
    with pytest.raises(BearerTokenRefused):
        await place.used(new)


async def test_the_token_ends_by_itself(place: Place, clock: FixedClock) -> None:
    """After a day."""
    new = await place.make()
    clock.advance(days=1, seconds=-1)
    caller = await place.used(new)
    assert caller.expire_second - caller.issue_second == 1
    clock.advance(seconds=1)
    with pytest.raises(BearerTokenRefused):
        await place.used(new)


class TestOrganization:
    """In an organization the membership of now counts, at most in the role of then."""

    @pytest.fixture
    def member(self, place: Place) -> Caller:
        """The user as an admin of an organization."""
        tenant = place.harness.memberships.put(place.caller.user_id, Role.ADMIN)
        return replace(place.caller, tenant_id=tenant.tenant_id, role=Role.ADMIN)

    async def test_a_role_never_grows(self, place: Place, member: Caller) -> None:
        """It shrinks with the membership, and grows up to that of then."""
        new = await place.make(member, session_id=place.open(member))
        key = member.user_id, member.tenant_id
        for epoch, role, wanted in (
            (2, Role.MEMBER, Role.MEMBER),
            (3, Role.OWNER, Role.ADMIN),
            (4, Role.ADMIN, Role.ADMIN),
        ):
            tenant = place.harness.memberships.of[key]
            place.harness.memberships.of[key] = replace(tenant, role=str(role), epoch=epoch)
            await place.harness.log.revoke_tenant_tokens(member.tenant_id, None, epoch)
            assert (await place.used(new)).role == wanted

    async def test_the_end_of_the_membership(self, place: Place, member: Caller) -> None:
        """Nothing is made for the tenant any more."""
        new = await place.make(member, session_id=place.open(member))
        await place.used(new)
        del place.harness.memberships.of[member.user_id, member.tenant_id]
        await place.harness.log.revoke_tenant_tokens(member.tenant_id, member.user_id, 9)
        with pytest.raises(BearerTokenRefused):
            await place.used(new)

    async def test_the_limits_of_logins(
        self, place: Place, member: Caller, clock: FixedClock
    ) -> None:
        """A login that is too old for the tenant has no workspace tokens there either."""
        key = member.user_id, member.tenant_id
        limited = replace(place.harness.memberships.of[key], limits=LoginLimits(life=3_600))
        place.harness.memberships.of[key] = limited
        new = await place.make(member, session_id=place.open(member))
        clock.advance(seconds=3_540)
        caller = await place.used(new)
        assert caller.expire_second - caller.issue_second == 60
        clock.advance(seconds=60)
        with pytest.raises(BearerTokenRefused):
            await place.used(new)


async def test_the_scopes_of_a_grant_that_has_less_by_now(place: Place) -> None:
    """The token has what both have."""
    new = await place.make()
    login = (await place.harness.logins_of(place.result))[0]
    grant = replace(login, client_id="coditect-cli", scopes=frozenset({SESSIONS_READ}))
    await place.harness.store.write(lambda tx: LOGINS.put(tx, grant))
    caller = await place.used(new)
    assert caller.scopes == {SESSIONS_READ}
    assert caller.client_id == "coditect-cli"
    assert SESSIONS_WRITE in new.token.scopes


async def test_the_end_of_a_client_ends_the_tokens_of_its_grants(place: Place) -> None:
    """The access token names the client, so the revocation of the client covers it."""
    login = (await place.harness.logins_of(place.result))[0]
    client = with_secret(scopes=frozenset({SESSIONS_WRITE}))
    client_id = (await put(place.harness.store, client)).client_id
    grant = replace(login, client_id=client_id, scopes=frozenset({SESSIONS_WRITE}))
    await place.harness.store.write(lambda tx: LOGINS.put(tx, grant))
    caller = await place.used(await place.make(replace(place.caller, client_id=client_id)))
    assert UUID(client_id) in caller.sources


async def test_a_use_costs_one_question_in_minutes(place: Place, watched: WatchedStore) -> None:
    """A hundred uses ask sessions once, and read the store once."""
    new = await place.make()
    await place.harness.follow()
    place.harness.sessions.asked = watched.reads = 0
    for _ in range(100):
        await place.harness.exchange.exchange(new.text)
    assert (place.harness.sessions.asked, watched.reads) == (1, 1)


async def test_without_sessions_a_known_token_works_on(place: Place) -> None:
    """Until its access token ends; a new one has to wait."""
    known, unknown = await place.make(), await place.make()
    await place.used(known)
    place.harness.sessions.refusal = SessionsUnavailable()
    await place.used(known)
    with pytest.raises(SessionsUnavailable):
        await place.used(unknown)


async def test_without_the_feed_nothing_works(place: Place, clock: FixedClock) -> None:
    """Auth knows by the feed alone what has ended."""
    new = await place.make()
    await place.used(new)
    clock.advance(seconds=60)
    with pytest.raises(RevocationsStale):
        await place.harness.exchange.exchange(new.text)


async def test_the_last_use_is_noted_once_an_hour(place: Place, clock: FixedClock) -> None:
    """The list shows it."""
    new = await place.make()
    for minutes, noted in ((0, 0), (30, 0), (40, 70)):
        clock.advance(minutes=minutes)
        await place.used(new)
        await place.harness.exchange.note_uses()
        found = await place.harness.store.read(lambda tx: find_token(tx, new.token.token_id))
        assert found is not None
        assert found.last_used_time == new.token.create_time + timedelta(minutes=noted)
