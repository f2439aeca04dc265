"""Revocations: what they refuse, for how long, and when nobody is trusted."""

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
    """None so far, heard just now."""
    revocations = Revocations(900, 5, clock)
    revocations.mark_fresh()
    return revocations


def refused(revocations: Revocations, caller: Caller) -> bool:
    """Whether a caller's token is refused."""
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
def test_what_is_refused(revocation: Revocation, expected: list[bool]) -> None:
    """A login's own tokens; a user's up to and with the second of the revocation."""
    revocations = fresh(FixedClock())
    revocations.add([revocation])
    callers = [CALLER, OTHER_LOGIN, OTHER_TENANT, LATER]
    assert [refused(revocations, caller) for caller in callers] == expected


@pytest.mark.parametrize("everybody", [False, True])
def test_tokens_from_before_an_epoch(everybody: bool) -> None:
    """Those of a tenant are refused by its epoch, one user's or everybody's; no clock counts."""
    revocations = fresh(FixedClock())
    user_id = None if everybody else CALLER.user_id
    past = START - timedelta(seconds=800)
    revocations.add([Revocation(user_id, past, tenant_id=CALLER.tenant_id, tenant_epoch=5)])
    for epoch, expected in ((0, True), (4, True), (5, False), (6, False)):
        caller = replace(CALLER, tenant_epoch=epoch, issue_second=NOW)
        assert refused(revocations, caller) == expected
    colleague = replace(CALLER, user_id=uuid4(), tenant_epoch=4)
    assert refused(revocations, colleague) == everybody
    assert not refused(revocations, replace(OTHER_TENANT, tenant_epoch=4))


def test_the_largest_epoch_counts() -> None:
    """What is delivered late, or again, neither lowers the epoch nor shortens its life."""
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


def test_the_last_one_counts() -> None:
    """A user can be revoked again; an older entry that comes late does not undo it."""
    revocations = fresh(FixedClock())
    revocations.add(
        [Revocation(CALLER.user_id, START + timedelta(seconds=second)) for second in (0, 10, 5)]
    )
    assert refused(revocations, replace(CALLER, issue_second=NOW + 10))
    assert not refused(revocations, replace(CALLER, issue_second=NOW + 11))


def test_nothing_is_kept_longer_than_a_token_lives() -> None:
    """A minute after the last token that it could meet, a revocation is forgotten."""
    clock = FixedClock()
    revocations = fresh(clock)
    revocations.add(Revocation(uuid4(), START) for _ in range(1000))
    clock.advance(seconds=960)
    revocations.add([])
    assert len(revocations) == 1000
    clock.advance(seconds=1)
    revocations.add([])
    assert (len(revocations), len(revocations._by_age)) == (0, 0)


def test_a_repeated_one_is_kept_for_its_last_time() -> None:
    """What was revoked twice is forgotten after the second life."""
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
    """Before the first word, and after five seconds without one, no token is good."""
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
        Revocation(uuid4(), START + timedelta(microseconds=5)),
        Revocation(uuid4(), START, login_id=uuid4()),
        Revocation(uuid4(), START, tenant_id=uuid4(), tenant_epoch=7),
        Revocation(None, START, tenant_id=uuid4(), tenant_epoch=1),
    ],
)
def test_a_message_and_back(revocation: Revocation) -> None:
    """The feed carries every kind whole."""
    assert Revocation.of(revocation.message()) == revocation
