"""Authenticator apps: setup, and logins with their codes."""

import asyncio
from dataclasses import replace

import pyotp
import pytest

from kernel.errors import AccessTokenRevoked, SecondFactorRequired
from kernel.identity.callers import Assurance
from kernel.seal import Seal
from kernel.settings import secrets_of
from services.auth.challenges.errors import ChallengeInvalid
from services.auth.factors.errors import FactorLimitReached, FactorNotFound
from services.auth.factors.model import MOST_OF_A_KIND, FactorKind
from services.auth.logins.errors import RefreshTokenInvalid, SecondFactorWrong
from services.auth.logins.second_factors import Answer
from services.auth.notifications.model import EmailKind
from services.auth.recovery_codes.repository import RECOVERY_CODES
from services.auth.security_log.model import Event
from services.auth.throttling.repository import SECOND_FACTOR_LANE, SECOND_FACTOR_LANES
from services.auth.totp.model import ENROLLMENT
from services.auth.totp.repository import (
    TOTP,
    TOTP_COUNT,
    TOTP_ENROLLMENT,
    TOTP_ENROLLMENTS,
    totps_of,
)
from services.auth.totp.resealing import ResealTotps
from tests.services.auth.apps import confirm, enroll, equipped
from tests.services.auth.harness import EMAIL, OTHER_PASSWORD, OTHER_SEAL_KEY, PASSWORD, AuthHarness
from tests.support.clock import FixedClock
from tests.support.store import rows_between

OF_USERS = (TOTP, TOTP_COUNT, TOTP_ENROLLMENT, RECOVERY_CODES, SECOND_FACTOR_LANE)
"""What is stored of a user with an app."""


async def test_a_new_app(harness: AuthHarness) -> None:
    """Its secret comes in base32, as a URI and as a QR code, and it is no factor before its first code."""
    result = await harness.register()
    enrolled = await harness.totp.enroll(harness.call(result), "Phone")
    read = pyotp.parse_uri(enrolled.uri)
    assert (read.secret, read.name, read.issuer) == (enrolled.secret, EMAIL, "Coditect")
    assert len(enrolled.secret) == 32
    assert (await enrolled.qr_svg()).startswith("<svg ")
    assert (await harness.factors.list(harness.call(result))).factors == []
    assert not (await harness.log_in()).user.second_factor


async def test_the_secret_is_sealed(harness: AuthHarness) -> None:
    """The store shows no secret."""
    result = await harness.register()
    enrolled = await harness.totp.enroll(harness.call(result), "Phone")
    stored = await harness.store.read(lambda tx: TOTP_ENROLLMENTS.get(tx, result.user.user_id))
    assert stored is not None
    assert harness.seal.open(stored.sealed_secret).decode() == enrolled.secret
    assert enrolled.secret.encode() not in stored.sealed_secret


async def test_the_first_code_makes_it_a_factor(harness: AuthHarness) -> None:
    """With the first factor come recovery codes, and the other logins end; a new one has two factors."""
    result = await harness.register_proved()
    other = await harness.log_in()
    app = await enroll(harness, result)
    user = await confirm(harness, result, app)
    assert (user.factor.kind, user.factor.name) == (FactorKind.TOTP, "Phone")
    assert len(set(user.codes)) == 10
    for ended in (result, other):
        with pytest.raises(RefreshTokenInvalid):
            await harness.refresh_login.refresh(ended.tokens.refresh_token or "")
    refreshed = await harness.refresh_login.refresh(user.result.tokens.refresh_token or "")
    for one in (user.result, refreshed):
        caller = harness.caller(one)
        assert (caller.assurance, caller.has_second_factor) == (Assurance.AAL2, True)
    assert refreshed.user.second_factor
    assert await harness.recipients(EmailKind.SECOND_FACTOR_ON) == [EMAIL]
    assert (await harness.events(refreshed))[0] is Event.FACTOR_ADDED


async def test_a_second_app_brings_no_codes(harness: AuthHarness) -> None:
    """The other logins stay, too."""
    user = await equipped(harness)
    other = await harness.answer(await harness.challenge(), user.app.answer())
    second = await enroll(harness, other, "Tablet")
    both = await confirm(harness, other, second)
    assert both.codes == []
    await harness.refresh_login.refresh(user.result.tokens.refresh_token or "")
    found = await harness.factors.list(harness.call(both.result))
    assert [factor.name for factor in found.factors if factor.name] == ["Phone", "Tablet"]


async def test_a_wrong_first_code(harness: AuthHarness) -> None:
    """It is refused, however often: the caller knows the secret, so it is no guess."""
    result = await harness.register()
    app = await enroll(harness, result)
    for _ in range(harness.settings.guesses_free + 5):
        with pytest.raises(SecondFactorWrong):
            await harness.totp.confirm(harness.call(result), app.factor_id, app.code(5))
    assert (await confirm(harness, result, app)).codes


async def test_an_enrollment_that_is_late_replaced_or_of_somebody_else(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """None can be confirmed; all get the answer of one that does not exist."""
    ada, eve = await harness.register(), await harness.register("eve@example.com")
    replaced = await enroll(harness, ada)
    app = await enroll(harness, ada)
    for who, one in ((ada, replaced), (eve, app)):
        with pytest.raises(FactorNotFound):
            await harness.totp.confirm(harness.call(who), one.factor_id, one.code())
    clock.advance(seconds=ENROLLMENT.total_seconds())
    with pytest.raises(FactorNotFound):
        await harness.totp.confirm(harness.call(ada), app.factor_id, app.code())


async def test_the_limit_of_apps(harness: AuthHarness) -> None:
    """There is one; an app that is removed makes room."""
    user = await equipped(harness)
    for number in range(MOST_OF_A_KIND - 1):
        app = await enroll(harness, user.result, f"App {number}")
        user = await confirm(harness, user.result, app)
    with pytest.raises(FactorLimitReached):
        await enroll(harness, user.result)
    await harness.factors.remove(harness.call(user.result), app.factor_id)
    await enroll(harness, user.result)


async def test_a_login_with_a_code(harness: AuthHarness) -> None:
    """The password gets a challenge and no tokens; a code of the app gets them, with two factors."""
    user = await equipped(harness)
    challenge = await harness.challenge()
    assert challenge.kinds == ["totp", "recovery_codes"]
    result = await harness.answer(challenge, user.app.answer())
    caller = harness.caller(result)
    assert caller.assurance is Assurance.AAL2
    listed = (await harness.factors.list(harness.call(result))).factors
    (app,) = [factor for factor in listed if factor.kind is FactorKind.TOTP]
    assert app.last_used_time == harness.clock.now()
    with pytest.raises(ChallengeInvalid):
        await harness.answer(challenge, user.app.answer(1))


async def test_refresh_and_switch_keep_the_assurance(harness: AuthHarness) -> None:
    """Tokens of the login have two factors from then on."""
    user = await equipped(harness)
    result = await harness.answer(await harness.challenge(), user.app.answer())
    refreshed = await harness.refresh_login.refresh(result.tokens.refresh_token or "")
    tenant_id = harness.caller(refreshed).tenant_id
    switched = await harness.switch_tenant.switch(harness.call(refreshed), tenant_id)
    for one in (refreshed, switched):
        assert harness.caller(one).assurance is Assurance.AAL2


async def test_codes_that_are_wrong(harness: AuthHarness) -> None:
    """A used code, one of another user, one from two steps away, and none at all."""
    user, eve = await equipped(harness), await equipped(harness, "eve@example.com")
    used = user.app.answer()
    await harness.answer(await harness.challenge(), used)
    wrong = [used, eve.app.answer(1), user.app.answer(2), user.app.answer(-2), Answer(code=" ")]
    for answer in (*wrong, Answer()):
        with pytest.raises(SecondFactorWrong):
            await harness.answer(await harness.challenge(), answer)


async def test_the_same_code_at_once(harness: AuthHarness) -> None:
    """Two logins show one code at the same time: one begins."""
    user = await equipped(harness)
    first, second = await harness.challenge(), await harness.challenge()
    answers = (harness.answer(one, user.app.answer()) for one in (first, second))
    outcomes = await asyncio.gather(*answers, return_exceptions=True)
    assert sum(isinstance(one, SecondFactorWrong) for one in outcomes) == 1


async def test_a_challenge_is_bound(harness: AuthHarness, clock: FixedClock) -> None:
    """To five minutes, to the password, and to the program that asked for it."""
    user = await equipped(harness)
    late = await harness.challenge()
    clock.advance(seconds=300)
    with pytest.raises(ChallengeInvalid):
        await harness.answer(late, user.app.answer())
    old = await harness.challenge()
    refreshed = await harness.refresh_login.refresh(user.result.tokens.refresh_token or "")
    call = harness.call(refreshed)
    await harness.password_change.change(call, PASSWORD, OTHER_PASSWORD)
    with pytest.raises(ChallengeInvalid):
        await harness.answer(old, user.app.answer())


async def test_many_wrong_codes(harness: AuthHarness) -> None:
    """They stop the codes of apps for a while, whatever the password; a recovery code still logs in."""
    user = await equipped(harness)
    for _ in range(harness.settings.guesses_free):
        with pytest.raises(SecondFactorWrong):
            await harness.answer(await harness.challenge(), Answer(code="000000"))
    with pytest.raises(SecondFactorWrong):
        await harness.answer(await harness.challenge(), user.app.answer())
    assert await harness.recipients(EmailKind.CODES_STOPPED) == [EMAIL]
    recovered = await harness.answer(await harness.challenge(), Answer(recovery_code=user.codes[0]))
    assert harness.caller(recovered).assurance is Assurance.AAL2
    await harness.answer(await harness.challenge(), user.app.answer(1))


async def test_two_hundred_codes_at_once(harness: AuthHarness) -> None:
    """No more than the limit are compared, and the right one of them does not help."""
    user = await equipped(harness)
    challenge = await harness.challenge()
    right = user.app.code()
    answers = [Answer(code=f"{number:06}") for number in range(199) if f"{number:06}" != right]
    outcomes = await asyncio.gather(
        *(harness.answer(challenge, answer) for answer in answers), return_exceptions=True
    )
    assert all(isinstance(one, SecondFactorWrong) for one in outcomes)
    with pytest.raises(SecondFactorWrong):
        await harness.answer(await harness.challenge(), user.app.answer())
    user_id, settings = user.result.user.user_id, harness.settings
    lane = await harness.store.read(lambda tx: SECOND_FACTOR_LANES.get(tx, user_id))
    assert lane is not None
    assert settings.guesses_free <= lane.failures <= settings.guesses_free + 5


async def test_a_further_proof_is_the_second_factor(harness: AuthHarness) -> None:
    """A user with an app proves with it; the password alone is refused, before it is looked at."""
    user = await equipped(harness)
    result = await harness.answer(await harness.challenge(), user.app.answer())
    harness.clock.advance(seconds=600)
    for password in (PASSWORD, "wrong"):
        with pytest.raises(SecondFactorRequired):
            await harness.reauthentication.by_password(harness.call(result), password)
    tokens = await harness.reauthentication.by_second_factor(
        harness.call(result), user.app.answer()
    )
    caller = harness.caller(result)
    again = harness.verified(tokens)
    assert again.auth_second == int(harness.clock.now().timestamp())
    assert (again.assurance, again.tenant_id) == (Assurance.AAL2, caller.tenant_id)
    with pytest.raises(SecondFactorWrong):
        await harness.reauthentication.by_second_factor(harness.call(again), user.app.answer())


async def test_a_login_from_before_the_app(harness: AuthHarness) -> None:
    """It has ended, so no password alone counts in it."""
    result = await harness.register()
    await confirm(harness, result, await enroll(harness, result))
    with pytest.raises(AccessTokenRevoked):
        await harness.reauthentication.by_password(harness.call(result), PASSWORD)


async def test_a_deleted_account_leaves_no_row(harness: AuthHarness) -> None:
    """Neither an app nor an enrollment, codes, failures or a recovery."""
    user = await equipped(harness)
    await enroll(harness, user.result, "Tablet")
    with pytest.raises(SecondFactorWrong):
        await harness.answer(await harness.challenge(), Answer(code="000000"))
    rows = [await rows_between(harness.store, *family.range()) for family in OF_USERS]
    assert all(rows)
    await harness.deletion.delete(harness.call(user.result), PASSWORD)
    assert not any([await rows_between(harness.store, *family.range()) for family in OF_USERS])


async def test_a_change_of_the_seal_keys(harness: AuthHarness) -> None:
    """All secrets are sealed with the new key, and apps go on; a secret that no key opens is wrong."""
    user = await equipped(harness)
    keys = secrets_of(harness.settings.seal_keys)
    seal = Seal([OTHER_SEAL_KEY, *keys])
    runtime = replace(harness.runtime, seal=seal)
    resealing = ResealTotps(runtime, 2)
    assert [await resealing.reseal(), await resealing.reseal()] == [1, 0]
    with pytest.raises(SecondFactorWrong):  # the harness has only the old key
        await harness.answer(await harness.challenge(), user.app.answer())
    renewed = Seal([OTHER_SEAL_KEY])
    (stored,) = await harness.store.read(lambda tx: totps_of(tx, user.result.user.user_id))
    assert stored.after(
        user.app.code(), renewed.open(stored.sealed_secret).decode(), harness.clock.now()
    )


async def test_codes_before_there_is_a_factor(harness: AuthHarness) -> None:
    """A person who knows the password cannot stop the codes of an app that the owner sets up later."""
    result = await harness.register()
    call = harness.call(result)
    for _ in range(harness.settings.guesses_free + 5):
        with pytest.raises(SecondFactorWrong):
            await harness.reauthentication.by_second_factor(call, Answer(code="000000"))
    user = await confirm(harness, result, await enroll(harness, result))
    await harness.answer(await harness.challenge(), user.app.answer())
