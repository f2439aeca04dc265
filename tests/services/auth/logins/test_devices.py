"""A user lists and ends their own logins."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from kernel.errors import AccessTokenMissing, PageTokenInvalid
from kernel.identity.callers import Call
from kernel.identity.revocations import Revocation
from services.auth.logins.errors import LoginNotFound
from services.auth.logins.model import LoginResult
from services.auth.logins.repository import LOGINS
from services.auth.tokens import refresh as refresh_tokens
from tests.services.auth.device_login.harness import Devices as ProgramDevices
from tests.services.auth.harness import AuthHarness, make_settings, several_logins
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore
from tests.support.tokens import caller_of, somebody

ANONYMOUS = Call(None)
"""A call without an access token."""


def login_id(harness: AuthHarness, result: LoginResult) -> UUID:
    """The login of an answer."""
    return harness.caller(result).login_id


async def test_ending_all_logins_ignores_a_lowered_limit(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """`end_all` ends all seven logins, although the limit is now two."""
    before = await several_logins(harness, clock, 7)
    smaller = AuthHarness(watched, clock, make_settings(LOGINS_PER_USER="2"), seed=6)
    caller = caller_of(somebody(user_id=before[0].user_id))
    await smaller.devices.end_all(smaller.call(caller))
    assert len(await smaller.revoked()) == 7
    await smaller.passwords.close()


async def test_ending_a_login_removes_and_revokes_it(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """One transaction deletes the login and appends its revocation; other logins stay."""
    result = await harness.register()
    other = harness.caller(await harness.log_in())
    watched.writes = 0
    await harness.devices.end(harness.call(result), other.login_id)
    assert watched.writes == 1
    assert len(await harness.logins_of(result)) == 1
    assert await harness.revoked() == [Revocation(other.user_id, clock.now(), other.login_id)]
    with pytest.raises(LoginNotFound):
        await harness.devices.end(harness.call(result), other.login_id)


async def test_a_logout_with_a_refresh_token(harness: AuthHarness) -> None:
    """The refresh token alone ends its login, at once; a repeat changes nothing."""
    result = await harness.register()
    other = await harness.log_in()
    await harness.devices.log_out(ANONYMOUS, other.tokens.refresh_token or "")
    assert [revoked.source_id for revoked in await harness.revoked()] == [login_id(harness, other)]
    await harness.devices.log_out(ANONYMOUS, other.tokens.refresh_token or "")
    assert len(await harness.revoked()) == 1
    assert [one.login_id for one in await harness.logins_of(result)] == [login_id(harness, result)]


async def test_a_logout_with_a_spent_refresh_token_ends_its_login(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """A client that lost the answer to a refresh can log out all the same."""
    result = await harness.register()
    await harness.refresh_login.refresh(result.tokens.refresh_token or "")
    clock.advance(seconds=600)
    await harness.devices.log_out(ANONYMOUS, result.tokens.refresh_token or "")
    assert await harness.logins_of(result) == []


async def test_a_logout_with_both_tokens_ends_both_logins(harness: AuthHarness) -> None:
    """The tokens of two logins end both, in one transaction; those of one end it once."""
    first, second, third = await harness.register(), await harness.log_in(), await harness.log_in()
    await harness.devices.log_out(harness.call(first), second.tokens.refresh_token or "")
    assert len(await harness.revoked()) == 2
    await harness.devices.log_out(harness.call(third), third.tokens.refresh_token or "")
    assert len(await harness.revoked()) == 3
    assert await harness.logins_of(first) == []


async def test_a_logout_with_a_refresh_token_that_is_unknown(
    harness: AuthHarness, watched: WatchedStore
) -> None:
    """One that this product did not issue, or whose login has expired, is no error."""
    result = await harness.register()
    watched.writes = 0
    await harness.devices.log_out(ANONYMOUS, "noise")
    assert watched.writes == 0
    unknown = refresh_tokens.RefreshToken(uuid4(), uuid4(), bytes(32))
    await harness.devices.log_out(ANONYMOUS, refresh_tokens.write(unknown, harness.seal))
    assert await harness.revoked() == []
    assert len(await harness.logins_of(result)) == 1


async def test_a_logout_with_the_refresh_token_of_a_program(harness: AuthHarness) -> None:
    """It changes nothing: the program shows its own credentials to end its grant."""
    devices = ProgramDevices(harness)
    ada = await harness.register()
    device = await devices.start()
    await devices.approve(ada, device)
    grant = await devices.ask(device)
    await harness.devices.log_out(ANONYMOUS, refresh_tokens.write(grant.token, harness.seal))
    assert await harness.revoked() == []
    assert grant.login in await harness.logins_of(ada)


async def test_a_logout_without_any_token(harness: AuthHarness) -> None:
    """A logout needs an access token or a refresh token."""
    with pytest.raises(AccessTokenMissing):
        await harness.devices.log_out(ANONYMOUS)


async def test_a_user_cannot_end_the_login_of_another_user(harness: AuthHarness) -> None:
    """Another user's login and an unknown id are both not found, and no login ends."""
    call = harness.call(await harness.register())
    other = await harness.register("other@example.com")
    for login_id in (harness.caller(other).login_id, uuid4()):
        with pytest.raises(LoginNotFound):
            await harness.devices.end(call, login_id)
    assert await harness.revoked() == []
    assert len(await harness.logins_of(other)) == 1


async def test_ending_all_logins_is_one_transaction(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """One transaction revokes every login of the user; the logins of other users stay."""
    logins = await several_logins(harness, clock, 4)
    other = await harness.register("other@example.com")
    watched.writes = 0
    await harness.devices.end_all(harness.call(caller_of(somebody(user_id=logins[0].user_id))))
    assert watched.writes == 1
    assert {revocation.source_id for revocation in await harness.revoked()} == {
        login.login_id for login in logins
    }
    assert len(await harness.logins_of(other)) == 1


async def test_logins_are_listed_in_pages(harness: AuthHarness, clock: FixedClock) -> None:
    """The pages hold every login of the user exactly once, ordered by id."""
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


async def test_the_page_token_of_another_user_is_refused(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """Auth refuses another user's page token, a truncated one and garbage."""
    logins = await several_logins(harness, clock, 3)
    call = harness.call(caller_of(somebody(user_id=logins[0].user_id)))
    token = (await harness.devices.list(call, 1, "")).next_page_token
    other = harness.call(await harness.register("other@example.com"))
    for foreign in (token, token[:-4], "nonsense"):
        with pytest.raises(PageTokenInvalid):
            await harness.devices.list(other, 1, foreign)


async def test_an_expired_login_is_not_listed(harness: AuthHarness, clock: FixedClock) -> None:
    """The list omits an expired login even before the sweeper deletes it."""
    logins = await several_logins(harness, clock, 2)
    call = harness.call(caller_of(somebody(user_id=logins[0].user_id)))
    clock.advance(seconds=harness.settings.login_idle_seconds - 2)
    page = await harness.devices.list(call, 10, "")
    assert [login.login_id for login in page.items] == [logins[1].login_id]


async def test_a_page_is_filled_over_expired_logins(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """Expired logins do not shorten a page."""
    logins = await several_logins(harness, clock, 9)
    in_order = sorted(logins, key=lambda login: login.login_id)
    for login in in_order[:7]:
        expired = replace(login, expire_time=clock.now())
        await watched.write(lambda tx, expired=expired: LOGINS.put(tx, expired))
    call = harness.call(caller_of(somebody(user_id=logins[0].user_id)))
    page = await harness.devices.list(call, 2, "")
    assert page.items == in_order[7:]


async def test_an_expired_login_is_not_found(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """A login that is no longer listed cannot be ended either, swept or not."""
    result = await harness.register()
    (login,) = await harness.logins_of(result)
    await watched.write(lambda tx: LOGINS.put(tx, replace(login, expire_time=clock.now())))
    with pytest.raises(LoginNotFound):
        await harness.devices.end(harness.call(result), login.login_id)
    assert await harness.revoked() == []
