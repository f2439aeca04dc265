"""Calls that arrive at random times, as those of independent users do, at a rate below the maximum.

h2load with a rate sends the calls of all its clients at one moment: most of the time that it measures, a
call waits for those that were sent with it.
"""

import asyncio
import time
from collections.abc import Sequence
from random import Random

from bench.connection import Connection, request
from bench.load import Load


def arrive(
    url: str,
    *,
    seconds: int,
    clients: int,
    rate: float,
    method: str = "GET",
    headers: Sequence[str] = (),
    body: bytes = b"",
) -> Load:
    """Sends requests whose number in any time has the Poisson distribution.

    Args:
        url: The address.
        seconds: For how long calls arrive.
        clients: The number of connections. A call waits while all are in use, and its time includes that.
        rate: Calls per second, on average.
        method: The method of HTTP.
        headers: Such as `accept: text/plain`.
        body: The content.
    """
    return asyncio.run(_arrive(url, seconds, clients, rate, request(method, url, headers, body)))


async def _arrive(url: str, seconds: int, clients: int, rate: float, sent: bytes) -> Load:
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(clients):
        free.put_nowait(await Connection.open(url))

    async def call(due: float) -> float:
        connection = await free.get()
        await connection.call(sent)
        free.put_nowait(connection)
        return (time.perf_counter() - due) * 1000

    random = Random(0)  # noqa: S311 - no secret
    began = due = time.perf_counter()
    calls: list[asyncio.Task[float]] = []
    while (due := due + random.expovariate(rate)) < began + seconds:
        await asyncio.sleep(due - time.perf_counter())
        calls.append(asyncio.create_task(call(due)))
    taken = sorted(await asyncio.gather(*calls))
    while not free.empty():
        free.get_nowait().close()
    return Load(rate=len(taken) / (time.perf_counter() - began), milliseconds=taken, failed=0)
