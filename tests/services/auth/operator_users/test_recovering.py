"""What operators do for users who have lost something."""

import pytest

from services.auth.accounts.errors import EmailTaken
from services.auth.email_addresses.errors import NewPasswordNeeded
from services.auth.logins.errors import BadCredentials
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import Proof
from services.auth.operator_log.model import Act
from services.auth.outbox.model import TaskKind
from services.auth.security_log.model import Event
from tests.services.auth.apps import equipped
from tests.services.auth.harness import (
    EMAIL,
    OTHER_PASSWORD,
    PASSWORD,
    AuthHarness,
    make_settings,
)
from tests.services.auth.operator_users.desk import REASON, open_desk

NEW = "Ada.Lovelace@Example.org"


async def test_a_reset_is_mailed(harness: AuthHarness) -> None:
    """The present password stays good until the user sets another one."""
    desk = await open_desk(harness)
    user = await harness.register_proved()
    await desk.recovering.reset_password(desk.call, user.user.user_id, REASON)
    await harness.log_in()
    (secrets,) = await harness.mailed(EmailKind.RESET_PASSWORD)
    new = "a notebook full of punched cards"
    await harness.reset.reset(harness.call(user).anonymous(), Proof(secrets.token), new)
    again = await harness.log_in(password=new)
    assert Event.PASSWORD_RESET_REQUESTED in await harness.events(again)


async def test_an_address_is_corrected(harness: AuthHarness) -> None:
    """It must be proved anew; links that were mailed before end; both mailboxes get an email."""
    desk = await open_desk(harness)
    user = await harness.register_proved()
    user_id = user.user.user_id
    await harness.change.ask(harness.call(user), "other@example.com")
    undo = (await harness.mailed(EmailKind.CHANGE_REQUESTED))[-1]
    found = await desk.recovering.correct_email(desk.call, user_id, REASON, NEW)
    assert (found.email, found.email_verified) == (NEW, False)
    with pytest.raises(OneTimeTokenInvalid):
        await harness.undo.undo(harness.call(user).anonymous(), undo.token)
    assert await harness.recipients(EmailKind.EMAIL_CHANGED) == [EMAIL]
    assert (await harness.recipients(EmailKind.VERIFY_EMAIL))[-1] == NEW
    assert [task.kind for task in await harness.tasks()][-1] is TaskKind.UPDATE_PROFILE
    result = await harness.log_in(NEW)
    await harness.prove(Proof((await harness.mailed(EmailKind.VERIFY_EMAIL))[-1].token), result)
    after = await desk.user(user_id)
    assert after is not None
    assert after.email_verified


async def test_guesses_of_strangers_at_the_corrected_address(harness: AuthHarness) -> None:
    """They are forgotten: the right password lets the user in."""
    desk = await open_desk(harness)
    user_id = (await harness.register()).user.user_id
    for _ in range(make_settings().guesses_free):
        with pytest.raises(BadCredentials):
            await harness.log_in(NEW, password=OTHER_PASSWORD)
    await desk.recovering.correct_email(desk.call, user_id, REASON, NEW)
    assert (await harness.log_in(NEW)).user.user_id == user_id


async def test_an_address_of_another_account_is_refused(harness: AuthHarness) -> None:
    """Proved or not; nothing changes, and nothing is logged."""
    desk = await open_desk(harness)
    user = await harness.register()
    await harness.register("bob@example.com")
    with pytest.raises(EmailTaken):
        await desk.recovering.correct_email(desk.call, user.user.user_id, REASON, "Bob@Example.com")
    assert await desk.acts() == []


async def test_factors_are_removed(harness: AuthHarness) -> None:
    """All of them, and all logins end; then the password alone is enough."""
    desk = await open_desk(harness)
    user = await equipped(harness)
    user_id = user.result.user.user_id
    for _ in range(2):
        found = await desk.recovering.remove_factors(desk.call, user_id, REASON)
    assert not found.second_factor
    assert await harness.logins_of(user.result) == []
    assert Event.FACTORS_REMOVED in await harness.events(await harness.log_in())
    assert await harness.recipients(EmailKind.FACTORS_REMOVED) == [EMAIL]
    assert [act.act for act in await desk.acts()] == [Act.USER_FACTORS_REMOVED]


async def test_a_corrected_account_does_not_start_over(harness: AuthHarness) -> None:
    """A user who has lost mailbox and password gets the account as it is, by a reset at the new address."""
    desk = await open_desk(harness)
    user_id = (await harness.register_proved()).user.user_id
    await desk.recovering.correct_email(desk.call, user_id, REASON, NEW)
    proof = Proof((await harness.mailed(EmailKind.VERIFY_EMAIL))[-1].token)
    new = "a notebook full of punched cards"
    with pytest.raises(NewPasswordNeeded):
        await harness.prove(proof, new_password=new)
    await desk.recovering.reset_password(desk.call, user_id, REASON)
    (secrets,) = await harness.mailed(EmailKind.RESET_PASSWORD)
    await harness.reset.reset(desk.call.anonymous(), Proof(secrets.token), new)
    again = await harness.log_in(NEW, password=new)
    assert again.user.user_id == user_id
    assert again.user.email_verified
    assert not again.user.address_corrected


async def test_guesses_beside_the_proof_of_a_corrected_address(harness: AuthHarness) -> None:
    """They count like those of a login: after too many the right password does not prove it either."""
    desk = await open_desk(harness)
    user_id = (await harness.register_proved()).user.user_id
    await desk.recovering.correct_email(desk.call, user_id, REASON, NEW)
    proof = Proof((await harness.mailed(EmailKind.VERIFY_EMAIL))[-1].token)
    for _ in range(make_settings().guesses_free):
        with pytest.raises(NewPasswordNeeded):
            await harness.prove(proof, new_password=OTHER_PASSWORD)
    with pytest.raises(NewPasswordNeeded):
        await harness.prove(proof, new_password=PASSWORD)
    harness.clock.advance(minutes=2)
    assert (await harness.prove(proof, new_password=PASSWORD)).email_verified


async def test_a_corrected_address_stays_taken(harness: AuthHarness) -> None:
    """Another user who proves it does not erase the account, as one that has not proved it would be."""
    desk = await open_desk(harness)
    user_id = (await harness.register()).user.user_id
    other = await harness.register_proved("bob@example.com")
    await harness.change.ask(harness.call(other), NEW)
    token = (await harness.mailed(EmailKind.CHANGE_EMAIL))[-1].token
    await desk.recovering.correct_email(desk.call, user_id, REASON, NEW)
    with pytest.raises(OneTimeTokenInvalid):
        await harness.prove(Proof(token), other)
    assert await desk.user(user_id) is not None
