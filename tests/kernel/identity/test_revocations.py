"""Revocations: what they reject, for how long, and when no token is trusted."""

import math
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from kernel.errors import AccessTokenRevoked, RevocationsStale
from kernel.identity.callers import Caller
from kernel.identity.revocations import Revocation, Revocations
from tests.support.clock import START, FixedClock
from tests.support.tokens import caller_of, somebody

NOW = int(START.timestamp())
CALLER = replace(caller_of(somebody()), issue_second=NOW)
OTHER_LOGIN = replace(CALLER, login_id=uuid4())
OTHER_TENANT = replace(OTHER_LOGIN, tenant_id=uuid4())
LATER = replace(OTHER_LOGIN, issue_second=NOW + 7200)
OTHER_USER = replace(OTHER_LOGIN, user_id=uuid4())
KEPT_SECONDS = 3600 + 120
"""How long after its time a revocation may matter: a token's longest life, and some slack."""


def fresh(clock: FixedClock) -> Revocations:
    """A fresh list without revocations."""
    revocations = Revocations(5, clock)
    revocations.mark_fresh()
    return revocations


def refused(revocations: Revocations, caller: Caller) -> bool:
    """Whether a caller's token is rejected."""
    try:
        revocations.check(caller)
    except AccessTokenRevoked:
        return True
    return False


@pytest.mark.parametrize(
    ("revocation", "expected"),
    [
        (Revocation(CALLER.user_id, START, CALLER.login_id), [True, False, False, False, False]),
        (Revocation(CALLER.user_id, START), [True, True, True, True, False]),
        (Revocation(CALLER.user_id, START - timedelta(hours=9)), [True, True, True, True, False]),
        (Revocation(uuid4(), START), [False] * 5),
        (Revocation(uuid4(), START, CALLER.login_id), [False] * 5),
    ],
    ids=["login", "user", "user, before", "other user", "foreign login"],
)
def test_revocations_reject_their_tokens(revocation: Revocation, expected: list[bool]) -> None:
    """It rejects a login's tokens, or all of a user's, whenever they were issued."""
    revocations = fresh(FixedClock())
    revocations.add([revocation])
    callers = [CALLER, OTHER_LOGIN, OTHER_TENANT, LATER, OTHER_USER]
    assert [refused(revocations, caller) for caller in callers] == expected


@pytest.mark.parametrize("of_all_users", [False, True])
def test_revocations_of_what_a_token_comes_from(of_all_users: bool) -> None:
    """A personal token, workspace session or client that ends takes its tokens along."""
    token, session, client = uuid4(), uuid4(), uuid4()
    program = replace(CALLER, sources=(token, session, client))
    for source in program.sources:
        revocations = fresh(FixedClock())
        user_id = None if of_all_users else CALLER.user_id
        revocations.add([Revocation(user_id, START, source)])
        assert refused(revocations, program)
        assert refused(revocations, replace(program, user_id=uuid4())) == of_all_users
        assert not refused(revocations, CALLER)
        assert not refused(revocations, replace(CALLER, sources=(uuid4(),)))


@pytest.mark.parametrize("everyone", [False, True])
def test_tokens_from_before_an_epoch(everyone: bool) -> None:
    """Epochs reject a tenant's older tokens, for one user or for all; times do not matter."""
    revocations = fresh(FixedClock())
    user_id = None if everyone else CALLER.user_id
    past = START - timedelta(seconds=800)
    revocations.add([Revocation(user_id, past, tenant_id=CALLER.tenant_id, tenant_epoch=5)])
    for epoch, expected in ((0, True), (4, True), (5, False), (6, False)):
        caller = replace(CALLER, tenant_epoch=epoch, issue_second=NOW)
        assert refused(revocations, caller) == expected
    colleague = replace(CALLER, user_id=uuid4(), tenant_epoch=4)
    assert refused(revocations, colleague) == everyone
    assert not refused(revocations, replace(OTHER_TENANT, tenant_epoch=4))


def pass_time(revocations: Revocations, clock: FixedClock, seconds: float) -> None:
    """Lets time pass, in which the feed sends a heartbeat each minute."""
    for _ in range(int(seconds // 60)):
        clock.advance(seconds=60)
        revocations.add([])
    clock.advance(seconds=seconds % 60)
    revocations.add([])
    revocations.mark_fresh()


def test_the_largest_epoch_applies() -> None:
    """A late or repeated delivery neither lowers the epoch nor shortens its life."""
    clock = FixedClock()
    revocations = fresh(clock)
    news = Revocation(CALLER.user_id, START, tenant_id=CALLER.tenant_id, tenant_epoch=5)
    revocations.add([news])
    pass_time(revocations, clock, 3600)
    again = replace(news, revoke_time=clock.now())
    revocations.add([again, replace(again, tenant_epoch=3), replace(news, tenant_epoch=2)])
    pass_time(revocations, clock, KEPT_SECONDS + 3600)
    assert refused(revocations, replace(CALLER, tenant_epoch=4))
    assert not refused(revocations, replace(CALLER, tenant_epoch=5))
    pass_time(revocations, clock, 61)
    assert (len(revocations), len(revocations._by_end)) == (0, 0)


def test_a_revocation_is_dropped_an_hour_after_the_last_token() -> None:
    """A revocation is dropped once every token from before it has been expired for an hour."""
    clock = FixedClock()
    revocations = fresh(clock)
    revocations.add(Revocation(uuid4(), START) for _ in range(1000))
    pass_time(revocations, clock, KEPT_SECONDS + 3600)
    assert len(revocations) == 1000
    pass_time(revocations, clock, 61)
    assert (len(revocations), len(revocations._by_end)) == (0, 0)


def test_a_repeated_revocation_is_kept_for_its_last_life() -> None:
    """A repeated revocation is dropped after its second life."""
    clock = FixedClock()
    revocations = fresh(clock)
    revocations.add([Revocation(CALLER.user_id, START)])
    pass_time(revocations, clock, 1800)
    revocations.add([Revocation(CALLER.user_id, clock.now())])
    pass_time(revocations, clock, KEPT_SECONDS + 3600)
    assert len(revocations) == 1
    pass_time(revocations, clock, 61)
    assert len(revocations) == 0


def test_a_clock_that_jumps_ahead_and_comes_back_drops_nothing() -> None:
    """A revocation stays in force although the clock was days ahead for some minutes."""
    clock = FixedClock()
    revocations = fresh(clock)
    pass_time(revocations, clock, 7200)
    revocations.add([Revocation(CALLER.user_id, clock.now(), CALLER.login_id)])
    for _ in range(3):
        clock.set_ahead(days=3)
        pass_time(revocations, clock, 600)
        clock.set_ahead(days=-3)
        pass_time(revocations, clock, 60)
    assert refused(revocations, CALLER)


def test_a_clock_an_hour_ahead_drops_no_revocation_early() -> None:
    """While a clock is an hour ahead, and when it is set right, the revoked token stays refused."""
    clock = FixedClock()
    revocations = fresh(clock)
    pass_time(revocations, clock, 7200)
    clock.set_ahead(hours=1)
    issued, life = clock.now(), 3600
    revocations.add([Revocation(CALLER.user_id, issued, CALLER.login_id)])
    pass_time(revocations, clock, 3590 + life + 120)  # long enough for the ahead clock to forget it
    clock.set_ahead(hours=-1)
    revocations.add([])
    assert clock.now() - issued < timedelta(seconds=KEPT_SECONDS)
    assert refused(revocations, CALLER)


def test_a_revocation_from_a_clock_that_was_ahead_holds_back_no_other() -> None:
    """A revocation dated tomorrow stays; one of today that came after it goes in time."""
    clock = FixedClock()
    revocations = fresh(clock)
    ahead = Revocation(CALLER.user_id, START + timedelta(days=1), CALLER.login_id)
    revocations.add([ahead, Revocation(uuid4(), START)])
    pass_time(revocations, clock, KEPT_SECONDS + 3600 + 61)
    assert len(revocations) == 1
    assert refused(revocations, CALLER)


def test_a_process_that_has_just_started_drops_nothing() -> None:
    """In its first hour a process keeps even what is old by its clock: that may be ahead."""
    clock = FixedClock()
    revocations = fresh(clock)
    revocations.add([Revocation(CALLER.user_id, START - timedelta(days=1), CALLER.login_id)])
    pass_time(revocations, clock, 3540)
    assert refused(revocations, CALLER)
    pass_time(revocations, clock, 60)
    assert len(revocations) == 0


async def test_silence_stops_trust() -> None:
    """Before the first message, and after five seconds without one, no token is valid."""
    clock = FixedClock()
    revocations = Revocations(5, clock)
    with pytest.raises(RevocationsStale) as error:
        revocations.check(CALLER)
    assert error.value.retry_after == 1
    revocations.mark_fresh()
    clock.advance(seconds=5)
    revocations.check(CALLER)
    await revocations.ready()
    clock.advance(milliseconds=1)
    with pytest.raises(RevocationsStale):
        revocations.check(CALLER)
    with pytest.raises(RevocationsStale):
        await revocations.ready()
    revocations.mark_fresh()
    revocations.check(CALLER)


@pytest.mark.parametrize(
    "revocation",
    [
        Revocation(uuid4(), START + timedelta(milliseconds=5)),
        Revocation(uuid4(), START, source_id=uuid4()),
        Revocation(uuid4(), START, tenant_id=uuid4(), tenant_epoch=7),
        Revocation(None, START, tenant_id=uuid4(), tenant_epoch=1),
    ],
)
def test_the_feed_message_round_trips(revocation: Revocation) -> None:
    """The feed's message preserves every kind of revocation."""
    assert Revocation.of(revocation.message()) == revocation


def test_the_age_of_the_feed_is_known() -> None:
    """It is infinite before the feed is first heard, and begins anew each time it is."""
    clock = FixedClock()
    revocations = Revocations(5, clock)
    ages = [revocations.age()]
    revocations.mark_fresh()
    ages.append(revocations.age())
    clock.advance(seconds=7)
    ages.append(revocations.age())
    revocations.mark_fresh()
    assert [*ages, revocations.age()] == [math.inf, 0, 7, 0]
