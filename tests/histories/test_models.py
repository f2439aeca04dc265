"""Each model accepts what the product promises, and refuses what breaks the promise."""

from math import inf
from typing import Any

import pytest

from tests.histories.checker import check
from tests.histories.devices import Devices
from tests.histories.guesses import FREE, Guesses, in_steps
from tests.histories.history import Answer, History, Model, Operation
from tests.histories.invitations import Invitations
from tests.histories.members import Members
from tests.histories.proofs import MOST_WRONG, Proofs
from tests.histories.refreshes import Refreshes
from tests.histories.repeats import LIMIT, Repeats
from tests.histories.revisions import Revisions, Session
from tests.histories.revocations import Access

LOST = "lost"
"""In place of a code: no answer came."""


def done(what: str, code: str = "", value: Any = None, **given: Any) -> tuple[Any, ...]:
    """An operation that runs while no other one does."""
    return what, code, value, given


def in_turn(model: Model[Any], *done: tuple[Any, ...]) -> History[Any]:
    """A history of operations that run one after the other."""
    operations = [
        Operation(
            what,
            float(number),
            inf if code == LOST else number + 0.5,
            None if code == LOST else Answer(code, value),
            given,
        )
        for number, (what, code, value, given) in enumerate(done)
    ]
    return History("a thing", model, operations)


def refresh(token: str, value: str = "", code: str = "") -> tuple[Any, ...]:
    """The use of a refresh token."""
    return done("refresh", code, value, token=token)


def change(to: str, revision: int, based_on: int | None = None, code: str = "") -> tuple[Any, ...]:
    """A change of a session."""
    given = {"name": to, "based_on": based_on}
    stale = (("currentRevision", str(revision)),)
    return "change", code, stale if code else Session(revision, to), given


def opened(key: str, value: str = "", code: str = "", name: str = "") -> tuple[Any, ...]:
    """A request for a new session under a key."""
    return done("open", code, value, key=key, name=name or key)


def guess(*, right: bool, code: str) -> tuple[Any, ...]:
    """A guess at a password."""
    return done("guess", code, right=right)


def by(caller: str, what: str, code: str = "", value: Any = None, **given: Any) -> tuple[Any, ...]:
    """What a member does whose token says the role of the beginning."""
    claims = {"ada": "owner", "bob": "admin", "cy": "member"}[caller]
    return what, code, value, {"caller": caller, "claims": claims, **given}


SPENT, REUSED = "REFRESH_TOKEN_INVALID", "IDEMPOTENCY_KEY_REUSED"
PROOF, DEVICE = "ONE_TIME_TOKEN_INVALID", "DEVICE_LOGIN_NOT_FOUND"
INVITATION, WRONG = "INVITATION_NOT_FOUND", "BAD_CREDENTIALS"
ROLES = {"ada": "owner", "bob": "admin", "cy": "member"}
WRONG_GUESS = guess(right=False, code=WRONG)

RIGHT = {
    "a repeat gets the same successor": in_turn(
        Refreshes("a"), refresh("a", "b"), refresh("a", "b"), refresh("b", "c")
    ),
    "a lost successor can be had again": in_turn(
        Refreshes("a"), refresh("a", code=LOST), refresh("a", "b"), refresh("b", "c")
    ),
    "an old token ends the login": in_turn(
        Refreshes("a"),
        refresh("a", "b"),
        refresh("b", "c"),
        refresh("a", code=SPENT),
        refresh("c", code=SPENT),
    ),
    "revisions count up": in_turn(
        Revisions("x"), change("y", 2, 1), change("z", 2, 1, "REVISION_STALE"), change("w", 3)
    ),
    "a lost change counts": in_turn(
        Revisions("x"), ("change", LOST, None, {"name": "y", "based_on": None}), change("z", 3)
    ),
    "a key makes one session": in_turn(
        Repeats(),
        opened("k", "1"),
        opened("k", "1"),
        opened("k", code=REUSED, name="other"),
        done("list", "", ("k",)),
        done("delete", "", name="k"),
        opened("k", code="SESSION_NOT_FOUND"),
    ),
    "an invitation is accepted once": in_turn(
        Invitations("t"),
        done("accept", "", user="bob", token="t"),
        done("accept", INVITATION, user="cy", token="t"),
        done("list members", "", ("bob",)),
    ),
    "roles decide": in_turn(
        Members(ROLES),
        by("bob", "change", "ROLE_MISSING", target="ada", role="member"),
        by("ada", "change", "LAST_OWNER", target="ada", role="member"),
        by("bob", "remove", target="cy"),
        by("cy", "list", "TENANT_NOT_FOUND"),
    ),
    "a code is good for some tries": in_turn(
        Proofs(), *[done("wrong code", PROOF)] * MOST_WRONG, done("code", PROOF), done("link")
    ),
    "a device gets one grant": in_turn(
        Devices(),
        done("ask", "authorization_pending"),
        done("approve", user="ada"),
        done("deny", DEVICE, user="bob"),
        done("ask"),
        done("list", "", True, user="ada"),
        done("ask", "invalid_grant"),
        done("list", "", False, user="ada"),
    ),
    "guesses are stopped": in_turn(Guesses(), *[WRONG_GUESS] * FREE, guess(right=True, code=WRONG)),
    "the right password clears the failures": in_turn(
        Guesses(),
        *[WRONG_GUESS] * (FREE - 1),
        guess(right=True, code=""),
        WRONG_GUESS,
        guess(right=True, code=""),
    ),
    "an ended token is refused": in_turn(
        Access(), done("use"), done("end"), done("use", "ACCESS_TOKEN_REVOKED")
    ),
}

BROKEN = {
    "two successors": in_turn(Refreshes("a"), refresh("a", "b"), refresh("a", "c")),
    "an old token is good": in_turn(
        Refreshes("a"), refresh("a", "b"), refresh("b", "c"), refresh("a", "b")
    ),
    "a login goes on after a theft": in_turn(
        Refreshes("a"),
        refresh("a", "b"),
        refresh("b", "c"),
        refresh("a", code=SPENT),
        refresh("c", "d"),
    ),
    "a login ends for no reason": in_turn(Refreshes("a"), refresh("a", code=SPENT)),
    "a change is lost": in_turn(Revisions("x"), change("y", 2), change("z", 2)),
    "a change of an old revision": in_turn(Revisions("x"), change("y", 2), change("z", 3, 1)),
    "a refused change took place": in_turn(
        Revisions("x"), change("y", 1, 2, "REVISION_STALE"), done("read", "", Session(2, "y"))
    ),
    "a key makes two sessions": in_turn(Repeats(), opened("k", "1"), opened("k", "2")),
    "a session that was made twice": in_turn(
        Repeats(), opened("k", "1"), done("list", "", ("k", "k"))
    ),
    "more sessions than the limit": in_turn(
        Repeats(), *[opened(str(number), str(number)) for number in range(LIMIT + 1)]
    ),
    "two people join": in_turn(
        Invitations("t"),
        done("accept", "", user="bob", token="t"),
        done("accept", "", user="cy", token="t"),
    ),
    "an old token of an invitation is good": in_turn(
        Invitations("t"), done("resend", "", "u"), done("accept", "", user="bob", token="t")
    ),
    "a withdrawn invitation is good": in_turn(
        Invitations("t"), done("withdraw"), done("accept", "", user="bob", token="t")
    ),
    "no owner remains": in_turn(Members(ROLES), by("ada", "remove", target="ada")),
    "an admin removes an owner": in_turn(Members(ROLES), by("bob", "remove", target="ada")),
    "a removed member acts": in_turn(
        Members(ROLES), by("ada", "remove", target="bob"), by("bob", "remove", target="cy")
    ),
    "a token is good twice": in_turn(Proofs(), done("link"), done("code")),
    "a code has no end": in_turn(Proofs(), *[done("wrong code", PROOF)] * 5, done("code")),
    "a device gets two grants": in_turn(
        Devices(), done("approve", user="ada"), done("ask"), done("ask")
    ),
    "a device gets in that was refused": in_turn(Devices(), done("deny", user="ada"), done("ask")),
    "a stolen code leaves its grant": in_turn(
        Devices(),
        done("approve", user="ada"),
        done("ask"),
        done("ask", "invalid_grant"),
        done("list", "", True, user="ada"),
    ),
    "guesses have no end": in_turn(Guesses(), *[WRONG_GUESS] * FREE, guess(right=True, code="")),
    "guesses are stopped too early": in_turn(
        Guesses(), *[WRONG_GUESS] * (FREE - 1), guess(right=True, code=WRONG)
    ),
    "an ended token is good": in_turn(Access(), done("end"), done("use")),
    "a token is refused too early": in_turn(
        Access(), done("use", "ACCESS_TOKEN_REVOKED"), done("end")
    ),
}

for _history in (*RIGHT.values(), *BROKEN.values()):
    if isinstance(_history.model, Guesses):
        _history.operations = in_steps(_history.operations)


@pytest.mark.parametrize("name", RIGHT)
def test_promises(name: str) -> None:
    """What is promised is possible."""
    assert check(RIGHT[name]) is None, check(RIGHT[name])


@pytest.mark.parametrize("name", BROKEN)
def test_broken_promises(name: str) -> None:
    """What breaks a promise is found."""
    assert check(BROKEN[name]) is not None
