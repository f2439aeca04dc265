"""Contenders that start together, in an order of chance, over and over."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from itertools import permutations
from random import Random
from typing import Any, TypeAlias, TypeVar

from kernel.errors import ServiceError

State = TypeVar("State")

Call: TypeAlias = Coroutine[Any, Any, Any]
Move: TypeAlias = Callable[[State], tuple[Any, State]]
"""What a call does if it is alone: from what there is, what it comes to and what there is then."""

_SPREAD_SECONDS = 0.003  # about what a transaction takes: some are in the middle of it


class Contest:
    """So many rounds of one race.

    Args:
        seed: Decides on everything that is left to chance.
        rounds: How many.

    Attributes:
        chance: What is left to it.
    """

    def __init__(self, seed: int, rounds: int) -> None:
        self.chance = Random(seed)
        self._rounds = rounds

    def rounds(self) -> Iterator[int]:
        """The numbers of the rounds."""
        yield from range(self._rounds)

    async def run(self, *calls: Call) -> list[Any]:
        """What each of the calls comes to: a result or a `ServiceError`.

        Now they all begin at once, in any order, and now one after the other, each while those
        before it are under way. Raises any other error.
        """
        spread = self.chance.choice((0.0, _SPREAD_SECONDS))
        starts = [self.chance.uniform(0, spread) for _ in calls]
        order = self.chance.sample(range(len(calls)), len(calls))
        begun = {
            number: asyncio.create_task(_begin(calls[number], starts[number])) for number in order
        }
        results = await asyncio.gather(*begun.values(), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, ServiceError):
                raise result
        found = dict(zip(begun, results, strict=True))
        return [found[number] for number in range(len(calls))]

    async def reasons(self, *calls: Call) -> list[str]:
        """The reason for which each of the calls is refused, as `run`; empty if it is not."""
        return [reason_of(result) for result in await self.run(*calls)]


def reason_of(result: Any) -> str:
    """Why a call was refused; empty if it was not."""
    return result.reason if isinstance(result, ServiceError) else ""


def explained(
    begin: State, moves: Sequence[Move[State]], outcomes: Sequence[Any], end: State
) -> bool:
    """Whether in some order, one after the other, the moves come to these outcomes and this end."""
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


async def _begin(call: Call, seconds: float) -> Any:
    if seconds:
        await asyncio.sleep(seconds)
    return await call
