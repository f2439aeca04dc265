"""The recovery of a user who has lost all second factors."""

import pytest

from kernel.identity.callers import Assurance, Call
from services.auth.challenges.errors import ChallengeInvalid
from services.auth.factors.recovery import KEPT
from services.auth.factors.repository import FACTOR_RECOVERY
from services.auth.logins.errors import RefreshTokenInvalid
from services.auth.logins.second_factors import Answer
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import Proof, Secrets
from services.auth.security_log.model import Event
from tests.services.auth.apps import Equipped, confirm, enroll, equipped
from tests.services.auth.harness import EMAIL, METADATA, OTHER_PASSWORD, PASSWORD, AuthHarness
from tests.support.clock import FixedClock
from tests.support.store import rows_between

CALL = Call(None, METADATA)


async def mailed(harness: AuthHarness) -> Secrets:
    """The secrets of the email of a recovery that is asked for now."""
    challenge = await harness.challenge()
    await harness.factor_recovery.start(CALL, challenge.text)
    return (await harness.mailed(EmailKind.RECOVER_FACTORS))[-1]


async def started(harness: AuthHarness) -> Equipped:
    """A user with an app whose recovery has begun."""
    user = await equipped(harness)
    secrets = await mailed(harness)
    await harness.factor_recovery.confirm(CALL, Proof(secrets.token))
    return user


async def test_the_whole_way(harness: AuthHarness, clock: FixedClock) -> None:
    """Password and address, a waiting time, and both again: the factors are gone, and all logins."""
    user = await started(harness)
    wait = harness.settings.factor_recovery_seconds
    assert await harness.recipients(EmailKind.FACTOR_RECOVERY_STARTED) == [EMAIL]
    challenge = await harness.challenge()
    assert challenge.recovery_time is not None
    assert (challenge.recovery_time - clock.now()).total_seconds() == wait
    clock.advance(seconds=wait - 1)
    early = await mailed(harness)
    due = await harness.factor_recovery.confirm(CALL, Proof(early.token))
    assert due == challenge.recovery_time
    late = await mailed(harness)
    clock.advance(seconds=1)
    assert await harness.factor_recovery.confirm(CALL, Proof(late.token)) is None
    with pytest.raises(RefreshTokenInvalid):
        await harness.refresh_login.refresh(user.result.tokens.refresh_token or "")
    result = await harness.log_in()
    assert not result.user.second_factor
    assert harness.caller(result).assurance is Assurance.AAL1
    assert (await harness.factors.list(harness.call(result))).factors == []
    events = await harness.events(result)
    assert {Event.FACTORS_RECOVERED, Event.FACTOR_RECOVERY_STARTED} <= set(events)
    assert await harness.recipients(EmailKind.FACTORS_RECOVERED) == [EMAIL]
    assert not await rows_between(harness.store, *FACTOR_RECOVERY.range())
    app = await enroll(harness, result)
    assert len((await confirm(harness, result, app)).codes) == 10


async def test_the_password_alone_gains_nothing(harness: AuthHarness, clock: FixedClock) -> None:
    """Not even when the waiting time of the owner's recovery is over."""
    await started(harness)
    clock.advance(seconds=harness.settings.factor_recovery_seconds)
    challenge = await harness.challenge()
    assert challenge.recovery_time == clock.now()
    assert (await harness.challenge()).kinds == ["totp", "recovery_codes"]


@pytest.mark.parametrize("with_app", [True, False])
async def test_a_login_with_a_second_factor_cancels(
    harness: AuthHarness, clock: FixedClock, with_app: bool
) -> None:
    """Then the factors stay, and the user hears of it."""
    user = await started(harness)
    other = await mailed(harness)
    answer = user.app.answer() if with_app else Answer(recovery_code=user.codes[0])
    result = await harness.answer(await harness.challenge(), answer)
    assert Event.FACTOR_RECOVERY_CANCELLED in await harness.events(result)
    assert await harness.recipients(EmailKind.FACTOR_RECOVERY_CANCELLED) == [EMAIL]
    with pytest.raises(OneTimeTokenInvalid):  # it would begin anew
        await harness.factor_recovery.confirm(CALL, Proof(other.token))
    clock.advance(seconds=harness.settings.factor_recovery_seconds)
    assert (await harness.challenge()).recovery_time is None


async def test_a_further_proof_cancels_too(harness: AuthHarness) -> None:
    """It is a second factor in a login."""
    user = await started(harness)
    assert (await harness.factors.list(harness.call(user.result))).recovery_time is not None
    call = harness.call(user.result)
    tokens = await harness.reauthentication.by_second_factor(call, user.app.answer())
    found = await harness.factors.list(harness.call(harness.verified(tokens)))
    assert found.recovery_time is None


async def test_a_recovery_that_is_not_used(harness: AuthHarness, clock: FixedClock) -> None:
    """It ends a week after its waiting time."""
    await started(harness)
    wait = harness.settings.factor_recovery_seconds
    clock.advance(seconds=wait + KEPT.total_seconds())
    assert (await harness.challenge()).recovery_time is None


async def test_an_address_that_is_not_proved(harness: AuthHarness) -> None:
    """It gets no email: it may be that of another person. The answer is as ever."""
    result = await harness.register()
    app = await enroll(harness, result)
    await confirm(harness, result, app)
    await harness.factor_recovery.start(CALL, (await harness.challenge()).text)
    assert await harness.mailed(EmailKind.RECOVER_FACTORS) == []


async def test_a_recovery_needs_the_password(harness: AuthHarness, clock: FixedClock) -> None:
    """By a challenge that is good now, of the same program."""
    await equipped(harness)
    challenge = await harness.challenge()
    for text in ("", "gAAAAA", challenge.text[:-4] + "AAA="):
        with pytest.raises(ChallengeInvalid):
            await harness.factor_recovery.start(CALL, text)
    other = Call(None, METADATA | {"user-agent": "another"})
    with pytest.raises(ChallengeInvalid):
        await harness.factor_recovery.start(other, challenge.text)
    clock.advance(seconds=300)
    with pytest.raises(ChallengeInvalid):
        await harness.factor_recovery.start(CALL, challenge.text)


async def test_the_proof_of_the_address(harness: AuthHarness) -> None:
    """Link and code are good once, and for nothing else; a second recovery keeps the first time."""
    user = await equipped(harness)
    secrets = await mailed(harness)
    with pytest.raises(OneTimeTokenInvalid):
        await harness.prove(Proof(secrets.token), user.result)
    first = await harness.factor_recovery.confirm(CALL, Proof("", "ada@example.com", secrets.code))
    with pytest.raises(OneTimeTokenInvalid):
        await harness.factor_recovery.confirm(CALL, Proof(secrets.token))
    harness.clock.advance(seconds=3600)
    again = await mailed(harness)
    second = await harness.factor_recovery.confirm(CALL, Proof(again.token))
    assert second == first


async def test_a_link_after_the_factor_is_gone(harness: AuthHarness) -> None:
    """There is nothing to recover."""
    user = await equipped(harness)
    secrets = await mailed(harness)
    await harness.factors.remove(harness.call(user.result), user.app.factor_id)
    with pytest.raises(OneTimeTokenInvalid):
        await harness.factor_recovery.confirm(CALL, Proof(secrets.token))


async def test_a_factor_that_is_removed_ends_the_recovery(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """So one that is set up later is not removed by it."""
    user = await started(harness)
    await harness.factors.remove(harness.call(user.result), user.app.factor_id)
    result = await harness.log_in()
    await confirm(harness, result, await enroll(harness, result))
    clock.advance(seconds=harness.settings.factor_recovery_seconds)
    assert (await harness.challenge()).recovery_time is None


@pytest.mark.parametrize("by_email", [True, False])
async def test_another_password_ends_the_recovery(harness: AuthHarness, by_email: bool) -> None:
    """It was begun by a person who knew the old one; so do its emails that are on the way."""
    user = await started(harness)
    secrets = await mailed(harness)
    if by_email:
        await harness.forgot.ask(CALL, "ada@example.com")
        reset = (await harness.mailed(EmailKind.RESET_PASSWORD))[-1]
        await harness.reset.reset(CALL, Proof(reset.token), OTHER_PASSWORD)
    else:
        call = harness.call(user.result)
        await harness.password_change.change(call, PASSWORD, OTHER_PASSWORD)
    assert (await harness.challenge(password=OTHER_PASSWORD)).recovery_time is None
    with pytest.raises(OneTimeTokenInvalid):
        await harness.factor_recovery.confirm(CALL, Proof(secrets.token))


async def test_the_notice_goes_to_every_address(harness: AuthHarness) -> None:
    """Also to one that was changed lately: the owner may read only that."""
    user = await equipped(harness)
    await harness.change.ask(harness.call(user.result), "eve@example.org")
    proof = (await harness.mailed(EmailKind.CHANGE_EMAIL))[-1]
    await harness.prove(Proof(proof.token), user.result)
    challenge = await harness.challenge("eve@example.org")
    await harness.factor_recovery.start(CALL, challenge.text)
    secrets = (await harness.mailed(EmailKind.RECOVER_FACTORS))[-1]
    await harness.factor_recovery.confirm(CALL, Proof(secrets.token))
    told = await harness.recipients(EmailKind.FACTOR_RECOVERY_STARTED)
    assert sorted(told) == [EMAIL, "eve@example.org"]
