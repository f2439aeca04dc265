"""Session GETs on the embedded store, relative to an empty method.

python -m bench reads     needs h2load (nghttp2-client)
"""

import time
from collections.abc import Iterator
from pathlib import Path

from bench.load import run
from bench.system import (
    Row,
    User,
    at_least,
    at_most,
    checked,
    laptop,
    middle,
    new_user,
    with_empty_sessions,
)

ROUNDS = 3
CLIENTS = 16


def measure(folder: Path, seconds: int) -> Iterator[Row]:
    """Measures how soon a system is ready, and then its reads."""
    began = time.monotonic()
    with laptop(folder / "real") as real:
        real.wait_until_ready()
        yield at_most("start to ready", time.monotonic() - began, 3, "s")
        with laptop(folder / "empty", with_empty_sessions) as empty:
            empty.wait_until_ready()
            yield from _compare(new_user(real), new_user(empty, session=False), seconds)


def _compare(user: User, empty_user: User, seconds: int) -> Iterator[Row]:
    """Alternates session GETs with empty calls, so that both see the same load of the machine."""
    gets, empties, defaults = [], [], []
    for _ in range(ROUNDS):
        gets.append(
            checked(run(user.session_url, seconds=seconds, clients=CLIENTS, headers=user.headers))
        )
        url, headers = empty_user.session_url, empty_user.headers
        empties.append(
            checked(
                run(url, seconds=seconds, clients=CLIENTS, headers=[*headers, ":method: DELETE"])
            )
        )
        defaults.append(checked(run(url, seconds=seconds, clients=CLIENTS, headers=headers)))
    get, empty, default = (middle(loads) for loads in (gets, empties, defaults))
    for name, load in (
        ("session GET", get),
        ("empty method, {} back", empty),
        ("empty method, a default session back", default),
    ):
        yield Row(f"{name}: requests/s", f"{load.rate:.0f}")
        yield Row(f"{name}: p50 ms", f"{load.percentile(0.5):.2f}")
        yield Row(f"{name}: p99 ms", f"{load.percentile(0.99):.2f}")
    yield at_least("session GET / empty method", get.rate / empty.rate, 0.8)
    yield Row("session GET / default session", f"{get.rate / default.rate:.2f}")
