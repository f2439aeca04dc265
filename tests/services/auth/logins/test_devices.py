"""The logins of a user: ended in every service, listed to their owner."""

from uuid import uuid4

import pytest

from kernel.errors import PageTokenInvalid
from kernel.identity.revocations import Revocation
from services.auth.logins.errors import LoginNotFound
from tests.services.auth.harness import AuthHarness, make_settings, several_logins
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore
from tests.support.tokens import caller_of, somebody


async def test_a_smaller_limit_leaves_no_login_alive(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """Ending all ends also those that were begun under a larger limit."""
    before = await several_logins(harness, clock, 7)
    smaller = AuthHarness(watched, clock, make_settings(LOGINS_PER_USER="2"), seed=6)
    caller = caller_of(somebody(user_id=before[0].user_id))
    await smaller.devices.end_all(smaller.call(caller))
    assert len(await smaller.revoked()) == 7
    await smaller.passwords.close()


async def test_ending_a_login(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """Its record goes and its revocation comes in one transaction; the others stay."""
    result = await harness.register()
    other = harness.caller(await harness.log_in())
    watched.writes = 0
    await harness.devices.end(harness.call(result), other.login_id)
    assert watched.writes == 1
    assert len(await harness.logins_of(result)) == 1
    assert await harness.revoked() == [Revocation(other.user_id, clock.now(), other.login_id)]
    with pytest.raises(LoginNotFound):
        await harness.devices.end(harness.call(result), other.login_id)


async def test_the_login_of_somebody_else_is_not_there(harness: AuthHarness) -> None:
    """Another user's login and one that never was get the same answer, and nothing ends."""
    call = harness.call(await harness.register())
    other = await harness.register("other@example.com")
    for login_id in (harness.caller(other).login_id, uuid4()):
        with pytest.raises(LoginNotFound):
            await harness.devices.end(call, login_id)
    assert await harness.revoked() == []
    assert len(await harness.logins_of(other)) == 1


async def test_ending_all(harness: AuthHarness, watched: WatchedStore, clock: FixedClock) -> None:
    """Every login of the user ends in one transaction, and no other user's."""
    logins = await several_logins(harness, clock, 4)
    other = await harness.register("other@example.com")
    watched.writes = 0
    await harness.devices.end_all(harness.call(caller_of(somebody(user_id=logins[0].user_id))))
    assert watched.writes == 1
    assert {revocation.login_id for revocation in await harness.revoked()} == {
        login.login_id for login in logins
    }
    assert len(await harness.logins_of(other)) == 1


async def test_a_list_in_pages(harness: AuthHarness, clock: FixedClock) -> None:
    """All pages together are all logins, once each, in the order of their ids."""
    logins = await several_logins(harness, clock, 7)
    call = harness.call(caller_of(somebody(user_id=logins[0].user_id)))
    await harness.register("other@example.com")
    sizes, seen, token = [], [], ""
    while not sizes or token:
        page, token = await harness.devices.list(call, 3, token)
        sizes.append(len(page))
        seen += page
    assert sizes == [3, 3, 1]
    assert seen == sorted(logins, key=lambda login: login.login_id)


async def test_the_page_token_of_somebody_else_is_refused(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """A page token is good for the list of its user only."""
    logins = await several_logins(harness, clock, 3)
    call = harness.call(caller_of(somebody(user_id=logins[0].user_id)))
    token = (await harness.devices.list(call, 1, "")).next_page_token
    other = harness.call(await harness.register("other@example.com"))
    for foreign in (token, token[:-4], "nonsense"):
        with pytest.raises(PageTokenInvalid):
            await harness.devices.list(other, 1, foreign)


async def test_what_is_over_is_not_listed(harness: AuthHarness, clock: FixedClock) -> None:
    """A login that can no longer be refreshed is gone for its owner before it is swept."""
    logins = await several_logins(harness, clock, 2)
    call = harness.call(caller_of(somebody(user_id=logins[0].user_id)))
    clock.advance(seconds=harness.settings.login_idle_seconds - 2)
    page = await harness.devices.list(call, 10, "")
    assert [login.login_id for login in page.items] == [logins[1].login_id]
