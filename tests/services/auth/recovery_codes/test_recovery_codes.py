"""Recovery codes: second factors on paper."""

import asyncio

import pytest

from kernel.identity.callers import Assurance
from services.auth.factors.errors import NoSecondFactor
from services.auth.factors.model import FactorKind
from services.auth.logins.errors import SecondFactorWrong
from services.auth.logins.second_factors import Answer
from services.auth.notifications.model import EmailKind
from services.auth.recovery_codes.repository import ALL_RECOVERY_CODES
from services.auth.security_log.model import Event
from tests.services.auth.apps import equipped
from tests.services.auth.harness import EMAIL, AuthHarness


async def shown(harness: AuthHarness, code: str) -> None:
    """A login with a recovery code."""
    await harness.answer(await harness.challenge(), Answer(recovery_code=code))


async def test_a_code_logs_in_once(harness: AuthHarness) -> None:
    """It is a second factor, is gone then, and the user hears of it."""
    user = await equipped(harness)
    result = await harness.answer(await harness.challenge(), Answer(recovery_code=user.codes[3]))
    assert harness.caller(result).assurance is Assurance.AAL2
    found = (await harness.factors.list(harness.call(result))).factors
    (codes,) = [factor for factor in found if factor.kind is FactorKind.RECOVERY_CODES]
    assert (codes.codes_left, codes.last_used_time) == (9, harness.clock.now())
    assert Event.RECOVERY_CODE_USED in await harness.events(result)
    assert await harness.recipients(EmailKind.RECOVERY_CODE_USED) == [EMAIL]
    with pytest.raises(SecondFactorWrong):
        await shown(harness, user.codes[3])


async def test_one_code_at_once(harness: AuthHarness) -> None:
    """Of two logins with the same code at the same time one begins."""
    user = await equipped(harness)
    logins = (shown(harness, user.codes[0]) for _ in range(2))
    outcomes = await asyncio.gather(*logins, return_exceptions=True)
    assert sum(isinstance(one, SecondFactorWrong) for one in outcomes) == 1


@pytest.mark.parametrize(
    "change", [str.lower, lambda code: code.replace("-", ""), lambda code: code.replace("-", " ")]
)
async def test_codes_as_people_type_them(harness: AuthHarness, change: object) -> None:
    """Case and groups do not matter."""
    user = await equipped(harness)
    assert callable(change)
    await shown(harness, change(user.codes[0]))


async def test_codes_that_are_wrong(harness: AuthHarness) -> None:
    """Those of another user, a part of one, and none."""
    user, eve = await equipped(harness), await equipped(harness, "eve@example.com")
    for code in (eve.codes[0], user.codes[0][:-1], user.codes[0] + "0", "-", "x" * 10_000):
        with pytest.raises(SecondFactorWrong):
            await shown(harness, code)


async def test_new_codes(harness: AuthHarness) -> None:
    """They take the place of those of before, and the user hears of it."""
    user = await equipped(harness)
    new = await harness.recovery_codes.replace_all(harness.call(user.result))
    assert not set(new) & set(user.codes)
    with pytest.raises(SecondFactorWrong):
        await shown(harness, user.codes[0])
    await shown(harness, new[0])
    assert await harness.recipients(EmailKind.RECOVERY_CODES_CREATED) == [EMAIL]


async def test_codes_without_a_factor(harness: AuthHarness) -> None:
    """There are none: they would be good for nothing."""
    result = await harness.register()
    with pytest.raises(NoSecondFactor):
        await harness.recovery_codes.replace_all(harness.call(result))


async def test_the_store_shows_no_code(harness: AuthHarness) -> None:
    """It has hashes, which are different for each user."""
    user = await equipped(harness)
    user_id = user.result.user.user_id
    stored = await harness.store.read(lambda tx: ALL_RECOVERY_CODES.get(tx, user_id))
    assert stored is not None
    assert len(stored.hashes) == 10
    assert all(len(one) == 32 for one in stored.hashes)
