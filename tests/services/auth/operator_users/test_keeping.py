"""How long accounts are kept: a delay in which a login undoes a deletion, and legal holds."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from kernel.storage import Store
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import Proof
from services.auth.operator_log.model import Act
from services.auth.personal_access_tokens.model import RequestedToken
from services.auth.security_log.model import Event
from tests.services.auth.harness import EMAIL, PASSWORD, AuthHarness, make_settings
from tests.services.auth.operator_users.desk import REASON, open_desk
from tests.support.clock import START, FixedClock

DAYS = 14


@pytest.fixture
async def patient(store: Store, clock: FixedClock) -> AsyncIterator[AuthHarness]:
    """A replica that waits with deletions."""
    harness = AuthHarness(store, clock, make_settings(DELETION_DAYS=str(DAYS)))
    await harness.signing_keys.refresh()
    yield harness
    await harness.passwords.close()


async def erase_due(harness: AuthHarness) -> None:
    """What the sweeper does."""
    deletions, now = harness.parts.deletions, harness.clock.now()
    while await harness.store.write(lambda tx: deletions.erase_due(tx, now, 100)):
        pass


async def test_a_deletion_waits(patient: AuthHarness) -> None:
    """Logins and tokens end at once, and the user is told until when a login undoes it."""
    desk = await open_desk(patient)
    user = await patient.register_proved()
    requested = RequestedToken("CI", frozenset({"sessions:read"}), None, None)
    await patient.personal_access_tokens.create(patient.call(user), requested)
    due = await patient.deletion.delete(patient.call(user), PASSWORD)
    assert due == START + timedelta(days=DAYS)
    assert await patient.logins_of(user) == []
    assert await patient.recipients(EmailKind.DELETION_REQUESTED) == [EMAIL]
    patient.clock.advance(days=DAYS, seconds=-1)
    await erase_due(patient)
    assert await desk.user(user.user.user_id) is not None
    patient.clock.advance(seconds=1)
    await erase_due(patient)
    assert await desk.user(user.user.user_id) is None
    await patient.register()


async def test_a_login_undoes_a_deletion(patient: AuthHarness) -> None:
    """The user is told of that, too, because it may have been another person."""
    desk = await open_desk(patient)
    user = await patient.register_proved()
    await patient.deletion.delete(patient.call(user), PASSWORD)
    again = await patient.log_in()
    assert (await patient.events(again))[:3].count(Event.DELETION_UNDONE) == 1
    assert await patient.recipients(EmailKind.DELETION_UNDONE) == [EMAIL]
    patient.clock.advance(days=2 * DAYS)
    await erase_due(patient)
    assert await desk.user(user.user.user_id) is not None


async def test_a_login_against_the_sweeper(patient: AuthHarness) -> None:
    """Either the account is there with a login, or it is gone: twenty times."""
    desk = await open_desk(patient)
    for number in range(20):
        email = f"user{number}@example.com"
        user = await patient.register(email)
        await patient.deletion.delete(patient.call(user), PASSWORD)
        patient.clock.advance(days=DAYS)
        results = await asyncio.gather(
            patient.log_in(email), erase_due(patient), return_exceptions=True
        )
        there = await desk.user(user.user.user_id)
        assert (there is None) == isinstance(results[0], Exception)
        assert (there is None) == (await patient.logins_of(user) == [])


async def test_a_hold_keeps_an_account(harness: AuthHarness) -> None:
    """The user's deletion waits until the hold is released, and then is done."""
    desk = await open_desk(harness)
    user = await harness.register_proved()
    user_id = user.user.user_id
    for _ in range(2):
        await desk.keeping.hold(desk.call, user_id, REASON)
    assert await harness.deletion.delete(harness.call(user), PASSWORD) == START
    await erase_due(harness)
    assert await desk.user(user_id) is not None
    await desk.keeping.release(desk.call, user_id, REASON)
    await erase_due(harness)
    assert await desk.user(user_id) is None
    assert [act.act for act in await desk.acts()] == [Act.USER_HELD, Act.USER_RELEASED]


async def test_a_hold_is_not_seen(harness: AuthHarness) -> None:
    """The user's own activity says nothing of it."""
    desk = await open_desk(harness)
    user = await harness.register()
    before = await harness.events(user)
    await desk.keeping.hold(desk.call, user.user.user_id, REASON)
    assert await harness.events(user) == before


async def test_a_held_account_does_not_start_over(harness: AuthHarness) -> None:
    """A proof of its unproved address would erase it. The answer tells the person nothing of the hold."""
    desk = await open_desk(harness)
    user = await harness.register()
    await desk.keeping.hold(desk.call, user.user.user_id, REASON)
    await harness.forgot.ask(harness.call(user).anonymous(), EMAIL.lower())
    (secrets,) = await harness.mailed(EmailKind.RESET_PASSWORD)
    new = "a notebook full of punched cards"
    with pytest.raises(OneTimeTokenInvalid):
        await harness.reset.reset(harness.call(user).anonymous(), Proof(secrets.token), new)


async def test_an_operator_deletes_an_account(harness: AuthHarness) -> None:
    """Also a disabled one; the operator log keeps the id."""
    desk = await open_desk(harness)
    user_id = (await harness.register()).user.user_id
    await desk.access.disable(desk.call, user_id, REASON)
    assert await desk.keeping.delete(desk.call, user_id, REASON) is None
    assert await desk.user(user_id) is None
    assert [(act.act, act.user_id) for act in await desk.acts()][-1] == (Act.USER_DELETED, user_id)


async def test_an_operator_deletes_with_the_delay(patient: AuthHarness) -> None:
    """The user gets the notice, and can undo it."""
    desk = await open_desk(patient)
    user = await patient.register_proved()
    due = await desk.keeping.delete(desk.call, user.user.user_id, REASON)
    assert due == START + timedelta(days=DAYS)
    patient.clock.advance(days=1)
    assert await desk.keeping.delete(desk.call, user.user.user_id, REASON) == due
    assert [act.act for act in await desk.acts()] == [Act.USER_DELETED]
    assert await patient.recipients(EmailKind.DELETION_REQUESTED) == [EMAIL]
    again = await patient.log_in()
    assert Event.DELETION_REQUESTED in await patient.events(again)
