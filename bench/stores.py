"""Compares FoundationDB with the embedded store, in one run, and prints a table.

python -m bench stores     needs h2load (nghttp2-client) and FoundationDB

The cluster is a real one, on this host: three processes, with two copies of everything on disk.
It shares the cores with the gateway, the services and the load generator.
"""

import http.client
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from bench.load import Load, Skipped, run
from bench.system import (
    CHEAP,
    JSON,
    PASSWORD,
    Row,
    User,
    at_least,
    checked,
    laptop,
    middle,
    new_user,
    with_empty_sessions,
)
from tests.support.cluster import MISSING, Cluster, program

ROUNDS = 3
CLIENTS = 16
CALLERS = 4  # users; each makes one call at a time


@dataclass(frozen=True)
class System:
    """A running system and its users."""

    name: str
    users: list[User]


def measure(folder: Path, seconds: int) -> Iterator[Row]:
    """Measures reads in turns, and then writes."""
    if program("fdbserver") is None or program("fdbcli") is None:
        raise Skipped(MISSING)
    (folder / "cluster").mkdir()
    with (
        Cluster(folder / "cluster") as cluster,
        laptop(folder / "fdb", more={**CHEAP, "STORE_URL": f"fdb://{cluster.file}"}) as distributed,
        laptop(folder / "lmdb", more=CHEAP) as embedded,
        laptop(folder / "empty", with_empty_sessions, CHEAP) as empty,
    ):
        for each in (distributed, embedded, empty):
            each.wait_until_ready()
        systems = [
            System(name, [new_user(running) for _ in range(CALLERS)])
            for name, running in (("fdb", distributed), ("lmdb", embedded))
        ]
        yield from _reads(systems, new_user(empty, session=False), seconds)
        for name, call in (("session create", _create), ("register", _register)):
            for system in systems:
                yield from _latency(system, name, call, seconds)


def _reads(systems: list[System], empty_user: User, seconds: int) -> Iterator[Row]:
    """Alternates session GETs on both stores with calls of an empty method."""
    empties: list[Load] = []
    gets: dict[str, list[Load]] = {system.name: [] for system in systems}
    empty_headers = [*empty_user.headers, ":method: DELETE"]
    for _ in range(ROUNDS):
        load = run(empty_user.session_url, seconds=seconds, clients=CLIENTS, headers=empty_headers)
        empties.append(checked(load))
        for system in systems:
            user = system.users[0]
            load = run(user.session_url, seconds=seconds, clients=CLIENTS, headers=user.headers)
            gets[system.name].append(checked(load))
    empty = middle(empties)
    yield Row("empty method: requests/s", f"{empty.rate:.0f}")
    for name, loads in gets.items():
        load = middle(loads)
        yield Row(f"session GET on {name}: requests/s", f"{load.rate:.0f}")
        yield Row(f"session GET on {name}: p50 / p99 ms", _percentiles(load.milliseconds))
        budget = 0.5 if name == "fdb" else 0.8
        yield at_least(f"session GET on {name} / empty method", load.rate / empty.rate, budget)


def _latency(
    system: System, name: str, call: Callable[[User], tuple[str, bytes]], seconds: int
) -> Iterator[Row]:
    """How long calls take when a few users each make one at a time."""
    end = time.monotonic() + seconds
    with ThreadPoolExecutor(CALLERS) as pool:
        parts = pool.map(lambda user: list(_timed(user, call, end)), system.users)
        taken = sorted(each for part in parts for each in part)
    yield Row(f"{name} on {system.name}: requests/s", f"{len(taken) / seconds:.0f}")
    yield Row(f"{name} on {system.name}: p50 / p99 ms", _percentiles(taken))


def _timed(user: User, call: Callable[[User], tuple[str, bytes]], end: float) -> Iterator[float]:
    connection = http.client.HTTPConnection(urlsplit(user.url).netloc)
    headers = dict(header.split(": ", 1) for header in (JSON, *user.headers))
    while time.monotonic() < end:
        path, body = call(user)
        began = time.monotonic()
        connection.request("POST", f"/api/v5{path}", body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status == http.HTTPStatus.TOO_MANY_REQUESTS:
            break  # the limit of sessions
        if answer.status != http.HTTPStatus.CREATED:
            raise RuntimeError(f"{path} answered {answer.status}")
        yield (time.monotonic() - began) * 1000


def _create(_: User) -> tuple[str, bytes]:
    return "/sessions", b'{"name":"bench","state":{"open":["a.py","b.py"]}}'


def _register(_: User) -> tuple[str, bytes]:
    names = {"password": PASSWORD, "firstName": "Bench", "lastName": "Mark"}
    return "/auth/register", json.dumps({"email": f"{uuid4()}@example.com", **names}).encode()


def _percentiles(milliseconds: Sequence[float]) -> str:
    cuts = statistics.quantiles(milliseconds, n=100)
    return f"{cuts[49]:.1f} / {cuts[98]:.1f}"
