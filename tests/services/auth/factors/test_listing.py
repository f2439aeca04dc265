"""The list of a user's factors, their names, and their removal."""

from dataclasses import replace
from uuid import uuid4

import pytest

from kernel.identity.callers import Assurance
from kernel.storage import Write
from services.auth.factors.errors import FactorNotFound
from services.auth.factors.model import FactorKind
from services.auth.logins.errors import RefreshTokenInvalid, SecondFactorWrong
from services.auth.logins.second_factors import Answer
from services.auth.notifications.model import EmailKind
from services.auth.recovery_codes.repository import RECOVERY_CODES
from services.auth.security_log.model import Event
from services.auth.users.repository import USERS
from tests.services.auth.apps import confirm, enroll, equipped
from tests.services.auth.harness import EMAIL, AuthHarness
from tests.support.store import rows_between


async def test_the_list(harness: AuthHarness) -> None:
    """It has the factors of the caller, the oldest first, and none of another user."""
    user, eve = await equipped(harness), await harness.register("eve@example.com")
    second = await enroll(harness, user.result, "Tablet")
    user = await confirm(harness, user.result, second)
    found = await harness.factors.list(harness.call(user.result))
    kinds = [(factor.kind, factor.name) for factor in found.factors]
    assert sorted(kinds) == [
        (FactorKind.RECOVERY_CODES, ""),
        (FactorKind.TOTP, "Phone"),
        (FactorKind.TOTP, "Tablet"),
    ]
    times = [factor.create_time for factor in found.factors]
    assert times == sorted(times)
    assert (await harness.factors.list(harness.call(eve))).factors == []


async def test_another_name(harness: AuthHarness) -> None:
    """The owner gives it; for anybody else the factor does not exist."""
    user, eve = await equipped(harness), await equipped(harness, "eve@example.com")
    app_id = user.app.factor_id
    renamed = await harness.factors.rename(harness.call(user.result), app_id, "Old phone")
    assert renamed.name == "Old phone"
    for factor_id in (app_id, uuid4()):
        with pytest.raises(FactorNotFound):
            await harness.factors.rename(harness.call(eve.result), factor_id, "Mine")


async def test_the_last_factor(harness: AuthHarness) -> None:
    """With it the recovery codes go, and all logins; then a password alone logs in again."""
    user = await equipped(harness)
    other = await harness.answer(await harness.challenge(), user.app.answer())
    await harness.factors.remove(harness.call(user.result), user.app.factor_id)
    assert not await rows_between(harness.store, *RECOVERY_CODES.range())
    for ended in (user.result, other):
        with pytest.raises(RefreshTokenInvalid):
            await harness.refresh_login.refresh(ended.tokens.refresh_token or "")
    result = await harness.log_in()
    caller = harness.caller(result)
    assert (caller.assurance, caller.has_second_factor) == (Assurance.AAL1, False)
    assert (await harness.factors.list(harness.call(result))).factors == []
    assert Event.FACTOR_REMOVED in await harness.events(result)
    assert await harness.recipients(EmailKind.FACTOR_REMOVED) == [EMAIL]


async def test_one_of_two_factors(harness: AuthHarness) -> None:
    """The other one is still asked for, the removed one is not good, and the other logins end."""
    user = await equipped(harness)
    second = await enroll(harness, user.result, "Tablet")
    both = await confirm(harness, user.result, second)
    other = await harness.answer(await harness.challenge(), user.app.answer())
    await harness.factors.remove(harness.call(both.result), user.app.factor_id)
    await harness.refresh_login.refresh(both.result.tokens.refresh_token or "")
    with pytest.raises(RefreshTokenInvalid):
        await harness.refresh_login.refresh(other.tokens.refresh_token or "")
    with pytest.raises(SecondFactorWrong):
        await harness.answer(await harness.challenge(), user.app.answer())
    await harness.answer(await harness.challenge(), second.answer())


async def test_the_codes_are_a_factor(harness: AuthHarness) -> None:
    """They can be removed, and the app stays."""
    user = await equipped(harness)
    found = (await harness.factors.list(harness.call(user.result))).factors
    (codes,) = [factor for factor in found if factor.kind is FactorKind.RECOVERY_CODES]
    await harness.factors.remove(harness.call(user.result), codes.factor_id)
    assert (await harness.challenge()).kinds == ["totp"]
    with pytest.raises(SecondFactorWrong):
        await harness.answer(await harness.challenge(), Answer(recovery_code=user.codes[0]))


async def test_a_factor_of_somebody_else(harness: AuthHarness) -> None:
    """It cannot be removed; the answer is that of one that does not exist."""
    user, eve = await equipped(harness), await equipped(harness, "eve@example.com")
    for factor_id in (user.app.factor_id, uuid4()):
        with pytest.raises(FactorNotFound):
            await harness.factors.remove(harness.call(eve.result), factor_id)
    await harness.answer(await harness.challenge(), user.app.answer())


async def test_an_account_without_a_password(harness: AuthHarness) -> None:
    """An app alone logs no user in, so it does not count as the last way to log in."""
    user = await equipped(harness)

    async def take_away(tx: Write) -> None:
        stored = await USERS.get(tx, user.result.user.user_id)
        assert stored is not None
        await USERS.put(tx, replace(stored, password_hash=""))

    await harness.store.write(take_away)
    await harness.factors.remove(harness.call(user.result), user.app.factor_id)
