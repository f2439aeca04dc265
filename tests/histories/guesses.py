"""Guesses at a password: the failures of an address are counted exactly, and stop all that follow.

A guess is two steps. It begins with a look at the failures on record: if there are any, it counts as
one before it is checked; if there are too many, it is stopped. It ends with its outcome: a wrong one
counts unless it does already, a right one clears the failures if it saw some. So a history is right
if these steps are, each somewhere between the call and its answer.

The pause that follows the first stop is longer than a history.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from tests.end_to_end.person import PASSWORD
from tests.histories.history import Answer, History, Operation
from tests.histories.world import Recorder, Request, World, concurrently, prepared

CLIENTS = 4
CALLS = 7
FREE = 10
"""The failures in a row before guesses are stopped (`GUESSES_FREE`)."""
_RIGHT = 0.4
_WRONG = "BAD_CREDENTIALS"


class Lane(NamedTuple):
    """The failures of an address.

    Attributes:
        failures: How many are on record.
        begun: The guesses that have begun, with what they have seen: `none`, `some` or `stopped`.
    """

    failures: int = 0
    begun: frozenset[tuple[int, str]] = frozenset()


class Guesses:
    """The model of the guesses at one address, in steps."""

    begin = Lane()

    def steps(self, state: Lane, operation: Operation) -> Iterable[Lane]:
        """The states behind a step of a guess."""
        number: int = operation.given["number"]
        if operation.what == "begin":
            return [_begun(state, number)]
        seen = {one: saw for one, saw in state.begun if one == number}.get(number)
        if seen is None:
            return []
        state = state._replace(begun=state.begun - {(number, seen)})
        answer, right = operation.answer, operation.given["right"]
        if answer is None:
            return {_ended(state, seen, right=right), *_given_up(state, seen)}
        succeeds = right and seen != "stopped"
        if answer.code != ("" if succeeds else _WRONG):
            return []
        return [_ended(state, seen, right=right)]


def _begun(state: Lane, number: int) -> Lane:
    """The lane behind the beginning of a guess."""
    if state.failures >= FREE:
        return state._replace(begun=state.begun | {(number, "stopped")})
    seen = "some" if state.failures else "none"
    counted = state.failures + (seen == "some")
    return Lane(counted, state.begun | {(number, seen)})


def _ended(state: Lane, seen: str, *, right: bool) -> Lane:
    """The lane behind the end of a guess."""
    if right and seen == "some":
        return state._replace(failures=0)
    return state._replace(failures=state.failures + (not right and seen == "none"))


def _given_up(state: Lane, seen: str) -> set[Lane]:
    """What a guess may leave whose caller went: it counts, or it is taken back."""
    if seen == "stopped":
        return {state}
    change = 1 if seen == "none" else -1
    return {state, state._replace(failures=max(0, state.failures + change))}


def in_steps(guesses: Iterable[Operation]) -> list[Operation]:
    """The two steps of each guess; both take place between the call and its answer."""
    steps = []
    for number, guess in enumerate(guesses):
        given = {"number": number, **guess.given}
        begin = replace(guess, what="begin", given=given)
        if guess.answer is not None:
            begin = replace(begin, answer=Answer())
        steps += [begin, replace(guess, what="end", given=given)]
    return steps


async def run(world: World) -> History[Any]:
    """Several clients guess one password, and some know it."""
    address = world.network()
    person = await prepared(lambda: world.register(address))
    history: History[Any] = History("an address", Guesses())
    recorder = Recorder(world, history, address)
    # In some histories the right ones come when guesses are about to be stopped.
    wrong_first, sent = world.random.choice((0, FREE - 2, FREE, FREE + 2)), [0]

    async def client() -> None:
        for _ in range(CALLS):
            sent[0] += 1
            right = sent[0] > wrong_first and world.random.random() < _RIGHT
            body = {"email": person.email, "password": PASSWORD if right else "another password"}
            await recorder.do("guess", Request("POST", "/auth/login", body), right=right)

    await concurrently(*(client() for _ in range(CLIENTS)))
    history.operations = in_steps(history.operations)
    return history
