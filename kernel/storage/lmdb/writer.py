"""One thread that writes, and the jobs that wait for it.

What waits when a commit begins is committed together. The thread tells the event loop once per
commit, whatever the number of jobs.
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
        future: Who waits for it; may be cancelled at any time.
    """

    __slots__ = ("answer", "error", "fn", "future")

    def __init__(
        self, fn: Callable[[Any], Coroutine[Any, Any, Any]], future: asyncio.Future[Any]
    ) -> None:
        self.fn = fn
        self.future = future
        self.answer: Any = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        """Wakes who waits, on the event loop."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.answer)
        else:
            self.future.set_exception(self.error)


class Writer:
    """The thread.

    Args:
        commit: Runs the one job of a batch, and those that its second argument adds to the batch
            (it says whether there was one), and commits them together. It leaves the outcome in
            the jobs; what it raises is the outcome of all of them.
        told: Called on the event loop after every batch.
    """

    def __init__(
        self,
        commit: Callable[[list[Job], Callable[[], bool]], None],
        told: Callable[[], None],
    ) -> None:
        self._commit = commit
        self._told = told
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._ending = False
        self._ended: Callable[[], object] = lambda: None
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()
        # A thread that is frozen in the middle of a commit could crash the interpreter's end.
        atexit.register(self._leave)

    async def write(self, fn: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
        """Has the thread run a transaction and waits for its commit."""
        job = Job(fn, asyncio.get_running_loop().create_future())
        self._jobs.put(job)
        return await job.future

    def stop(self, ended: Callable[[], object]) -> None:
        """Lets the thread end after the jobs that wait.

        Args:
            ended: Called on the event loop when the thread touches nothing any more.
        """
        loop = asyncio.get_running_loop()
        self._ended = lambda: loop.call_soon_threadsafe(ended)
        self._jobs.put(None)
        atexit.unregister(self._leave)

    def _work(self) -> None:
        forbid_event_loop()
        while not self._ending and (job := self._jobs.get()) is not None:
            if not job.future.cancelled():
                self._commit_with(job)
        with suppress(RuntimeError):  # the loop is closed: nobody waits
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
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            for failed in batch:
                failed.error = error
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            job.future.get_loop().call_soon_threadsafe(self._tell, batch)

    def _next(self) -> Job | None:
        try:
            job = self._jobs.get_nowait()
        except Empty:
            return None
        self._ending = self._ending or job is None
        return job

    def _tell(self, batch: list[Job]) -> None:
        for job in batch:
            job.settle()
        self._told()

    def _leave(self) -> None:
        self._jobs.put(None)
        self._thread.join(EXIT_SECONDS)
