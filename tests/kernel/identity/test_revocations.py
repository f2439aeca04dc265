"""Revocations: what they reject, for how long, and when no token is trusted."""

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
LATER = replace(OTHER_LOGIN, issue_second=NOW + 1)


def fresh(clock: FixedClock) -> Revocations:
    """A fresh list without revocations."""
    revocations = Revocations(900, 5, clock)
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
        (Revocation(CALLER.user_id, START, CALLER.login_id), [True, False, False, False]),
        (Revocation(CALLER.user_id, START), [True, True, True, False]),
        (Revocation(CALLER.user_id, START - timedelta(seconds=1)), [False] * 4),
        (Revocation(CALLER.user_id, START + timedelta(seconds=1)), [True] * 4),
        (Revocation(uuid4(), START), [False] * 4),
        (Revocation(uuid4(), START, CALLER.login_id), [False] * 4),
        (Revocation(CALLER.user_id, START - timedelta(hours=1), CALLER.login_id), [False] * 4),
    ],
    ids=["login", "user", "before", "after", "other user", "foreign login", "old login"],
)
def test_revocations_reject_their_tokens(revocation: Revocation, expected: list[bool]) -> None:
    """It rejects a login's tokens, or a user's issued up to and including the revocation's second."""
    revocations = fresh(FixedClock())
    revocations.add([revocation])
    callers = [CALLER, OTHER_LOGIN, OTHER_TENANT, LATER]
    assert [refused(revocations, caller) for caller in callers] == expected


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


def test_the_largest_epoch_applies() -> None:
    """A late or repeated delivery neither lowers the epoch nor shortens its life."""
    clock = FixedClock()
    revocations = fresh(clock)
    news = Revocation(CALLER.user_id, START, tenant_id=CALLER.tenant_id, tenant_epoch=5)
    revocations.add([news])
    clock.advance(seconds=500)
    again = replace(news, revoke_time=clock.now())
    revocations.add([again, replace(again, tenant_epoch=3), replace(news, tenant_epoch=2)])
    clock.advance(seconds=500)
    revocations.add([])
    revocations.mark_fresh()
    assert refused(revocations, replace(CALLER, tenant_epoch=4))
    assert not refused(revocations, replace(CALLER, tenant_epoch=5))
    clock.advance(seconds=500)
    revocations.add([])
    assert (len(revocations), len(revocations._by_age)) == (0, 0)


def test_the_latest_revocation_applies() -> None:
    """A user can be revoked again; an older entry that arrives late does not undo it."""
    revocations = fresh(FixedClock())
    revocations.add(
        [Revocation(CALLER.user_id, START + timedelta(seconds=second)) for second in (0, 10, 5)]
    )
    assert refused(revocations, replace(CALLER, issue_second=NOW + 10))
    assert not refused(revocations, replace(CALLER, issue_second=NOW + 11))


def test_a_revocation_is_dropped_with_the_last_token() -> None:
    """A revocation is dropped one minute after the last token that it could affect has expired."""
    clock = FixedClock()
    revocations = fresh(clock)
    revocations.add(Revocation(uuid4(), START) for _ in range(1000))
    clock.advance(seconds=960)
    revocations.add([])
    assert len(revocations) == 1000
    clock.advance(seconds=1)
    revocations.add([])
    assert (len(revocations), len(revocations._by_age)) == (0, 0)


def test_a_repeated_revocation_is_kept_for_its_last_life() -> None:
    """A repeated revocation is dropped after its second life."""
    clock = FixedClock()
    revocations = fresh(clock)
    revocations.add([Revocation(CALLER.user_id, START)])
    clock.advance(seconds=500)
    revocations.add([Revocation(CALLER.user_id, clock.now())])
    clock.advance(seconds=500)
    revocations.add([])
    assert len(revocations) == 1
    clock.advance(seconds=500)
    revocations.add([])
    assert len(revocations) == 0


async def test_silence_stops_trust() -> None:
    """Before the first message, and after five seconds without one, no token is valid."""
    clock = FixedClock()
    revocations = Revocations(900, 5, clock)
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
        Revocation(uuid4(), START, login_id=uuid4()),
        Revocation(uuid4(), START, tenant_id=uuid4(), tenant_epoch=7),
        Revocation(None, START, tenant_id=uuid4(), tenant_epoch=1),
    ],
)
def test_the_feed_message_round_trips(revocation: Revocation) -> None:
    """The feed's message preserves every kind of revocation."""
    assert Revocation.of(revocation.message()) == revocation
