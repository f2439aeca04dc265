"""The registration of passkeys."""

import asyncio
from dataclasses import replace

import pytest

from kernel.errors import AccessTokenRevoked
from kernel.identity.callers import Assurance, Call
from services.auth.challenges.challenges import LIFE
from services.auth.factors.errors import FactorLimitReached
from services.auth.factors.model import MOST_OF_A_KIND, FactorKind
from services.auth.logins.errors import PasskeyInvalid, RefreshTokenInvalid
from services.auth.notifications.model import EmailKind
from services.auth.passkeys.errors import PasskeyExists
from services.auth.security_log.model import Event
from tests.services.auth.harness import EMAIL, METADATA, PASSWORD, AuthHarness
from tests.services.auth.passkeys.harness import Holder, add, asserted, holder, log_in
from tests.support.authenticator import Authenticator
from tests.support.clock import FixedClock


async def test_a_new_passkey(harness: AuthHarness) -> None:
    """With the first factor come recovery codes and a login with two factors; all others end."""
    result = await harness.register_proved()
    other = await harness.log_in()
    ada = await add(harness, result, Authenticator())
    assert (ada.factor.kind, ada.factor.name) == (FactorKind.PASSKEY, "Phone")
    assert (ada.factor.create_time, ada.factor.last_used_time) == (harness.clock.now(), None)
    assert len(set(ada.codes)) == 10
    with pytest.raises(RefreshTokenInvalid):
        await harness.refresh_login.refresh(other.tokens.refresh_token or "")
    with pytest.raises(RefreshTokenInvalid):
        await harness.refresh_login.refresh(result.tokens.refresh_token or "")
    refreshed = await harness.refresh_login.refresh(ada.result.tokens.refresh_token or "")
    assert harness.caller(ada.result).assurance is Assurance.AAL2
    assert harness.caller(refreshed).assurance is Assurance.AAL2
    assert refreshed.user.second_factor
    assert await harness.recipients(EmailKind.SECOND_FACTOR_ON) == [EMAIL]
    assert (await harness.events(refreshed))[0] is Event.FACTOR_ADDED


async def test_a_second_passkey(harness: AuthHarness) -> None:
    """It brings no codes; a browser knows that the first one is there."""
    ada = await holder(harness)
    start = await harness.register_passkey.options(harness.call(ada.result))
    assert len(start.options["excludeCredentials"]) == 1
    with pytest.raises(AssertionError, match="registered"):
        ada.authenticator.create(start.options)
    assert (await add(harness, ada.result, Authenticator(), "Key")).codes == []


async def test_the_options_of_another_user(harness: AuthHarness) -> None:
    """They name no passkey of anybody else."""
    await holder(harness)
    eve = await harness.register("eve@example.com")
    start = await harness.register_passkey.options(harness.call(eve))
    assert start.options["excludeCredentials"] == []
    assert start.options["user"]["name"] == "eve@example.com"


async def test_the_same_passkey_twice(harness: AuthHarness) -> None:
    """The same user and another one are refused, and nothing changes."""
    ada, eve = await holder(harness), await harness.register("eve@example.com")
    for who in (ada.result, eve):
        call = harness.call(who)
        start = await harness.register_passkey.options(call)
        options = {**start.options, "excludeCredentials": []}
        with pytest.raises(PasskeyExists):
            await harness.register_passkey.create(call, ada.authenticator.create(options), "Copy")
    assert (await harness.factors.list(harness.call(eve))).factors == []
    assert not (await harness.log_in("eve@example.com")).user.second_factor


async def test_the_same_passkey_at_once(harness: AuthHarness) -> None:
    """Two users register it at the same time: one succeeds."""
    authenticator, credentials = Authenticator(), []
    for email in (EMAIL, "eve@example.com"):
        call = harness.call(await harness.register(email))
        start = await harness.register_passkey.options(call)
        credentials.append((call, authenticator.create(start.options)))
    creates = [harness.register_passkey.create(*one, "Phone") for one in credentials]
    outcomes = await asyncio.gather(*creates, return_exceptions=True)
    assert sum(isinstance(one, PasskeyExists) for one in outcomes) == 1


async def test_a_challenge_is_good_once(harness: AuthHarness) -> None:
    """A repeat is refused, before it is said that the passkey exists."""
    result = await harness.register()
    call = harness.call(result)
    start = await harness.register_passkey.options(call)
    credential = Authenticator().create(start.options)
    await harness.register_passkey.create(call, credential, "Phone")
    with pytest.raises(PasskeyInvalid):
        await harness.register_passkey.create(call, credential, "Phone")


async def test_a_challenge_of_another_call(harness: AuthHarness, clock: FixedClock) -> None:
    """One of another user, login, program or purpose is refused, and one that is too old."""
    ada, eve = await harness.register(), await harness.register("eve@example.com")
    again = await harness.log_in()
    other_program = Call(harness.caller(ada), {**METADATA, "user-agent": "other"})
    call = harness.call(ada)
    for other in (harness.call(eve), harness.call(again), other_program):
        start = await harness.register_passkey.options(other)
        credential = Authenticator().create(start.options)
        with pytest.raises(PasskeyInvalid):
            await harness.register_passkey.create(call, credential, "Phone")
    for_login = (await harness.passkey_login.options(call)).options["challenge"]
    start = await harness.register_passkey.options(call)
    credential = Authenticator().create({**start.options, "challenge": for_login})
    with pytest.raises(PasskeyInvalid):
        await harness.register_passkey.create(call, credential, "Phone")
    credential = Authenticator().create(start.options)
    clock.advance(seconds=LIFE.total_seconds())
    assert start.expire_time == clock.now()
    with pytest.raises(PasskeyInvalid):
        await harness.register_passkey.create(call, credential, "Phone")
    assert (await harness.factors.list(call)).factors == []


@pytest.mark.parametrize(
    "authenticator",
    [
        Authenticator(origin="https://evil.example.com"),
        Authenticator(rp_id="evil.example.com"),
        Authenticator(verifies=False),
    ],
    ids=["origin", "domain", "not verified"],
)
async def test_a_registration_that_is_wrong(
    harness: AuthHarness, authenticator: Authenticator
) -> None:
    """It is refused, and its challenge is good for another try."""
    result = await harness.register()
    call = harness.call(result)
    start = await harness.register_passkey.options(call)
    with pytest.raises(PasskeyInvalid):
        await harness.register_passkey.create(call, authenticator.create(start.options), "Phone")
    credential = Authenticator().create(start.options)
    assert (await harness.register_passkey.create(call, credential, "Phone")).recovery_codes


async def test_what_is_no_registration(harness: AuthHarness) -> None:
    """Neither an authentication nor an empty object is one."""
    ada = await holder(harness)
    for credential in (await asserted(harness, ada.authenticator), {}):
        with pytest.raises(PasskeyInvalid):
            await harness.register_passkey.create(harness.call(ada.result), credential, "Phone")


async def filled(harness: AuthHarness, count: int) -> Holder:
    """A user with some passkeys."""
    ada = await holder(harness)
    for _ in range(count - 1):
        ada = await add(harness, ada.result, Authenticator())
    return ada


async def test_the_limit_of_passkeys(harness: AuthHarness) -> None:
    """There is one; another user is not affected, and a passkey that is removed makes room."""
    ada, eve = await filled(harness, MOST_OF_A_KIND), await harness.register("eve@example.com")
    call = harness.call(ada.result)
    with pytest.raises(FactorLimitReached) as refused:
        await harness.register_passkey.options(call)
    assert refused.value.metadata == {"limit": "10"}
    await add(harness, eve, Authenticator())
    await harness.factors.remove(call, ada.factor.factor_id)
    await add(harness, ada.result, Authenticator())


async def test_the_limit_at_once(harness: AuthHarness) -> None:
    """Of two logins that register passkeys for one place, one succeeds."""
    ada = await filled(harness, MOST_OF_A_KIND - 1)
    other = await log_in(harness, await asserted(harness, ada.authenticator))
    creates = []
    for call in (harness.call(ada.result), harness.call(other)):
        start = await harness.register_passkey.options(call)
        credential = Authenticator().create(start.options)
        creates.append(harness.register_passkey.create(call, credential, "Last"))
    outcomes = await asyncio.gather(*creates, return_exceptions=True)
    assert sum(isinstance(one, FactorLimitReached) for one in outcomes) == 1


async def test_a_login_that_has_ended(harness: AuthHarness) -> None:
    """Its token registers nothing, and neither does that of a deleted user."""
    ada = await harness.register()
    call = harness.call(ada)
    start = await harness.register_passkey.options(call)
    credential = Authenticator().create(start.options)
    await harness.devices.log_out(call, "")
    with pytest.raises(AccessTokenRevoked):
        await harness.register_passkey.create(call, credential, "Phone")
    await harness.deletion.delete(harness.call(await harness.log_in()), PASSWORD)
    with pytest.raises(AccessTokenRevoked):
        await harness.register_passkey.options(call)
    await harness.register()
    stranger = Call(replace(call.caller), METADATA)
    with pytest.raises(AccessTokenRevoked):
        await harness.register_passkey.create(stranger, credential, "Phone")
