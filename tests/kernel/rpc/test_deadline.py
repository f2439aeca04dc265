"""The time limit of a call begins with its first wait, and changes nothing else about it."""

import asyncio
from collections.abc import Coroutine
from contextvars import ContextVar
from typing import Any

import pytest

from kernel.rpc.deadline import limited

_LONG, _NONE_LEFT = 20.0, -1.0


class Budget:
    """Tells the time that is left, and counts how often it is asked."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.asked = 0

    def left(self) -> float:
        """The seconds that are left."""
        self.asked += 1
        return self.seconds


async def run(work: Coroutine[Any, Any, Any], seconds: float = _LONG) -> tuple[Any, int]:
    """The result, and how often the time was asked for."""
    budget = Budget(seconds)
    return await limited(budget.left, work), budget.asked


async def test_work_that_does_not_wait() -> None:
    """It ends, or fails, without a timer, even if no time is left."""

    async def answer() -> str:
        return "done"

    async def fail() -> None:
        raise ValueError("wrong")

    assert await run(answer(), _NONE_LEFT) == ("done", 0)
    with pytest.raises(ValueError, match="wrong"):
        await run(fail(), _NONE_LEFT)


async def test_work_that_waits() -> None:
    """All its waits, of any kind, return and raise as without a limit; the time is asked for once."""

    async def work() -> list[Any]:
        seen: list[Any] = []
        await asyncio.sleep(0)
        seen.append(await asyncio.create_task(asyncio.sleep(0.001, "slept")))
        failing = asyncio.get_running_loop().create_future()
        failing.set_exception(KeyError("missing"))
        try:
            await failing
        except KeyError:
            seen.append("failed")
        async with asyncio.timeout(_LONG):
            seen.append(await asyncio.sleep(0.001, "again"))
        return seen

    assert await run(work()) == (["slept", "failed", "again"], 1)


async def test_work_that_waits_for_too_long() -> None:
    """It is cancelled where it waits, and the caller gets a `TimeoutError`."""
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(_LONG)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    for seconds in (0.01, _NONE_LEFT):
        with pytest.raises(TimeoutError):
            await run(work(), seconds)
    assert ended == ["cancelled", "cancelled"]


async def test_a_cancellation_is_no_timeout() -> None:
    """A caller that gives up cancels the work, whichever wait it is in."""
    waiting: asyncio.Queue[int] = asyncio.Queue()

    async def work(waits: int) -> None:
        for number in range(waits):
            await asyncio.sleep(0, number)
        waiting.put_nowait(waits)
        await asyncio.sleep(_LONG)

    for waits in range(3):
        task = asyncio.create_task(run(work(waits)))
        await waiting.get()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_the_work_runs_in_the_task_of_its_caller() -> None:
    """Before and after its first wait: a variable of the context that it sets stays set."""
    variable: ContextVar[str] = ContextVar("variable")
    tasks: set[Any] = {asyncio.current_task()}

    async def work() -> None:
        tasks.add(asyncio.current_task())
        await asyncio.sleep(0)
        tasks.add(asyncio.current_task())
        variable.set("set")

    await run(work())
    assert variable.get() == "set"
    assert len(tasks) == 1


async def test_an_end_without_a_result_is_an_error() -> None:
    """A `StopIteration` that the work raises is not taken for its result."""

    async def work(waits: int) -> None:
        for _ in range(waits):
            await asyncio.sleep(0)
        raise StopIteration("no result")

    for waits in (0, 1):
        with pytest.raises(RuntimeError):
            await run(work(waits))
