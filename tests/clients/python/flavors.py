"""Runs one test with both clients: the async one in an event loop of its own."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from coditect_client import AsyncClient, AsyncPages, Client, Pages


class SyncFlavor:
    """The sync client."""

    def __init__(self, url: str, **options: Any) -> None:
        self.client: Any = Client(url, **options)

    def __call__(self, ask: Callable[[Any], Any]) -> Any:
        """What a call of the client gives; a list or download is read to its end."""
        outcome = ask(self.client)
        return list(outcome) if isinstance(outcome, Iterator) or _is_list(outcome) else outcome

    def at_once(self, ask: Callable[[Any], Any], number: int) -> list[Any]:
        """The outcomes of the same call in several threads at once."""
        with ThreadPoolExecutor(number) as pool:
            return list(pool.map(lambda _: ask(self.client), range(number)))

    def during(
        self, first: Callable[[Any], Any], second: Callable[[Any], Any], ready: Callable[[], bool]
    ) -> None:
        """Makes a call in a thread and, when it is ready for it, a second one in this thread."""
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(first, self.client)
            while not ready() and not running.done():
                time.sleep(0.01)
            second(self.client)
            running.result()

    def close(self) -> None:
        """Closes the connections."""
        self.client.close()


class AsyncFlavor:
    """The async client."""

    def __init__(self, url: str, **options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self.client: Any = AsyncClient(url, **options)

    def __call__(self, ask: Callable[[Any], Any]) -> Any:
        """What a call of the client gives; a list or download is read to its end."""
        return self._loop.run_until_complete(_outcome(ask(self.client)))

    def at_once(self, ask: Callable[[Any], Any], number: int) -> list[Any]:
        """The outcomes of the same call in several tasks at once."""

        async def all_of_them() -> list[Any]:
            return await asyncio.gather(*(ask(self.client) for _ in range(number)))

        return self._loop.run_until_complete(all_of_them())

    def during(
        self, first: Callable[[Any], Any], second: Callable[[Any], Any], ready: Callable[[], bool]
    ) -> None:
        """Makes a call in a task and, when it is ready for it, a second one in another task."""

        async def both() -> None:
            running = asyncio.ensure_future(first(self.client))
            while not ready() and not running.done():  # noqa: ASYNC110 - the server is in a thread
                await asyncio.sleep(0.01)
            await second(self.client)
            await running

        self._loop.run_until_complete(both())

    def close(self) -> None:
        """Closes the connections."""
        self._loop.run_until_complete(self.client.close())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()


Flavor = SyncFlavor | AsyncFlavor


async def _outcome(made: Any) -> Any:
    if isinstance(made, AsyncIterator) or _is_list(made):
        return [item async for item in made]
    return await made


def _is_list(outcome: Any) -> bool:
    return isinstance(outcome, Pages | AsyncPages)
