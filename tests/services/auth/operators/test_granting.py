"""Who becomes an operator, and how that ends: on the command line, against the store alone."""

import asyncio
from dataclasses import replace

import pytest

from kernel.errors import OperatorRequired, UserIsOperator
from kernel.identity.callers import Assurance
from kernel.storage import Write
from services.auth.logins.devices import end_logins
from services.auth.logins.model import LoginResult
from services.auth.operator_log import repository as operator_log
from services.auth.operator_log.model import Act, OperatorAct
from services.auth.operators.errors import NotGranted
from services.auth.operators.granting import COMMAND, Granting
from services.auth.operators.repository import OPERATORS, require_operator, require_other
from services.auth.security_log.model import Event
from services.auth.totp.model import STEP_SECONDS
from services.auth.users.repository import USERS, require_user
from tests.services.auth.apps import Equipped, confirm, enroll, equipped
from tests.services.auth.harness import EMAIL, PASSWORD, AuthHarness

OTHER = "Bob@Example.com"


async def acts(harness: AuthHarness) -> list[OperatorAct]:
    """The operator log, the newest act first."""
    found = await harness.store.read(
        lambda tx: operator_log.acts(tx, lambda _: True, after=None, limit=100)
    )
    return found.items


async def surely(harness: AuthHarness, user: Equipped, email: str = EMAIL) -> LoginResult:
    """A new login with two factors."""
    result = await harness.answer(await harness.challenge(email), user.app.answer())
    harness.clock.advance(seconds=STEP_SECONDS)
    return result


async def test_a_user_becomes_an_operator(harness: AuthHarness) -> None:
    """From the next tokens on, which say it; the user and the operator log learn of it."""
    user = await equipped(harness)
    granting = Granting(harness.store, harness.clock)
    assert not harness.caller(user.result).operator
    await granting.grant(EMAIL.upper())
    caller = harness.caller(await surely(harness, user))
    assert (caller.operator, caller.assurance) == (True, Assurance.AAL2)
    assert [(one.user.email, one.operator.user_id) for one in await granting.list()] == [
        (EMAIL, caller.user_id)
    ]
    assert Event.OPERATOR_GRANTED in await harness.events(caller)
    (act,) = await acts(harness)
    assert (act.act, act.operator_id, act.user_id) == (Act.OPERATOR_GRANTED, None, caller.user_id)
    assert (act.device, act.reason) == (COMMAND, "")


async def test_who_cannot_become_one(harness: AuthHarness) -> None:
    """An address without an account, or not proved; a user without a second factor; an operator."""
    granting = Granting(harness.store, harness.clock)

    async def refused(email: str, why: str) -> None:
        with pytest.raises(NotGranted, match=why):
            await granting.grant(email)

    await refused("nobody@example.com", "no user with the address")
    await harness.register(OTHER)
    await refused(OTHER, "has not proved the address")
    result = await harness.register_proved()
    await refused(EMAIL, "has no second factor")
    await confirm(harness, result, await enroll(harness, result))
    await granting.grant(EMAIL)
    await refused(EMAIL, "is an operator already")
    assert [act.act for act in await acts(harness)] == [Act.OPERATOR_GRANTED]


async def test_a_disabled_user_does_not_become_one(harness: AuthHarness) -> None:
    """Else no operator could enable the account again."""
    user_id = (await equipped(harness)).result.user.user_id

    async def disable(tx: Write) -> None:
        user = await require_user(tx, user_id)
        await USERS.put(tx, replace(user, disable_time=harness.clock.now()))

    await harness.store.write(disable)
    with pytest.raises(NotGranted, match="is disabled"):
        await Granting(harness.store, harness.clock).grant(EMAIL)


async def test_a_further_proof_keeps_the_operator(harness: AuthHarness) -> None:
    """Its tokens say so, too: what asks for a recent proof could not be done with them otherwise."""
    user = await equipped(harness)
    granting = Granting(harness.store, harness.clock)
    await granting.grant(EMAIL)
    result = await surely(harness, user)
    call = harness.call(result)
    tokens = await harness.reauthentication.by_second_factor(call, user.app.answer())
    assert harness.verified(tokens).operator


async def test_a_further_proof_of_another_user_makes_no_operator(harness: AuthHarness) -> None:
    """Two factors alone do not."""
    user = await equipped(harness)
    call = harness.call(await surely(harness, user))
    tokens = await harness.reauthentication.by_second_factor(call, user.app.answer())
    assert not harness.verified(tokens).operator


async def test_a_revocation_ends_all_logins(harness: AuthHarness) -> None:
    """So a token that says it is refused everywhere, and the next login is an ordinary one."""
    user = await equipped(harness)
    await equipped(harness, OTHER)
    granting = Granting(harness.store, harness.clock)
    await granting.grant(EMAIL)
    await granting.grant(OTHER)
    result = await surely(harness, user)
    caller = harness.caller(result)
    await harness.store.read(lambda tx: require_operator(tx, caller))
    await granting.revoke(EMAIL)
    assert await harness.logins_of(result) == []
    assert caller.login_id in {one.source_id for one in await harness.revoked()}
    with pytest.raises(OperatorRequired):
        await harness.store.read(lambda tx: require_operator(tx, caller))
    again = harness.caller(await surely(harness, user))
    assert not again.operator
    assert (await acts(harness))[0].act == Act.OPERATOR_REVOKED
    with pytest.raises(NotGranted, match="is no operator"):
        await granting.revoke(EMAIL)


async def test_an_operator_without_a_second_factor_is_none(harness: AuthHarness) -> None:
    """Another factor does not bring it back: who sets it up may have the password and the mailbox alone."""
    user = await equipped(harness)
    await Granting(harness.store, harness.clock).grant(EMAIL)
    user_id = user.result.user.user_id

    async def clear(tx: Write) -> None:
        await harness.parts.factors.changes.clear_all(tx, await require_user(tx, user_id))
        await end_logins(tx, user_id, harness.clock.now())

    await harness.store.write(clear)
    assert await harness.store.read(lambda tx: OPERATORS.get(tx, user_id)) is None
    result = await harness.log_in()
    again = (await confirm(harness, result, await enroll(harness, result))).result
    caller = harness.caller(again)
    assert (caller.assurance, caller.operator) == (Assurance.AAL2, False)
    act = (await acts(harness))[0]
    assert (act.act, act.user_id) == (Act.OPERATOR_REVOKED, user_id)
    assert Event.OPERATOR_REVOKED in await harness.events(again)


async def test_the_last_operator(harness: AuthHarness) -> None:
    """Only `also_last` revokes that one."""
    await equipped(harness)
    granting = Granting(harness.store, harness.clock)
    await granting.grant(EMAIL)
    with pytest.raises(NotGranted, match="is the last operator"):
        await granting.revoke(EMAIL)
    await granting.revoke(EMAIL, also_last=True)
    assert await granting.list() == []


async def test_of_two_revocations_at_once_one_operator_stays(harness: AuthHarness) -> None:
    """Twenty times: the second revocation sees the first."""
    await equipped(harness)
    await equipped(harness, OTHER)
    granting = Granting(harness.store, harness.clock)
    for _ in range(20):
        for email in (EMAIL, OTHER):
            if email not in {one.user.email for one in await granting.list()}:
                await granting.grant(email)
        results = await asyncio.gather(
            granting.revoke(EMAIL), granting.revoke(OTHER), return_exceptions=True
        )
        assert sorted(isinstance(one, NotGranted) for one in results) == [False, True]
        assert len(await granting.list()) == 1


async def test_an_operator_who_deletes_the_account_is_none(harness: AuthHarness) -> None:
    """The row goes with the account, also that of the last operator; the log keeps the id."""
    user = await equipped(harness)
    await Granting(harness.store, harness.clock).grant(EMAIL)
    user_id = user.result.user.user_id
    await harness.deletion.delete(harness.call(user.result), PASSWORD)
    assert await harness.store.read(lambda tx: OPERATORS.get(tx, user_id)) is None
    assert [act.user_id for act in await acts(harness)] == [user_id]


async def test_no_operator_acts_on_an_operator(harness: AuthHarness) -> None:
    """Only the command line does, and only after a revocation."""
    user = await equipped(harness)
    require_other(user.result.user)
    await Granting(harness.store, harness.clock).grant(EMAIL)
    operator = await harness.store.read(lambda tx: USERS.get(tx, user.result.user.user_id))
    assert operator is not None
    with pytest.raises(UserIsOperator):
        require_other(operator)
