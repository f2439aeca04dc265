"""Operators who act, and are revoked, at the same time, in two replicas."""

from collections.abc import Awaitable

import pytest

from kernel.errors import OperatorRequired
from kernel.storage import Store
from services.auth.logins.model import LoginResult
from services.auth.operator_log import repository as operator_log
from services.auth.operator_log.model import Act, OperatorAct
from services.auth.operators.errors import NotGranted
from services.auth.operators.granting import Granting
from services.auth.operators.repository import require_operator
from services.auth.security_log.model import Event
from services.auth.totp.model import STEP_SECONDS
from tests.races.race import Race, reason_of
from tests.races.scenario import accepted
from tests.services.auth.apps import Equipped, equipped
from tests.services.auth.harness import AuthHarness
from tests.services.auth.operator_users.desk import Desk, dismiss, open_desk
from tests.support.in_process import InProcessSystem

REASON = "Ticket 4711"


async def test_one_of_two_last_operators_stays(
    systems: list[InProcessSystem], race: Race, store: Store
) -> None:
    """Of two revocations at once, in two replicas, one is refused: the last operator stays."""
    first = systems[0].auth
    emails = ("ada@example.com", "bob@example.com")
    for email in emails:
        await equipped(first, email)
    granting = Granting(store, first.clock)
    for _ in race.rounds():
        for email in emails:
            await _refused(granting.grant(email))
        some = race.random.choices(systems, k=2)
        refusals = await race.run(
            *(
                _refused(Granting(one.auth.store, one.auth.clock).revoke(email))
                for one, email in zip(some, emails, strict=True)
            )
        )
        assert sorted(map(bool, refusals)) == [False, True]
        (left,) = await granting.list()
        assert left.user.email == emails[refusals.index(next(filter(None, refusals)))]


async def test_an_act_is_before_or_after_the_revocation(
    systems: list[InProcessSystem], race: Race, store: Store
) -> None:
    """An act that is in the log is before the end of its operator; one after it changes nothing."""
    for number in race.rounds():
        some = race.random.choices(systems, k=2)
        desk = await open_desk(some[0].auth, f"operator{number}@example.com")
        user = (await systems[0].register(number)).user
        disabled, dismissed = await race.run(
            desk.access.disable(desk.call, user.user_id, REASON), dismiss(some[1].auth, desk)
        )
        assert reason_of(dismissed) == ""
        assert reason_of(disabled) in {"", OperatorRequired.reason}
        done = [one.act for one in await _acts(store) if one.user_id == user.user_id]
        assert done == ([Act.USER_DISABLED] if reason_of(disabled) == "" else [])
        after = await desk.user(user.user_id)
        assert after is not None
        assert after.disabled == (reason_of(disabled) == "")


async def test_the_same_act_of_two_operators_is_one(
    systems: list[InProcessSystem], race: Race, store: Store
) -> None:
    """Of two operators who disable a user at once, one has done it, and both are answered."""
    desks = [await open_desk(one.auth, f"operator{n}@example.com") for n, one in enumerate(systems)]
    for number in race.rounds():
        who = await systems[0].register(number)
        user_id = who.user.user_id
        reasons = await race.reasons(
            *(desk.access.disable(desk.call, user_id, REASON) for desk in desks)
        )
        assert reasons == [""] * len(desks)
        acts = [one for one in await _acts(store) if one.user_id == user_id]
        assert [one.act for one in acts] == [Act.USER_DISABLED]
        events = await systems[0].auth.events(who)
        assert events.count(Event.ACCOUNT_DISABLED) == 1


async def test_opposite_acts_are_in_the_order_of_the_log(
    systems: list[InProcessSystem], race: Race, store: Store
) -> None:
    """One operator disables, one enables: the last entry says what the user is."""
    desks: list[Desk] = [
        await open_desk(one.auth, f"operator{n}@example.com") for n, one in enumerate(systems)
    ]
    for number in race.rounds():
        user_id = (await systems[0].register(number)).user.user_id
        one, other = race.random.sample(desks, 2)
        reasons = await race.reasons(
            one.access.disable(one.call, user_id, REASON),
            other.access.enable(other.call, user_id, REASON),
        )
        assert reasons == ["", ""]
        newest = next(act for act in await _acts(store) if act.user_id == user_id)
        after = await one.user(user_id)
        assert after is not None
        assert after.disabled == (newest.act == Act.USER_DISABLED)


@pytest.mark.parametrize("way", ["refresh", "login"])
async def test_no_token_of_an_operator_outlives_the_revocation(
    systems: list[InProcessSystem], race: Race, store: Store, way: str
) -> None:
    """A login or a refresh meanwhile: a token that says `operator` is refused in every replica."""
    first = systems[0].auth
    user = await equipped(first, "ada@example.com")
    granting = Granting(store, first.clock)
    for _ in race.rounds():
        await granting.grant("ada@example.com")
        begun = await _log_in(first, user)
        assert first.caller(begun).operator
        one, other = race.random.choices(systems, k=2)
        again = one.refresh(begun) if way == "refresh" else _log_in(one.auth, user)
        revoke = Granting(other.auth.store, other.auth.clock).revoke
        outcome, _ = await race.run(again, revoke("ada@example.com", also_last=True))
        assert reason_of(outcome) in {"", "REFRESH_TOKEN_INVALID", "BAD_CREDENTIALS"}
        tokens = [first.caller(begun)]
        if not reason_of(outcome):
            tokens.append(first.caller(outcome) if way == "login" else outcome)
        for system in systems:
            await system.mark_fresh()
            assert not any(accepted(system, token) for token in tokens if token.operator)
        with pytest.raises(OperatorRequired):
            await store.read(lambda tx: require_operator(tx, tokens[0]))  # noqa: B023


async def _refused(command: Awaitable[object]) -> str:
    """Why a command was refused; empty if it is done."""
    try:
        await command
    except NotGranted as refusal:
        return str(refusal)
    return ""


async def _acts(store: Store) -> list[OperatorAct]:
    """The operator log, the newest act first."""
    found = await store.read(
        lambda tx: operator_log.acts(tx, lambda _: True, after=None, limit=1_000)
    )
    return found.items


async def _log_in(auth: AuthHarness, user: Equipped) -> LoginResult:
    """A login with two factors; each takes a code of its own."""
    auth.clock.advance(seconds=STEP_SECONDS)
    challenge = await auth.challenge("ada@example.com")
    return await auth.answer(challenge, user.app.answer())
