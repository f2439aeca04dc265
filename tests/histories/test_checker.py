"""The checker finds known faults of histories, and accepts histories that are right."""

from collections.abc import Hashable, Iterable
from dataclasses import replace
from itertools import permutations
from math import inf
from random import Random
from typing import Any

import pytest

from tests.histories.checker import Undecided, check
from tests.histories.history import Answer, History, Model, Operation


class Register:
    """A value that is written, read and compared."""

    begin = 0

    def steps(self, state: int, operation: Operation) -> Iterable[int]:
        """The states behind an operation."""
        answer, given = operation.answer, operation.given
        if operation.what == "read":
            return [state] if answer is not None and answer.value == state else []
        if operation.what == "write":
            return [given["value"]]
        succeeds = state == given["old"]
        if answer is not None and answer.is_success is not succeeds:
            return []
        return [given["new"] if succeeds else state]


class Counter:
    """A number that grows by one, and each caller is told which it has made."""

    begin = 0

    def steps(self, state: int, operation: Operation) -> Iterable[int]:
        """The states behind an operation."""
        answer = operation.answer
        return [state + 1] if answer is None or answer.value == state + 1 else []


class Coin:
    """Something that is spent once."""

    begin = False

    def steps(self, state: bool, operation: Operation) -> Iterable[bool]:
        """The states behind an operation."""
        answer = operation.answer
        return [True] if answer is None or answer.is_success is not state else []


def of(model: Model[Any], *operations: Operation) -> History[Any]:
    """A history."""
    return History("a thing", model, list(operations))


def write(began: float, ended: float, value: int) -> Operation:
    """A write that succeeds; without an answer if it never ends."""
    answer = None if ended == inf else Answer()
    return Operation("write", began, ended, answer, {"value": value})


def read(began: float, ended: float, value: int) -> Operation:
    """A read."""
    return Operation("read", began, ended, Answer("", value), reads=True)


def swap(began: float, ended: float, old: int, new: int, *, done: bool = True) -> Operation:
    """A comparison that writes."""
    answer = Answer("" if done else "STALE")
    return Operation("swap", began, ended, answer, {"old": old, "new": new})


def add(began: float, ended: float, value: int | None) -> Operation:
    """An increment; without an answer if the value is None."""
    return Operation("add", began, ended, None if value is None else Answer("", value))


def spend(began: float, ended: float, *, done: bool = True) -> Operation:
    """A use of a coin."""
    return Operation("spend", began, ended, Answer("" if done else "SPENT"))


GOOD = {
    "nothing": of(Register()),
    "one after the other": of(Register(), write(0, 1, 5), read(2, 3, 5)),
    "a read beside a write sees the old": of(Register(), write(0, 3, 5), read(1, 2, 0)),
    "a read beside a write sees the new": of(Register(), write(0, 3, 5), read(1, 2, 5)),
    "writes in either order": of(Register(), write(0, 4, 1), write(1, 3, 2), read(5, 6, 1)),
    "a swap fails beside another one": of(
        Register(), swap(0, 2, 0, 1), swap(1, 3, 0, 2, done=False), read(4, 5, 1)
    ),
    "counted in an order that is not that of the ends": of(Counter(), add(0, 9, 1), add(1, 2, 2)),
    "spent once": of(Coin(), spend(0, 1), spend(2, 3, done=False)),
    "the later call spends": of(Coin(), spend(0, 5, done=False), spend(1, 4)),
    "an unknown write takes place": of(Register(), write(0, inf, 5), read(1, 2, 0), read(3, 4, 5)),
    "an unknown write takes place much later": of(
        Register(), write(0, inf, 5), write(1, 2, 1), read(3, 4, 1), read(5, 6, 5)
    ),
    "an unknown write never takes place": of(Register(), write(0, inf, 5), read(1, 2, 0)),
    "an unknown increment is counted": of(Counter(), add(0, inf, None), add(1, 2, 2)),
    "times that touch overlap": of(Register(), write(0, 1, 5), read(1, 2, 0)),
}

BAD = {
    "a stale read": of(Register(), write(0, 1, 5), read(2, 3, 0)),
    "a read goes back": of(Register(), write(0, 9, 5), read(1, 2, 5), read(3, 4, 0)),
    "two readers disagree about the order": of(
        Register(), write(0, 1, 1), write(0, 1, 2), read(2, 3, 1), read(4, 5, 2)
    ),
    "a lost update": of(Register(), swap(0, 2, 0, 1), swap(1, 3, 0, 2)),
    "a refused swap took place": of(Register(), swap(0, 1, 0, 7, done=False)),
    "a lost increment": of(Counter(), add(0, 1, 1), add(2, 3, 1)),
    "an increment counted twice": of(Counter(), add(0, 1, 1), add(2, 3, 3)),
    "spent twice": of(Coin(), spend(0, 2), spend(1, 3)),
    "refused before it was spent": of(Coin(), spend(0, 1, done=False), spend(2, 3)),
    "an unknown write takes place twice": of(
        Register(), write(0, inf, 5), read(1, 2, 5), write(3, 4, 1), read(5, 6, 5)
    ),
    "an unknown write takes place before it began": of(Register(), read(0, 1, 5), write(2, inf, 5)),
    "an unknown increment is counted twice": of(Counter(), add(0, inf, None), add(1, 2, 3)),
}


@pytest.mark.parametrize("name", GOOD)
def test_good_histories(name: str) -> None:
    """A history that some order explains is accepted."""
    assert check(GOOD[name]) is None


@pytest.mark.parametrize("name", BAD)
def test_bad_histories(name: str) -> None:
    """A history that no order explains is refused."""
    assert check(BAD[name]) is not None


def test_what_a_violation_says() -> None:
    """A violation shows the longest order, the state, and the operations that do not fit."""
    found = check(of(Register(), write(0, 1, 5), read(2, 3, 0), read(4, 5, 5)))
    assert found is not None
    assert [one.what for one in found.order] == ["write"]
    assert (found.state, [one.what for one in found.stuck]) == (5, ["read"])
    assert "a thing: not linearizable" in str(found)


def test_a_search_that_is_too_large() -> None:
    """A search that reaches its limit says so, and decides nothing."""
    many = [write(0, 10, value) for value in range(1, 12)]
    with pytest.raises(Undecided):
        check(of(Register(), *many, read(11, 12, 0)), most=1000)


def test_many_reads_at_once() -> None:
    """Concurrent reads are one search, whatever their number: their order does not matter."""
    reads = [read(0, 10, 0) for _ in range(30)] + [read(0, 10, 5) for _ in range(30)]
    assert check(of(Register(), write(1, 2, 5), *reads), most=1000) is None
    assert check(of(Register(), write(1, 2, 5), *reads, read(3, 4, 0)), most=1000) is not None


@pytest.mark.parametrize("seed", range(300))
def test_random_histories(seed: int) -> None:
    """The checker agrees with a search through all orders, on small random histories."""
    random = Random(seed)
    operations = []
    for _ in range(random.randint(3, 6)):
        began = float(random.randint(0, 8))
        ended = random.choice((began + random.randint(1, 5), inf))
        value = random.randint(0, 2)
        made = random.choice((write, read))(began, ended, value)
        swapped = swap(began, ended, value, random.randint(0, 2), done=random.random() < 0.5)
        made = random.choice((made, swapped))
        operations.append(_without_answer(made) if ended == inf else made)
    history = of(Register(), *operations)
    assert (check(history) is None) is _explained(history)


def _without_answer(operation: Operation) -> Operation:
    if operation.what == "read":  # one without an answer says nothing
        return replace(operation, ended=operation.began + 1)
    return Operation(operation.what, operation.began, inf, None, operation.given)


def _explained(history: History[Any]) -> bool:
    """Whether some order explains a history: all subsets of the unknown, in all orders."""
    known = [one for one in history.operations if one.answer is not None]
    unknown = [one for one in history.operations if one.answer is None]
    for bits in range(1 << len(unknown)):
        took_place = [one for number, one in enumerate(unknown) if bits >> number & 1]
        for order in permutations([*known, *took_place]):
            if _keeps_times(order) and _fits(history.model, order):
                return True
    return False


def _keeps_times(order: tuple[Operation, ...]) -> bool:
    return all(
        first.began <= later.ended
        for number, first in enumerate(order)
        for later in order[number + 1 :]
    )


def _fits(model: Model[Any], order: tuple[Operation, ...]) -> bool:
    states: set[Hashable] = {model.begin}
    for operation in order:
        states = {after for state in states for after in model.steps(state, operation)}
    return bool(states)
