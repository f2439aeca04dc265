"""The time limit of a call, which costs only those calls that wait for something.

`asyncio.timeout` asks the event loop for a timer. Most calls on the embedded store never wait, and a
timer cannot stop what does not wait: so it begins with the first wait.
"""

import asyncio
import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

T = TypeVar("T")


@types.coroutine
def limited(seconds: Callable[[], float], work: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
    """Awaits a coroutine in the current task. Raises `TimeoutError` if it waits beyond its time.

    Args:
        seconds: Gives the time that is left; called at the first wait.
        work: The coroutine, which has not begun.
    """
    try:
        awaited = work.send(None)
    except StopIteration as end:
        answer: T = end.value
        return answer
    return (yield from _within(seconds(), work, awaited).__await__())


async def _within(seconds: float, work: Coroutine[Any, Any, T], awaited: object) -> T:
    async with asyncio.timeout(seconds):
        return await _rest(work, awaited)


@types.coroutine
def _rest(work: Coroutine[Any, Any, T], awaited: object) -> Generator[Any, Any, T]:
    """Awaits the rest of a coroutine that has begun, and has yielded what it waits for."""
    try:
        while True:
            try:
                sent = yield awaited
            except BaseException as error:  # noqa: BLE001 - a cancellation, for the coroutine to see
                awaited = work.throw(error)
            else:
                awaited = work.send(sent)
    except StopIteration as end:
        answer: T = end.value
        return answer
