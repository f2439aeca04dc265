"""Concurrent runs of the scenarios, each history checked as soon as it is complete."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeAlias

from tests.histories import (
    devices,
    guesses,
    invitations,
    members,
    proofs,
    refreshes,
    repeats,
    revisions,
    revocations,
)
from tests.histories.checker import Undecided, check
from tests.histories.history import History, unknown
from tests.histories.system import Replicas, kill_one, opened
from tests.histories.world import World
from tools.laptop import Laptop

Scenario: TypeAlias = Callable[[World], Awaitable[History[Any]]]

SCENARIOS: Mapping[str, Scenario] = {
    "refreshes": refreshes.run,
    "revisions": revisions.run,
    "repeats": repeats.run,
    "invitations": invitations.run,
    "members": members.run,
    "proofs": proofs.run,
    "devices": devices.run,
    "guesses": guesses.run,
    "revocations": revocations.run,
}
HURRIED = 0.04
"""The share of operations that clients give up early."""
_AT_ONCE = 2
_KILL_SECONDS = 4.0


@dataclass
class Observation:
    """What was observed.

    Attributes:
        histories: The number of histories of each scenario.
        operations: The operations in them.
        unknown: Those of which the clients do not know what became.
        undecided: The histories that the checker could not decide.
        violations: What no order of the operations explains.
        kills: The replicas that were killed.
        lags: For each access token that ended, how many seconds later it was still accepted.
        answers: How often each kind of operation of a scenario was answered with each code.
    """

    histories: dict[str, int] = field(default_factory=dict)
    operations: int = 0
    unknown: int = 0
    undecided: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    kills: list[str] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    answers: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, name: str, history: History[Any]) -> None:
        """Checks a history and counts it."""
        self.histories[name] = self.histories.get(name, 0) + 1
        self.operations += len(history.operations)
        self.unknown += sum(map(unknown, history.operations))
        for one in history.operations:
            code = "unknown" if one.answer is None else one.answer.code or "ok"
            self.answers[name, one.what, code] += 1
        try:
            violation = check(history)
        except Undecided as error:
            self.undecided.append(f"{name}: {error}")
        else:
            if violation is not None:
                everything = "\n".join(f"  {one}" for one in history.operations)
                self.violations.append(f"{name}: {violation}\nThe whole history:\n{everything}")

    def coverage(self) -> str:
        """How often each kind of operation had each answer, for a person."""
        return "\n".join(
            f"  {scenario}: {what} {code} {number}"
            for (scenario, what, code), number in sorted(self.answers.items())
        )

    def __str__(self) -> str:
        """A line for a person."""
        each = ", ".join(f"{name} {number}" for name, number in sorted(self.histories.items()))
        return (
            f"{sum(self.histories.values())} histories ({each}), {self.operations} operations, "
            f"{self.unknown} with an unknown outcome, {len(self.kills)} replicas killed, "
            f"ended tokens accepted for at most {max(self.lags, default=0.0):.2f} s, "
            f"{len(self.undecided)} undecided, {len(self.violations)} not linearizable"
        )


async def observe(
    running: Laptop,
    replicas: Replicas,
    seconds: float,
    seed: int,
    *,
    scenarios: Mapping[str, Scenario] = SCENARIOS,
    kills: bool = True,
    until_found: bool = False,
) -> Observation:
    """Runs scenarios concurrently for a time, each again and again on new things.

    Args:
        running: The system.
        replicas: Its programs.
        seconds: For how long new histories begin.
        seed: Determines what clients do, but not what comes of it.
        scenarios: What runs.
        kills: Whether replicas are killed meanwhile, and clients leave early.
        until_found: Whether the first violation ends the run.
    """
    observation, random = Observation(), Random(seed)
    end = time.monotonic() + seconds

    def goes_on() -> bool:
        return time.monotonic() < end and not (until_found and observation.violations)

    async def repeat(name: str, scenario: Scenario) -> None:
        while True:
            observation.add(name, await scenario(world))
            if not goes_on():
                return

    async def kill() -> None:
        while goes_on():
            await asyncio.sleep(random.uniform(0, min(_KILL_SECONDS, seconds / 2)))
            observation.kills.append(await kill_one(running, replicas, random))

    async with opened(running, random, HURRIED if kills else 0.0) as world:
        loops = [repeat(*each) for each in scenarios.items() for _ in range(_AT_ONCE)]
        await asyncio.gather(*loops, *([kill()] if kills else []))
        observation.lags = world.lags
    return observation
