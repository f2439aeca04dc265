"""Latency of session reads and writes at a part of the rate that the machine can serve.

python -m bench writes     needs h2load (nghttp2-client)

A commit of LMDB waits for the disk twice: for its pages, and for the page that makes them count. The
table has how long the disk takes for the same two writes, without the product.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from bench.arrivals import arrive
from bench.load import Load, run
from bench.system import JSON, Row, User, at_most, checked, laptop, new_user

CLIENTS = 16
PATCH = ("PATCH", b"{}")
"""A heartbeat: creating sessions would soon reach the limit."""
_PAGE = os.urandom(4096)
_PAGES = 256
_PAUSE_SECONDS = 0.002


def measure(folder: Path, seconds: int) -> Iterator[Row]:
    """Measures reads, writes, and both again at a part of the rate of reads."""
    with laptop(folder / "data") as running:
        running.wait_until_ready()
        user = new_user(running)
        rate = checked(_load(user, seconds)).rate
        yield Row("session PATCH: requests/s", f"{checked(_load(user, seconds, *PATCH)).rate:.0f}")
        read = _arrivals(user, seconds, rate / 2)
        yield at_most("session GET at half load: p99", read.percentile(0.99), 10, "ms")
        write = _arrivals(user, seconds, rate / 8, *PATCH)
        yield Row("session PATCH at an eighth: p50 ms", f"{write.percentile(0.5):.2f}")
        yield at_most("session PATCH at an eighth: p99", write.percentile(0.99), 10, "ms")
        syncs = sorted(_syncs(folder / "syncs", seconds))
        p50, p99 = (syncs[int(share * len(syncs))] for share in (0.5, 0.99))
        yield Row("the disk alone, two writes and syncs: p50 / p99 ms", f"{p50:.2f} / {p99:.2f}")


def _load(user: User, seconds: int, method: str = "GET", body: bytes | None = None) -> Load:
    headers = [*user.headers, f":method: {method}", JSON]
    return run(user.session_url, seconds=seconds, clients=CLIENTS, headers=headers, body=body)


def _arrivals(
    user: User, seconds: int, rate: float, method: str = "GET", body: bytes = b""
) -> Load:
    return arrive(
        user.session_url,
        seconds=seconds,
        clients=CLIENTS,
        rate=rate,
        method=method,
        headers=[*user.headers, JSON],
        body=body,
    )


def _syncs(path: Path, seconds: int) -> Iterator[float]:
    """Milliseconds in which the disk has written two pages, one after the other."""
    end = time.monotonic() + seconds
    with path.open("wb") as file:
        file.write(_PAGE * _PAGES)
        os.fsync(file.fileno())
        while time.monotonic() < end:
            began = time.perf_counter()
            for place in range(2):
                os.pwrite(file.fileno(), _PAGE, place * len(_PAGE))
                os.fdatasync(file.fileno())
            yield (time.perf_counter() - began) * 1000
            time.sleep(_PAUSE_SECONDS)
