"""An event loop in which nothing waits: time is a number, and a seed orders what processes do.

Each simulated process has a queue of its own, in which its callbacks run in the order in which they
became ready, as on a real loop. Which process runs next is chance. Time moves only when no process
has anything to do, to the next timer. A process that is dead runs nothing any more, and one that is
paused runs it later.
"""

import asyncio
import contextvars
import heapq
from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any

MOST_CALLBACKS = 2_000_000
"""After so many a run is stuck: something repeats without ever waiting."""


class Stuck(Exception):
    """Nothing is left to run, or a run does not end."""


_place: "contextvars.ContextVar[Place]" = contextvars.ContextVar("place")


class Place:
    """Where callbacks run: a simulated process, or the people who call.

    Attributes:
        name: For the journal.
        alive: Whether it runs anything at all.
        paused_until: Until when it runs nothing, in the time of the loop.
        queue: What is ready, the oldest first.
        on_death: What others notice when it dies.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self.paused_until = 0.0
        self.queue: deque[asyncio.Handle] = deque()
        self.on_death: list[Callable[[], None]] = []
        self._dead: list[object] = []
        self.context = contextvars.Context()
        self.context.run(_place.set, self)

    def kill(self) -> None:
        """Ends it at once: nothing of it runs any more, no cleanup either."""
        self.alive = False
        # Kept until the end of the run, as the loop keeps tasks: what is dropped runs its cleanup.
        self._dead = [*self.queue]
        self.queue.clear()
        for notice in self.on_death:
            notice()

    def start(self, coroutine: Any, name: str | None = None) -> "asyncio.Task[Any]":
        """Starts a task here, with a context of its own."""
        loop = asyncio.get_running_loop()
        return loop.create_task(coroutine, name=name, context=self.context.copy())


OUTSIDE = Place("outside")
"""Where everything runs that is in no simulated process: people, the network, the cluster."""


def current_place() -> Place:
    """Where the running callback runs."""
    return _place.get(OUTSIDE)


class SimulatedLoop(asyncio.BaseEventLoop):
    """The loop of one run.

    Args:
        random: The source of every choice.
    """

    def __init__(self, random: Random) -> None:
        super().__init__()
        self._chance = random.random
        self._now = 0.0
        self._active: list[Place] = []  # those with something in their queue
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._made = 0
        self.callbacks = 0
        self.tasks: list[asyncio.Task[Any]] = []  # all of the run, in order
        self.set_task_factory(self._new_task)
        self.errors: list[dict[str, Any]] = []
        OUTSIDE.queue.clear()  # of an earlier loop
        self.set_exception_handler(lambda _, context: self.errors.append(context))

    def _new_task(
        self, loop: asyncio.AbstractEventLoop, coroutine: Any, **given: Any
    ) -> "asyncio.Task[Any]":
        task = asyncio.Task(coroutine, loop=loop, **given)
        self.tasks.append(task)
        return task

    def time(self) -> float:
        """The time in seconds since the beginning of the run."""
        return self._now

    def call_soon(  # type: ignore[override]
        self,
        callback: Callable[..., Any],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.Handle:
        """Puts a callback into the queue of the place that its context names."""
        handle = asyncio.Handle(callback, args, self, context)
        self._make_ready(handle)
        return handle

    def call_soon_threadsafe(  # type: ignore[override]
        self,
        callback: Callable[..., Any],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.Handle:
        """As `call_soon`: there are no threads."""
        return self.call_soon(callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self,
        when: float,
        callback: Callable[..., Any],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """Runs a callback at a time of the loop; of two at the same time the older one first."""
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        self._made += 1
        heapq.heappush(self._timers, (when, self._made, timer))
        return timer

    def call_later(  # type: ignore[override]
        self,
        delay: float,
        callback: Callable[..., Any],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """Runs a callback after some seconds."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """Runs a function after a moment, as a thread would have; there are no threads."""
        del executor
        future: asyncio.Future[Any] = self.create_future()

        def run() -> None:
            if future.cancelled():
                return
            try:
                result = func(*args)
            except Exception as error:  # noqa: BLE001 - the waiter gets it
                future.set_exception(error)
            else:
                future.set_result(result)

        self.call_later(0.001 + 0.02 * self._chance(), run)
        return future

    def _run_once(self) -> None:
        """Runs one callback of a place that chance picks, or moves the time to the next timer."""
        active = self._active
        if not active:
            self._fire_timers()
            return
        self.callbacks += 1
        if self.callbacks > MOST_CALLBACKS:
            raise Stuck(f"more than {MOST_CALLBACKS} callbacks")
        number = int(self._chance() * len(active)) if len(active) > 1 else 0
        place = active[number]
        if not place.alive or place.paused_until > self._now:
            active[number] = active[-1]
            active.pop()
            if place.alive:
                self.call_at(place.paused_until, self._wake, place, context=OUTSIDE.context)
            return
        handle = place.queue.popleft()
        if not place.queue:
            active[number] = active[-1]
            active.pop()
        if not handle._cancelled:  # type: ignore[attr-defined]
            handle._run()

    def _wake(self, place: Place) -> None:
        self._active.append(place)  # it was put aside with something in its queue

    def _fire_timers(self) -> None:
        timers = self._timers
        while timers and timers[0][2].cancelled():
            heapq.heappop(timers)
        if not timers:
            raise Stuck("nothing is left to run")
        self._now = max(self._now, timers[0][0])
        while timers and timers[0][0] <= self._now:
            _, _, timer = heapq.heappop(timers)
            if not timer.cancelled():
                self._make_ready(timer)

    def _make_ready(self, handle: asyncio.Handle) -> None:
        place: Place = handle._context.get(_place, OUTSIDE)  # type: ignore[attr-defined]
        if not place.alive:
            return
        if not place.queue:
            self._active.append(place)
        place.queue.append(handle)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Nothing: cancelled timers are dropped when they come up."""

    def _process_events(self, event_list: Any) -> None:
        """Nothing: there are no sockets."""

    def _write_to_self(self) -> None:
        """Nothing: there are no threads to wake the loop."""
