"""A user is disabled, held or deleted while calls of that user run: each is before it or after it."""

import asyncio
from datetime import timedelta

import pytest

from services.auth.authorizations.errors import InvalidGrant
from services.auth.bearer_tokens.exchange import BearerTokenRefused
from services.auth.logins.errors import RefreshTokenInvalid
from services.auth.operator_log.model import Act
from services.auth.personal_access_tokens.model import RequestedToken
from services.auth.users.errors import UserNotFound
from tests.services.auth.harness import PASSWORD, AuthHarness, make_settings
from tests.services.auth.oauth.harness import Endpoints
from tests.services.auth.operator_users.desk import REASON, open_desk

TIMES = 20


async def test_disabling_against_a_refresh(harness: AuthHarness) -> None:
    """No login is left, and the next token of a refresh that was first is refused."""
    desk = await open_desk(harness)
    user_id = (await harness.register()).user.user_id
    for _ in range(TIMES):
        token = (await harness.log_in()).tokens.refresh_token or ""
        refreshed, _ = await asyncio.gather(
            harness.refresh_login.refresh(token),
            desk.access.disable(desk.call, user_id, REASON),
            return_exceptions=True,
        )
        if isinstance(refreshed, BaseException):
            assert isinstance(refreshed, RefreshTokenInvalid)
        else:
            assert await harness.logins_of(refreshed) == []
            with pytest.raises(RefreshTokenInvalid):
                await harness.refresh_login.refresh(refreshed.tokens.refresh_token or "")
        await desk.access.enable(desk.call, user_id, REASON)


async def test_disabling_against_the_exchange_of_a_code(harness: AuthHarness) -> None:
    """No grant is left, whether the program has got tokens or not."""
    endpoints, desk = Endpoints(harness), await open_desk(harness)
    user_id = (await harness.register()).user.user_id
    for _ in range(TIMES):
        login = await harness.log_in()
        code = await endpoints.code(login)
        answer, _ = await asyncio.gather(
            endpoints.redeem(code),
            desk.access.disable(desk.call, user_id, REASON),
            return_exceptions=True,
        )
        if isinstance(answer, BaseException):
            assert isinstance(answer, InvalidGrant)
        else:
            await harness.follow()
            assert not await endpoints.is_accepted(answer)
        assert await endpoints.grants_of(login) == []
        await desk.access.enable(desk.call, user_id, REASON)


async def test_disabling_against_the_exchange_of_a_token(harness: AuthHarness) -> None:
    """What the exchange has made is refused, and it makes no more."""
    desk = await open_desk(harness)
    user = await harness.register()
    user_id = user.user.user_id
    for _ in range(TIMES):
        login = await harness.log_in()
        requested = RequestedToken("CI", frozenset({"sessions:read"}), None, None)
        made = await harness.personal_access_tokens.create(harness.call(login), requested)
        await asyncio.gather(
            harness.exchanged(made.text),
            desk.access.disable(desk.call, user_id, REASON),
            return_exceptions=True,
        )
        await harness.follow()
        with pytest.raises(BearerTokenRefused):
            await harness.exchanged(made.text)
        await desk.access.enable(desk.call, user_id, REASON)


async def test_a_hold_against_the_sweeper(harness: AuthHarness) -> None:
    """Either the account is there and held, or it is gone and the operator is told so."""
    harness = AuthHarness(harness.store, harness.clock, make_settings(DELETION_DAYS="1"))
    await harness.signing_keys.refresh()
    desk, deletions = await open_desk(harness), harness.parts.deletions
    for number in range(TIMES):
        user = await harness.register(f"user{number}@example.com")
        await harness.deletion.delete(harness.call(user), PASSWORD)
        harness.clock.advance(seconds=timedelta(days=1).total_seconds())
        now = harness.clock.now()
        held, _ = await asyncio.gather(
            desk.keeping.hold(desk.call, user.user.user_id, REASON),
            harness.store.write(lambda tx, now=now: deletions.erase_due(tx, now, 1)),
            return_exceptions=True,
        )
        there = await desk.user(user.user.user_id)
        if isinstance(held, BaseException):
            assert isinstance(held, UserNotFound)
            assert there is None
        else:
            assert there is not None
            assert there.held
    assert {act.act for act in await desk.acts()} <= {Act.USER_HELD}
    await harness.passwords.close()
