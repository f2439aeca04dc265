"""Session GETs on the embedded store, relative to an empty method.

python -m bench reads     needs h2load (nghttp2-client)
"""

import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.cost import Processes
from bench.load import Load, run
from bench.system import (
    Row,
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
GET = "session GET"
EMPTY = "empty method, {} back"
DEFAULT = "empty method, a default session back"


@dataclass(frozen=True)
class Subject:
    """What is measured: a call of a system, and the processes that work for it."""

    url: str
    headers: list[str]
    processes: Processes


def measure(folder: Path, seconds: int) -> Iterator[Row]:
    """Measures how soon a system is ready, and then its reads."""
    began = time.monotonic()
    with laptop(folder / "real") as real:
        real.wait_until_ready()
        yield at_most("start to ready", time.monotonic() - began, 3, "s")
        with laptop(folder / "empty", with_empty_sessions) as empty:
            empty.wait_until_ready()
            user, empty_user = new_user(real), new_user(empty, session=False)
            url, headers, processes = empty_user.session_url, empty_user.headers, Processes(empty)
            subjects = {
                GET: Subject(user.session_url, user.headers, Processes(real)),
                EMPTY: Subject(url, [*headers, ":method: DELETE"], processes),
                DEFAULT: Subject(url, headers, processes),
            }
            yield from _compare(subjects, seconds)


def _compare(subjects: Mapping[str, Subject], seconds: int) -> Iterator[Row]:
    """Alternates session GETs with empty calls, so that both see the same load of the machine."""
    loads: dict[str, list[Load]] = {name: [] for name in subjects}
    costs: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(ROUNDS):
        for name, subject in subjects.items():
            spent = subject.processes.spent(partial(_load, loads[name], subject, seconds))
            costs[name].append(spent.milliseconds * 1000 / len(loads[name][-1].milliseconds))
    found = {name: middle(several) for name, several in loads.items()}
    cost = {name: statistics.median(several) for name, several in costs.items()}
    for name, load in found.items():
        yield Row(f"{name}: requests/s", f"{load.rate:.0f}")
        yield Row(f"{name}: p50 ms", f"{load.percentile(0.5):.2f}")
        yield Row(f"{name}: p99 ms", f"{load.percentile(0.99):.2f}")
        yield Row(f"{name}: CPU µs per call", f"{cost[name]:.0f}")
    yield at_least("session GET / empty method", found[GET].rate / found[EMPTY].rate, 0.8)
    yield Row("CPU per call, empty method / session GET", f"{cost[EMPTY] / cost[GET]:.2f}")
    yield Row("session GET / default session", f"{found[GET].rate / found[DEFAULT].rate:.2f}")


def _load(loads: list[Load], subject: Subject, seconds: int) -> None:
    load = run(subject.url, seconds=seconds, clients=CLIENTS, headers=subject.headers)
    loads.append(checked(load))
