"""One thread that writes, and the jobs that wait for it.

Jobs that wait when a commit begins are committed together. The thread notifies the event loop once
per commit, whatever the number of jobs.
"""

import asyncio
import atexit
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from kernel.storage.runner import forbid_event_loop

EXIT_SECONDS = 10.0


class Job:
    """One write transaction on its way through the thread.

    Args:
        fn: The transaction.
        essential: Whether it may use the room that is kept back.
        future: The result for the waiting caller, who may cancel it at any time.
    """

    __slots__ = ("answer", "error", "essential", "fn", "future")

    def __init__(
        self,
        fn: Callable[[Any], Coroutine[Any, Any, Any]],
        future: asyncio.Future[Any],
        *,
        essential: bool = False,
    ) -> None:
        self.fn = fn
        self.essential = essential
        self.future = future
        self.answer: Any = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        """Wakes the waiting caller, on the event loop."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.answer)
        else:
            self.future.set_exception(self.error)


class Writer:
    """The thread.

    Args:
        commit: Runs the jobs of a batch and commits them together. The batch begins with one job;
            the second argument adds the next waiting job and returns whether there was one. The
            outcome goes into the jobs; an exception is the outcome of all of them.
        on_commit: Called on the event loop after every batch.
    """

    def __init__(
        self,
        commit: Callable[[list[Job], Callable[[], bool]], None],
        on_commit: Callable[[], None],
    ) -> None:
        self._commit = commit
        self._on_commit = on_commit
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._ending = False
        self._ended: Callable[[], object] = lambda: None
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()
        # A thread that is frozen in the middle of a commit could crash the interpreter at exit.
        atexit.register(self._stop_at_exit)

    async def write(
        self, fn: Callable[[Any], Coroutine[Any, Any, Any]], *, essential: bool = False
    ) -> Any:
        """Runs a transaction on the thread and waits for its commit."""
        job = Job(fn, asyncio.get_running_loop().create_future(), essential=essential)
        self._jobs.put(job)
        return await job.future

    def stop(self, ended: Callable[[], object]) -> None:
        """Ends the thread after the waiting jobs.

        Args:
            ended: Called on the event loop when the thread has ended.
        """
        loop = asyncio.get_running_loop()
        self._ended = lambda: loop.call_soon_threadsafe(ended)
        self._jobs.put(None)
        atexit.unregister(self._stop_at_exit)

    def _work(self) -> None:
        forbid_event_loop()
        while not self._ending and (job := self._jobs.get()) is not None:
            if not job.future.cancelled():
                self._commit_with(job)
        with suppress(RuntimeError):  # the loop is closed: nothing waits
            self._ended()

    def _commit_with(self, job: Job) -> None:
        batch = [job]

        def more() -> bool:
            while (job := self._next()) is not None:
                if not job.future.cancelled():
                    batch.append(job)
                    return True
            return False

        try:
            self._commit(batch, more)
        except Exception as error:  # noqa: BLE001 - the waiting callers get it
            for failed in batch:
                failed.error = error
        with suppress(RuntimeError):  # the loop is closed: nothing waits
            job.future.get_loop().call_soon_threadsafe(self._settle, batch)

    def _next(self) -> Job | None:
        try:
            job = self._jobs.get_nowait()
        except Empty:
            return None
        self._ending = self._ending or job is None
        return job

    def _settle(self, batch: list[Job]) -> None:
        for job in batch:
            job.settle()
        self._on_commit()

    def _stop_at_exit(self) -> None:
        self._jobs.put(None)
        self._thread.join(EXIT_SECONDS)
