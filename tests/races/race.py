"""Calls that start together in a random order, repeated for many rounds."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from itertools import permutations
from random import Random
from typing import Any, TypeAlias, TypeVar

from kernel.errors import ServiceError

State = TypeVar("State")

Attempt: TypeAlias = Coroutine[Any, Any, Any]
Move: TypeAlias = Callable[[State], tuple[Any, State]]
"""What a call does when it runs alone: takes a state, returns the outcome and the next state."""

_SPREAD_SECONDS = 0.003  # about the duration of a transaction, so that some calls overlap


class Race:
    """A race that is run for a number of rounds.

    Args:
        seed: Determines everything random in the race.
        rounds: The number of rounds.

    Attributes:
        random: The source of everything random.
    """

    def __init__(self, seed: int, rounds: int) -> None:
        self.random = Random(seed)
        self._rounds = rounds

    def rounds(self) -> Iterator[int]:
        """The numbers of the rounds."""
        yield from range(self._rounds)

    async def run(self, *calls: Attempt) -> list[Any]:
        """Runs the calls concurrently and returns the outcome of each: a result or a `ServiceError`.

        In some rounds all start at once, in random order; in others they start one after the
        other while the earlier ones still run. Raises any other error.
        """
        spread = self.random.choice((0.0, _SPREAD_SECONDS))
        starts = [self.random.uniform(0, spread) for _ in calls]
        order = self.random.sample(range(len(calls)), len(calls))
        started = {
            number: asyncio.create_task(_begin(calls[number], starts[number])) for number in order
        }
        results = await asyncio.gather(*started.values(), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, ServiceError):
                raise result
        found = dict(zip(started, results, strict=True))
        return [found[number] for number in range(len(calls))]

    async def reasons(self, *calls: Attempt) -> list[str]:
        """Like `run`, but returns the reason of each refusal; empty for a call that succeeds."""
        return [reason_of(result) for result in await self.run(*calls)]


def reason_of(result: Any) -> str:
    """The reason of a refusal; empty if the call succeeded."""
    return result.reason if isinstance(result, ServiceError) else ""


def explained(
    begin: State, moves: Sequence[Move[State]], outcomes: Sequence[Any], end: State
) -> bool:
    """Whether some sequential order of the moves gives exactly these outcomes and this state."""
    return any(
        _leads_to(begin, [(moves[n], outcomes[n]) for n in order], end)
        for order in permutations(range(len(moves)))
    )


def _leads_to(state: State, played: Sequence[tuple[Move[State], Any]], end: State) -> bool:
    for move, outcome in played:
        found, state = move(state)
        if found != outcome:
            return False
    return state == end


async def _begin(call: Attempt, seconds: float) -> Any:
    if seconds:
        await asyncio.sleep(seconds)
    return await call
