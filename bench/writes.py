"""Latency of session reads and writes at a part of the rate that the machine can serve.

python -m bench writes     needs h2load (nghttp2-client)
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.load import run
from bench.system import JSON, Row, User, at_most, checked, laptop, new_user

CLIENTS = 16


def measure(folder: Path, seconds: int) -> Iterator[Row]:
    """Measures reads, writes, and both again at a part of the rate of reads."""
    with laptop(folder / "data") as running:
        running.wait_until_ready()
        user = new_user(running)
        rate = checked(_get(user, seconds)).rate
        yield Row("session PATCH: requests/s", f"{checked(_patch(user, seconds)).rate:.0f}")
        read = checked(_get(user, seconds, rate=rate / 2))
        yield at_most("session GET at half load: p99", read.percentile(0.99), 10, "ms")
        write = checked(_patch(user, seconds, rate=rate / 8))
        yield Row("session PATCH at an eighth: p50 ms", f"{write.percentile(0.5):.2f}")
        yield at_most("session PATCH at an eighth: p99", write.percentile(0.99), 10, "ms")


def _get(user: User, seconds: int, **how: Any) -> Any:
    return run(user.session_url, seconds=seconds, clients=CLIENTS, headers=user.headers, **how)


def _patch(user: User, seconds: int, **how: Any) -> Any:
    """Sends heartbeats: creating sessions would soon reach the limit."""
    headers = [*user.headers, ":method: PATCH", JSON]
    url = user.session_url
    return run(url, seconds=seconds, clients=CLIENTS, headers=headers, body=b"{}", **how)
