"""The undoing of a second factor that another person has set up."""

import pytest

from kernel.identity.callers import Call
from services.auth.logins.errors import BadCredentials, RefreshTokenInvalid
from services.auth.logins.model import LoginResult
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import Proof, Secrets
from services.auth.security_log.model import Event
from tests.services.auth.apps import Equipped, confirm, enroll, equipped
from tests.services.auth.harness import EMAIL, METADATA, OTHER_PASSWORD, PASSWORD, AuthHarness
from tests.support.clock import FixedClock

CALL = Call(None, METADATA)
ADDRESS = "ada@example.com"


async def notices(harness: AuthHarness) -> list[Secrets]:
    """The secrets in the notices of first factors."""
    return await harness.mailed(EmailKind.SECOND_FACTOR_ON)


async def reset(harness: AuthHarness) -> None:
    """Sets a new password with the email that the undo has queued."""
    secrets = (await harness.mailed(EmailKind.RESET_PASSWORD))[-1]
    await harness.reset.reset(CALL, Proof(secrets.token), OTHER_PASSWORD)


async def further(harness: AuthHarness, user: Equipped, name: str) -> Equipped:
    """The same user with a further app."""
    return await confirm(harness, user.result, await enroll(harness, user.result, name))


async def test_nothing_of_the_intruder_stays_good(harness: AuthHarness) -> None:
    """No factor, no login and no password; the owner sets a new one and has the account."""
    intruder = await equipped(harness)
    (notice,) = await notices(harness)
    assert notice.code == ""
    await harness.undo_factor.undo(CALL, notice.token)
    with pytest.raises(RefreshTokenInvalid):
        await harness.refresh_login.refresh(intruder.result.tokens.refresh_token or "")
    with pytest.raises(BadCredentials):
        await harness.log_in()
    await reset(harness)
    owner = await harness.log_in(password=OTHER_PASSWORD)
    assert (await harness.factors.list(harness.call(owner))).factors == []
    assert Event.FACTOR_UNDONE in await harness.events(owner)
    with pytest.raises(OneTimeTokenInvalid):
        await harness.undo_factor.undo(CALL, notice.token)


async def test_many_factors_of_the_intruder(harness: AuthHarness) -> None:
    """The link removes them all; a further factor brings a notice without a link."""
    user = await equipped(harness)
    for number in range(4):
        user = await further(harness, user, f"App {number}")
    assert await harness.recipients(EmailKind.FACTOR_ADDED) == 4 * [EMAIL]
    (link,) = await notices(harness)
    await harness.undo_factor.undo(CALL, link.token)
    await reset(harness)
    await harness.log_in(password=OTHER_PASSWORD)


async def test_another_password_ends_no_link(harness: AuthHarness) -> None:
    """Neither one of the intruder's, nor one that the owner sets by email."""
    user = await equipped(harness)
    (notice,) = await notices(harness)
    call = harness.call(user.result)
    await harness.password_change.change(call, PASSWORD, OTHER_PASSWORD)
    await harness.forgot.ask(CALL, ADDRESS)
    await reset(harness)
    await harness.undo_factor.undo(CALL, notice.token)
    await reset(harness)
    await harness.log_in(password=OTHER_PASSWORD)


async def test_another_address_is_undone_first(harness: AuthHarness) -> None:
    """A link is good while the account has the address that it was mailed to."""
    user = await equipped(harness)
    (notice,) = await notices(harness)
    await change_address(harness, user.result)
    with pytest.raises(OneTimeTokenInvalid):
        await harness.undo_factor.undo(CALL, notice.token)
    back = (await harness.mailed(EmailKind.CHANGE_REQUESTED))[-1]
    await harness.undo.undo(CALL, back.token)
    await harness.undo_factor.undo(CALL, notice.token)
    await reset(harness)
    await harness.log_in(password=OTHER_PASSWORD)


async def test_a_link_to_the_address_of_an_intruder(harness: AuthHarness) -> None:
    """It is good for nothing once the owner has taken the address back."""
    result = await harness.register_proved()
    await change_address(harness, result)
    await confirm(harness, result, await enroll(harness, result))
    (link,) = await notices(harness)
    back = (await harness.mailed(EmailKind.CHANGE_REQUESTED))[-1]
    await harness.undo.undo(CALL, back.token)
    await reset(harness)
    owner = await harness.log_in(password=OTHER_PASSWORD)
    user = await confirm(harness, owner, await enroll(harness, owner))
    with pytest.raises(OneTimeTokenInvalid):
        await harness.undo_factor.undo(CALL, link.token)
    await harness.answer(await harness.challenge(password=OTHER_PASSWORD), user.app.answer())


async def change_address(harness: AuthHarness, result: LoginResult) -> None:
    """Changes the address to one of an intruder."""
    await harness.change.ask(harness.call(result), "eve@example.org")
    proof = (await harness.mailed(EmailKind.CHANGE_EMAIL))[-1]
    await harness.prove(Proof(proof.token), result)


async def test_a_link_is_good_for_its_time_and_its_purpose(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """Seven days, and for nothing else."""
    await equipped(harness)
    (notice,) = await notices(harness)
    with pytest.raises(OneTimeTokenInvalid):
        await harness.undo.undo(CALL, notice.token)
    clock.advance(seconds=harness.settings.undo_email_seconds)
    with pytest.raises(OneTimeTokenInvalid):
        await harness.undo_factor.undo(CALL, notice.token)
