"""Passkeys in logins and in the list of factors."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from kernel.identity.callers import Assurance, Call
from kernel.storage import Write
from services.auth.challenges.challenges import LIFE
from services.auth.challenges.errors import ChallengeInvalid
from services.auth.factors.errors import FactorNotFound
from services.auth.logins.errors import PasskeyInvalid, SecondFactorWrong
from services.auth.logins.model import Method
from services.auth.logins.second_factors import Answer
from services.auth.notifications.model import EmailKind
from services.auth.passkeys.repository import (
    BY_CREDENTIAL,
    PASSKEY,
    PASSKEY_COUNT,
    PASSKEYS,
    of_user,
)
from services.auth.security_log.model import Event
from services.auth.users.repository import USERS
from tests.services.auth.harness import EMAIL, METADATA, PASSWORD, AuthHarness
from tests.services.auth.passkeys.harness import CALL, Holder, add, asserted, holder, log_in, second
from tests.support.authenticator import Authenticator, new_key
from tests.support.clock import FixedClock
from tests.support.store import rows_between

EVE = "eve@example.com"


async def last_used(harness: AuthHarness, ada: Holder) -> list[Any]:
    """When each passkey of a user was last used."""
    found = await harness.store.read(lambda tx: of_user(tx, ada.result.user.user_id))
    return [passkey.last_used_time for passkey in found]


async def test_a_login_by_a_passkey_alone(harness: AuthHarness, clock: FixedClock) -> None:
    """It has two factors, and notes the use."""
    ada = await holder(harness)
    clock.advance(seconds=60)
    result = await log_in(harness, await asserted(harness, ada.authenticator))
    assert result.user.user_id == ada.result.user.user_id
    assert harness.caller(result).assurance is Assurance.AAL2
    (login,) = [
        one
        for one in await harness.logins_of(result)
        if one.login_id == harness.caller(result).login_id
    ]
    assert login.methods == {Method.KEY, Method.VERIFIED_USER, Method.TWO_FACTORS}
    assert await last_used(harness, ada) == [clock.now()]


async def test_a_login_by_a_password_and_a_passkey(harness: AuthHarness) -> None:
    """The challenge names the passkeys of the user; one that does not verify its user will do."""
    ada = await holder(harness)
    await holder(harness, EVE)
    challenge = await harness.challenge()
    assert challenge.kinds == ["passkey", "recovery_codes"]
    assert challenge.passkey_options is not None
    (allowed,) = challenge.passkey_options["allowCredentials"]
    assert allowed["transports"] == ["hybrid", "internal"]
    ada.authenticator.verifies = False
    result = await second(harness, ada.authenticator)
    assert harness.caller(result).assurance is Assurance.AAL2


async def test_a_user_without_a_passkey(harness: AuthHarness) -> None:
    """There are no options for one."""
    ada, eve = await holder(harness), await harness.register(EVE)
    for who, expected in ((ada.result, True), (eve, False)):
        user_id, passkeys = who.user.user_id, harness.parts.factors.passkeys
        options = await harness.store.read(
            lambda tx, user_id=user_id: passkeys.options_of(tx, user_id, "text")  # noqa: B023
        )
        assert (options is not None) == expected


async def test_a_passkey_that_has_not_verified_its_user(harness: AuthHarness) -> None:
    """It does not log in alone."""
    ada = await holder(harness)
    ada.authenticator.verifies = False
    with pytest.raises(PasskeyInvalid):
        await log_in(harness, await asserted(harness, ada.authenticator))


async def test_a_further_proof_by_a_passkey(harness: AuthHarness, clock: FixedClock) -> None:
    """It is recent then; the passkey of somebody else is none."""
    ada, eve = await holder(harness), await holder(harness, EVE)
    result = await log_in(harness, await asserted(harness, ada.authenticator))
    clock.advance(seconds=600)
    theirs = Answer(credential=await asserted(harness, eve.authenticator))
    with pytest.raises(SecondFactorWrong):
        await harness.reauthentication.by_second_factor(harness.call(result), theirs)
    answer = Answer(credential=await asserted(harness, ada.authenticator))
    tokens = await harness.reauthentication.by_second_factor(harness.call(result), answer)
    assert harness.verified(tokens).auth_second == int(clock.now().timestamp())


Change = Callable[[Authenticator], object]
WRONG: dict[str, Change] = {
    "origin": lambda one: setattr(one, "origin", "https://evil.example.com"),
    "domain": lambda one: setattr(one, "rp_id", "evil.example.com"),
    "key": lambda one: setattr(one, "key", new_key()),
    "user handle": lambda one: setattr(one, "user_handle", uuid4().bytes),
    "unknown": lambda one: setattr(one, "credential_id", uuid4().bytes),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
async def test_a_passkey_that_is_wrong(harness: AuthHarness, change: Change) -> None:
    """It gets one answer alone, and one after a password, and is not used."""
    ada = await holder(harness)
    options = (await harness.challenge()).passkey_options or {}
    change(ada.authenticator)
    with pytest.raises(PasskeyInvalid):
        await log_in(harness, await asserted(harness, ada.authenticator))
    answer = Answer(credential=ada.authenticator.get({**options, "allowCredentials": []}))
    with pytest.raises(SecondFactorWrong):
        await harness.answer(await harness.challenge(), answer)
    assert await last_used(harness, ada) == [None]


async def test_an_authenticator_that_does_not_know_its_user(harness: AuthHarness) -> None:
    """The id of the passkey says whose it is."""
    ada = await holder(harness)
    ada.authenticator.user_handle = None
    result = await second(harness, ada.authenticator)
    assert result.user.user_id == ada.result.user.user_id


async def test_the_passkey_of_another_user(harness: AuthHarness) -> None:
    """It logs in as that user alone, and is no second factor of anybody else."""
    ada, eve = await holder(harness), await holder(harness, EVE)
    result = await log_in(harness, await asserted(harness, eve.authenticator))
    assert result.user.user_id == eve.result.user.user_id
    challenge = await harness.challenge()
    options = {**(challenge.passkey_options or {}), "allowCredentials": []}
    for handle in (eve.result.user.user_id.bytes, ada.result.user.user_id.bytes, None):
        eve.authenticator.user_handle = handle
        answer = Answer(credential=eve.authenticator.get(options))
        with pytest.raises(SecondFactorWrong):
            await harness.answer(challenge, answer)


async def test_a_challenge_is_good_once(harness: AuthHarness, clock: FixedClock) -> None:
    """Also where the authenticator does not count; one that is too old is not good at all."""
    ada = await holder(harness, authenticator=Authenticator(counts=False))
    credential = await asserted(harness, ada.authenticator)
    await log_in(harness, credential)
    with pytest.raises(PasskeyInvalid):
        await log_in(harness, credential)
    late = await asserted(harness, ada.authenticator)
    clock.advance(seconds=LIFE.total_seconds())
    with pytest.raises(PasskeyInvalid):
        await log_in(harness, late)


async def test_a_login_twice_at_once(harness: AuthHarness) -> None:
    """One of them begins."""
    ada = await holder(harness, authenticator=Authenticator(counts=False))
    credential = await asserted(harness, ada.authenticator)
    logins = (log_in(harness, credential) for _ in range(2))
    outcomes = await asyncio.gather(*logins, return_exceptions=True)
    assert sum(isinstance(one, PasskeyInvalid) for one in outcomes) == 1


async def test_a_challenge_for_something_else(harness: AuthHarness) -> None:
    """One of a registration, of a second step, of another program, and none of ours at all."""
    ada = await holder(harness)
    creation = await harness.register_passkey.options(harness.call(ada.result))
    step = (await harness.challenge()).passkey_options or {}
    other = await harness.passkey_login.options(Call(None, {**METADATA, "user-agent": "other"}))
    options = (await harness.passkey_login.options(CALL)).options
    for challenge in (
        creation.options["challenge"],
        step["challenge"],
        other.options["challenge"],
        "AAAA",
        "_w",
    ):
        with pytest.raises(PasskeyInvalid):
            await log_in(harness, ada.authenticator.get({**options, "challenge": challenge}))


async def test_a_counter_that_goes_backwards(harness: AuthHarness, clock: FixedClock) -> None:
    """The passkey is refused; the log and a notice tell the user, and the counter stays."""
    ada = await holder(harness)
    result = await log_in(harness, await asserted(harness, ada.authenticator))
    copy = replace(ada.authenticator, counter=0)
    for _ in range(2):
        with pytest.raises(PasskeyInvalid):
            await log_in(harness, await asserted(harness, copy))
        clock.advance(seconds=1)
    assert copy.counter == ada.authenticator.counter
    challenge = await harness.challenge()
    copy.counter = 0
    answer = Answer(credential=copy.get(challenge.passkey_options or {}))
    with pytest.raises(SecondFactorWrong):
        await harness.answer(challenge, answer)
    assert Event.PASSKEY_COPIED in await harness.events(result)
    assert await harness.recipients(EmailKind.PASSKEY_COPIED) == 3 * [EMAIL]
    await log_in(harness, await asserted(harness, ada.authenticator))


async def test_a_counter_that_is_gone(harness: AuthHarness) -> None:
    """An authenticator that has counted does not stop; one that has not may begin."""
    ada, eve = (
        await holder(harness),
        await holder(harness, EVE, authenticator=Authenticator(counts=False)),
    )
    await log_in(harness, await asserted(harness, eve.authenticator))
    ada.authenticator.counts, ada.authenticator.counter = False, 0
    with pytest.raises(PasskeyInvalid):
        await log_in(harness, await asserted(harness, ada.authenticator))
    eve.authenticator.counts = True
    await log_in(harness, await asserted(harness, eve.authenticator))
    assert await harness.recipients(EmailKind.PASSKEY_COPIED) == [EMAIL]


async def test_an_answer_sent_again_is_no_copy(harness: AuthHarness) -> None:
    """A client may repeat a call whose answer it has lost; that does not alarm the user."""
    ada = await holder(harness)
    credential = await asserted(harness, ada.authenticator)
    result = await log_in(harness, credential)
    with pytest.raises(PasskeyInvalid):
        await log_in(harness, credential)
    challenge = await harness.challenge()
    answer = Answer(credential=ada.authenticator.get(challenge.passkey_options or {}))
    await harness.answer(challenge, answer)
    with pytest.raises(ChallengeInvalid):
        await harness.answer(challenge, answer)
    answer = Answer(credential=await asserted(harness, ada.authenticator))
    await harness.reauthentication.by_second_factor(harness.call(result), answer)
    again = await log_in(harness, await asserted(harness, ada.authenticator))
    with pytest.raises(PasskeyInvalid):
        await harness.reauthentication.by_second_factor(harness.call(again), answer)
    assert Event.PASSKEY_COPIED not in await harness.events(again)
    assert await harness.recipients(EmailKind.PASSKEY_COPIED) == []


async def test_a_wrong_signature_is_no_copy(harness: AuthHarness) -> None:
    """A stranger without the key cannot cause the notice."""
    ada = await holder(harness)
    result = await log_in(harness, await asserted(harness, ada.authenticator))
    stranger = replace(ada.authenticator, counter=0, key=new_key())
    with pytest.raises(PasskeyInvalid):
        await log_in(harness, await asserted(harness, stranger))
    assert Event.PASSKEY_COPIED not in await harness.events(result)
    assert await harness.recipients(EmailKind.PASSKEY_COPIED) == []


@pytest.mark.parametrize("credential", [{}, {"id": 7}, {"response": {"clientDataJSON": "e30"}}])
async def test_what_is_no_passkey(harness: AuthHarness, credential: dict[str, Any]) -> None:
    """It is refused alone and after a password."""
    ada = await holder(harness)
    with pytest.raises(PasskeyInvalid):
        await log_in(harness, credential)
    challenge = await harness.challenge()
    with pytest.raises(SecondFactorWrong):
        await harness.answer(challenge, Answer(credential=credential))
    good = Answer(credential=ada.authenticator.get(challenge.passkey_options or {}))
    await harness.answer(challenge, good)


async def test_list_and_rename(harness: AuthHarness) -> None:
    """The owner sees passkeys and names them; for anybody else they do not exist."""
    ada, eve = await holder(harness), await holder(harness, EVE)
    owner = (await add(harness, ada.result, Authenticator(), "Key")).result
    call = harness.call(owner)
    renamed = await harness.factors.rename(call, ada.factor.factor_id, "Old phone")
    assert renamed.name == "Old phone"
    for factor_id in (ada.factor.factor_id, uuid4()):
        with pytest.raises(FactorNotFound):
            await harness.factors.rename(harness.call(eve.result), factor_id, "Mine")
    for who, names in ((owner, {"Old phone", "Key"}), (eve.result, {"Phone"})):
        found = (await harness.factors.list(harness.call(who))).factors
        assert {factor.name for factor in found if factor.name} == names
    await log_in(harness, await asserted(harness, ada.authenticator))


async def test_remove(harness: AuthHarness) -> None:
    """The owner alone can; the passkey is unknown then, and can be registered again."""
    ada, eve = await holder(harness), await holder(harness, EVE)
    with pytest.raises(FactorNotFound):
        await harness.factors.remove(harness.call(eve.result), ada.factor.factor_id)
    await harness.factors.remove(harness.call(ada.result), ada.factor.factor_id)
    with pytest.raises(PasskeyInvalid):
        await log_in(harness, await asserted(harness, ada.authenticator))
    result = await harness.log_in()
    assert not result.user.second_factor
    await add(harness, result, ada.authenticator)
    await log_in(harness, await asserted(harness, ada.authenticator))
    await log_in(harness, await asserted(harness, eve.authenticator))


async def test_a_deleted_account_leaves_no_row(harness: AuthHarness) -> None:
    """Its passkey is unknown, and another user can register it."""
    ada = await holder(harness)
    families = (PASSKEY, BY_CREDENTIAL, PASSKEY_COUNT)
    assert all([await rows_between(harness.store, *family.range()) for family in families])
    credential = await asserted(harness, ada.authenticator)
    await harness.deletion.delete(harness.call(ada.result), PASSWORD)
    assert not any([await rows_between(harness.store, *family.range()) for family in families])
    with pytest.raises(PasskeyInvalid):
        await log_in(harness, credential)
    await holder(harness, EVE, ada.authenticator)


async def test_a_passkey_without_a_user(harness: AuthHarness) -> None:
    """If a passkey were left behind, it would be unknown all the same."""
    ada = await holder(harness)
    (passkey,) = await harness.store.read(lambda tx: of_user(tx, ada.result.user.user_id))
    credential = await asserted(harness, ada.authenticator)

    async def leave(tx: Write) -> None:
        await USERS.clear(tx, ada.result.user)
        await PASSKEYS.put(tx, passkey)

    await harness.store.write(leave)
    with pytest.raises(PasskeyInvalid):
        await log_in(harness, credential)
