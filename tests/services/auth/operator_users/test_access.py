"""Disabled users have no access, and get it back as others do."""

import asyncio
from uuid import uuid4

import pytest

from kernel.errors import AccessTokenRevoked, OperatorRequired, ServiceError, UserIsOperator
from services.auth.bearer_tokens.exchange import BearerTokenRefused
from services.auth.logins.errors import BadCredentials, RefreshTokenInvalid
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import Proof
from services.auth.operator_log.model import Act
from services.auth.personal_access_tokens.model import RequestedToken
from services.auth.security_log.model import Event
from services.auth.users.errors import AccountDisabled, UserNotFound
from tests.services.auth.apps import equipped
from tests.services.auth.harness import EMAIL, AuthHarness, make_settings
from tests.services.auth.operator_users.desk import REASON, dismiss, open_desk
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore, rows_between

WRONG = "wrong horse battery staple"


async def test_a_disabled_user_has_no_access(harness: AuthHarness) -> None:
    """All logins end, and none begins; the right password alone is told why."""
    desk = await open_desk(harness)
    user = await harness.register_proved()
    user_id = user.user.user_id
    await desk.access.disable(desk.call, user_id, REASON)
    assert await harness.logins_of(user) == []
    assert harness.caller(user).login_id in {one.source_id for one in await harness.revoked()}
    with pytest.raises(RefreshTokenInvalid):
        await harness.refresh_login.refresh(user.tokens.refresh_token or "")
    with pytest.raises(AccountDisabled):
        await harness.log_in()
    with pytest.raises(BadCredentials):
        await harness.log_in(password=WRONG)
    assert await harness.recipients(EmailKind.ACCOUNT_DISABLED) == [EMAIL]
    await desk.access.enable(desk.call, user_id, REASON)
    again = await harness.log_in()
    events = await harness.events(again)
    assert {Event.ACCOUNT_DISABLED, Event.ACCOUNT_ENABLED} <= set(events)
    assert [(act.act, act.reason, act.user_id) for act in await desk.acts()] == [
        (Act.USER_DISABLED, REASON, user_id),
        (Act.USER_ENABLED, REASON, user_id),
    ]


async def test_a_stranger_cannot_tell_a_disabled_user(
    watched: WatchedStore, clock: FixedClock
) -> None:
    """A wrong password is answered, hashed, read and written as that of another user."""
    harness = AuthHarness(watched, clock, make_settings())
    await harness.signing_keys.refresh()
    desk = await open_desk(harness)
    user, other = await harness.register(), "bob@example.com"
    await harness.register(other)
    await desk.access.disable(desk.call, user.user.user_id, REASON)
    with pytest.raises(BadCredentials):  # the first guess from a network counts that, too
        await harness.log_in("nobody@example.com", WRONG)
    seen = []
    for email in (EMAIL, other):
        reads, writes = watched.reads, watched.writes
        rows = len(await rows_between(watched, b"", b"\xfe"))
        with pytest.raises(BadCredentials) as refused:
            await harness.log_in(email, WRONG)
        done = watched.reads - reads, watched.writes - writes
        more = len(await rows_between(watched, b"", b"\xfe")) - rows
        seen.append((refused.value.reason, refused.value.message, done, more))
    assert seen[0] == seen[1]
    await harness.passwords.close()


async def test_the_second_factor_comes_before_the_answer(harness: AuthHarness) -> None:
    """Who knows the password alone gets the challenge as ever."""
    desk = await open_desk(harness)
    user = await equipped(harness)
    await desk.access.disable(desk.call, user.result.user.user_id, REASON)
    challenge = await harness.challenge()
    with pytest.raises(AccountDisabled):
        await harness.answer(challenge, user.app.answer())


async def test_personal_tokens_end(harness: AuthHarness) -> None:
    """They are refused at once, and do not come back: an intruder may have made them."""
    desk = await open_desk(harness)
    user = await harness.register()
    requested = RequestedToken("CI", frozenset({"sessions:read"}), None, None)
    made = await harness.personal_access_tokens.create(harness.call(user), requested)
    await harness.exchanged(made.text)
    await desk.access.disable(desk.call, user.user.user_id, REASON)
    await desk.access.enable(desk.call, user.user.user_id, REASON)
    with pytest.raises(BearerTokenRefused):
        await harness.exchanged(made.text)


async def test_a_reset_does_not_enable(harness: AuthHarness) -> None:
    """The owner of the mailbox sets a new password, and gets in as little as before."""
    desk = await open_desk(harness)
    user = await harness.register_proved()
    await desk.access.disable(desk.call, user.user.user_id, REASON)
    await harness.forgot.ask(harness.call(user).anonymous(), EMAIL.lower())
    (secrets,) = await harness.mailed(EmailKind.RESET_PASSWORD)
    new = "a notebook full of punched cards"
    await harness.reset.reset(harness.call(user).anonymous(), Proof(secrets.token), new)
    with pytest.raises(AccountDisabled):
        await harness.log_in(password=new)


async def test_an_unproved_address_does_not_start_over(harness: AuthHarness) -> None:
    """Else a proof of the address would erase a disabled account. The answer does not say why."""
    desk = await open_desk(harness)
    user = await harness.register()
    await desk.access.disable(desk.call, user.user.user_id, REASON)
    await harness.forgot.ask(harness.call(user).anonymous(), EMAIL.lower())
    (secrets,) = await harness.mailed(EmailKind.RESET_PASSWORD)
    with pytest.raises(OneTimeTokenInvalid):
        await harness.reset.reset(
            harness.call(user).anonymous(),
            Proof(secrets.token),
            "a notebook full of punched cards",
        )
    assert await desk.user(user.user.user_id) is not None


async def test_what_changes_nothing_is_no_act(harness: AuthHarness) -> None:
    """A call that is made again adds no second entry, to no log."""
    desk = await open_desk(harness)
    user_id = (await harness.register()).user.user_id
    await desk.access.enable(desk.call, user_id, REASON)
    for _ in range(2):
        await desk.access.disable(desk.call, user_id, REASON)
    assert [act.act for act in await desk.acts()] == [Act.USER_DISABLED]


async def test_who_is_refused(harness: AuthHarness) -> None:
    """An operator acts on no operator, nor on themselves; and not any more once dismissed."""
    desk, other = await open_desk(harness), await open_desk(harness, "other@example.com")
    user_id = (await harness.register()).user.user_id
    for target in (desk.operator.user_id, other.operator.user_id):
        with pytest.raises(UserIsOperator):
            await desk.access.disable(desk.call, target, REASON)
    with pytest.raises(UserNotFound):
        await desk.access.disable(desk.call, uuid4(), REASON)
    await dismiss(harness, desk)
    with pytest.raises(OperatorRequired):
        await desk.access.disable(desk.call, user_id, REASON)
    with pytest.raises(OperatorRequired):
        await desk.looking.get(desk.call, user_id)
    assert await desk.acts() == []


async def test_unlocking(harness: AuthHarness) -> None:
    """The right password is good again at once, from a device that the account does not know."""
    desk = await open_desk(harness)
    user = await harness.register()
    for _ in range(harness.settings.guesses_free + 1):
        with pytest.raises(BadCredentials):
            await harness.log_in(password=WRONG)
    with pytest.raises(BadCredentials):
        await harness.log_in()
    await desk.access.unlock(desk.call, user.user.user_id, REASON)
    await harness.log_in()


async def test_logging_out(harness: AuthHarness) -> None:
    """Logins end; personal tokens only if the operator says so."""
    desk = await open_desk(harness)
    user = await harness.register()
    requested = RequestedToken("CI", frozenset({"sessions:read"}), None, None)
    made = await harness.personal_access_tokens.create(harness.call(user), requested)
    await desk.access.log_out(desk.call, user.user.user_id, REASON, tokens=False)
    assert await harness.logins_of(user) == []
    await harness.exchanged(made.text)
    await desk.access.log_out(desk.call, user.user.user_id, REASON, tokens=True)
    with pytest.raises(BearerTokenRefused):
        await harness.exchanged(made.text)


async def test_disabling_against_logins(harness: AuthHarness) -> None:
    """Of a login and a disabling at once no login is left, a hundred times; and no act is lost."""
    desk = await open_desk(harness)
    user = await harness.register()
    user_id = user.user.user_id
    for _ in range(100):
        results = await asyncio.gather(
            harness.log_in(),
            desk.access.disable(desk.call, user_id, REASON),
            return_exceptions=True,
        )
        assert isinstance(results[0], AccountDisabled) or not isinstance(results[0], ServiceError)
        assert await harness.logins_of(user) == []
        await desk.access.enable(desk.call, user_id, REASON)
    assert len(await desk.acts()) == 200


async def test_two_operators_at_once(harness: AuthHarness) -> None:
    """Of two who disable, one acts; an operator who is dismissed meanwhile acts before or not at all."""
    desk, other = await open_desk(harness), await open_desk(harness, "other@example.com")
    user_id = (await harness.register()).user.user_id
    await asyncio.gather(
        desk.access.disable(desk.call, user_id, REASON),
        other.access.disable(other.call, user_id, REASON),
    )
    assert [act.act for act in await desk.acts()] == [Act.USER_DISABLED]
    results = await asyncio.gather(
        desk.access.enable(desk.call, user_id, REASON),
        dismiss(harness, desk),
        return_exceptions=True,
    )
    found = await desk.user(user_id)
    assert found is not None
    assert found.disabled == isinstance(results[0], OperatorRequired)


async def test_access_tokens_of_before_are_refused(harness: AuthHarness) -> None:
    """Once the revocations have come, as they do before the operator has the answer."""
    desk = await open_desk(harness)
    user = await harness.register()
    await desk.access.disable(desk.call, user.user.user_id, REASON)
    await harness.follow()
    with pytest.raises(AccessTokenRevoked):
        harness.revocations.check(harness.caller(user))
