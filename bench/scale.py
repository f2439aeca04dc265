"""Measures whether a call costs more when there are more users, and moves them to FoundationDB.

python -m bench.scale [USERS]    default 1,000,000; needs FoundationDB for its second half

What a call costs is the processor time that all processes of the product, and of the cluster,
spend on it, less what they spend when nobody calls: less noisy than how long it takes on a machine
with other things to do.
"""

import http.client
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psutil

from bench import people
from bench.system import PASSWORD, Row, at_most, laptop, table
from tests.support.cluster import Cluster
from tools import settings
from tools.laptop import Laptop

FEW = 1000
ROUNDS = 5
LOGGED_IN = 100
CALLS = 800
IDLE_SECONDS = 1
QUIET_SECONDS = 300
QUIET_MILLISECONDS = 200  # of processor time per second
CALLERS = 8  # at once
CHEAP = {"ARGON2_MEMORY_KIB": "64", "ARGON2_PASSES": "1"}

Call = tuple[str, str, Any]  # method, path, body


@dataclass(frozen=True)
class Measured:
    """A running system, some users of it, and the processes that work for it."""

    connections: list[http.client.HTTPConnection]
    tokens: Mapping[int, str]
    processes: list[psutil.Process]

    def milliseconds(self) -> float:
        """Processor time of all processes so far."""
        times = [process.cpu_times() for process in self.processes]
        return sum(each.user + each.system for each in times) * 1000

    def call(self, made: Call, token: str = "", caller: int = 0) -> Any:
        """Calls the API over the connection of one caller, and gives the `data` of the answer."""
        method, path, body = made
        headers = {"content-type": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        sent = None if body is None else json.dumps(body)
        connection = self.connections[caller]
        connection.request(method, f"/api/v5{path}", sent, headers)
        answer = connection.getresponse()
        read = answer.read()
        if answer.status not in {200, 201}:
            raise RuntimeError(f"{method} {path}: {answer.status} {read.decode()}")
        return json.loads(read)["data"]


@dataclass(frozen=True)
class Spent:
    """What something has taken: processor time of all processes, and time."""

    milliseconds: float
    seconds: float


def main() -> int:
    """Measures, prints, and gives 1 if a budget is not kept."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="coditect-bench-") as folder:
        return table(_measure(Path(folder), many))


def _measure(folder: Path, many: int) -> Iterator[Row]:
    urls = {count: f"lmdb://{folder}/{count}" for count in (FEW, many)}
    for count, url in urls.items():
        began = time.monotonic()
        people.fill(url, count)
        yield Row(f"seconds to write {count:,} users", f"{time.monotonic() - began:.0f}")
    yield from _compare("lmdb", folder, urls, [])
    (folder / "cluster").mkdir()
    with Cluster(folder / "cluster") as cluster:
        moved = {count: f"fdb://{cluster.file}?prefix={count}" for count in urls}
        for count, url in urls.items():
            began = time.monotonic()
            argv = [sys.executable, "-m", "kernel.storage", "copy", url, moved[count]]
            subprocess.run(argv, check=True, stdout=sys.stderr)
            seconds = time.monotonic() - began
            yield Row(f"users/s moved of {count:,}", f"{count / seconds:.0f}")
        shutil.rmtree(folder / str(many))
        yield from _compare("fdb", folder, moved, [psutil.Process(pid) for pid in cluster.pids])


def _compare(
    store: str, folder: Path, urls: Mapping[int, str], servers: list[psutil.Process]
) -> Iterator[Row]:
    """The same calls on few users and on many, in turns."""
    with ExitStack() as stack:
        systems = {}
        for count, url in urls.items():
            data = folder / f"{count}-data"  # keys in it: those of the copy too
            running = stack.enter_context(laptop(data, more={**CHEAP, "STORE_URL": url}))
            running.wait_until_ready()
            systems[count] = _measured(running, count, servers)
        _wait_until_quiet(systems[min(systems)])
        for name, make in _CALLS.items():
            costs = _cost(systems, make)
            few, many = (costs[count] for count in urls)
            yield Row(f"{name} on {store}: ms at {min(urls):,} users", f"{few:.3f}")
            yield Row(f"{name} on {store}: ms at {max(urls):,} users", f"{many:.3f}")
            yield at_most(f"{name} on {store}: many / few", many / few, 1.1, "x")


def _measured(running: Laptop, count: int, servers: list[psutil.Process]) -> Measured:
    """Logs some users in, spread evenly over all."""
    pids = [running.pid(name) for name in (*settings.CONTEXTS, "gateway")]
    place = urlsplit(running.settings.url).netloc
    system = Measured(
        [http.client.HTTPConnection(place) for _ in range(CALLERS)],
        {},
        [psutil.Process(pid) for pid in pids] + servers,
    )
    tokens = {}
    for number in range(0, count, count // LOGGED_IN):
        body = {"email": people.email(number), "password": PASSWORD}
        answer = system.call(("POST", "/auth/login", body))
        tokens[number] = answer["tokens"]["accessToken"]
    return replace(system, tokens=tokens)


def _cost(systems: Mapping[int, Measured], make: Callable[[int], Call]) -> dict[int, float]:
    """Milliseconds of processor time per call at each size: the median of some rounds."""
    costs: dict[int, list[float]] = {count: [] for count in systems}
    for _ in range(ROUNDS):
        for count, system in systems.items():
            idle = _spent(system, lambda: time.sleep(IDLE_SECONDS))
            busy = _spent(system, lambda: _all_calls(system, make))  # noqa: B023
            beside = idle.milliseconds / idle.seconds * busy.seconds
            costs[count].append((busy.milliseconds - beside) / CALLS)
    return {count: statistics.median(taken) for count, taken in costs.items()}


def _wait_until_quiet(system: Measured) -> None:
    """Waits until a cluster has put in its place what was copied into it."""
    for _ in range(QUIET_SECONDS):
        if _spent(system, lambda: time.sleep(1)).milliseconds < QUIET_MILLISECONDS:
            return


def _spent(system: Measured, work: Callable[[], object]) -> Spent:
    """What some work has taken of time and of processors."""
    began, used = time.monotonic(), system.milliseconds()
    work()
    return Spent(system.milliseconds() - used, time.monotonic() - began)


def _all_calls(system: Measured, make: Callable[[int], Call]) -> None:
    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(lambda caller: _calls(system, make, caller), range(CALLERS)))


def _calls(system: Measured, make: Callable[[int], Call], caller: int) -> None:
    """One caller's share of the calls, each for a user chosen by chance."""
    chance = Random(caller)  # noqa: S311 - no secret
    for number in chance.choices(list(system.tokens), k=CALLS // CALLERS):
        system.call(make(number), system.tokens[number], caller)


_CALLS: Mapping[str, Callable[[int], Call]] = {
    "session GET": lambda number: ("GET", f"/sessions/{people.session_id(number)}", None),
    "session list": lambda _: ("GET", "/sessions", None),
    "session PATCH": lambda number: ("PATCH", f"/sessions/{people.session_id(number)}", {}),
    "tenants list": lambda _: ("GET", "/tenants", None),
    "register": lambda _: (
        "POST",
        "/auth/register",
        {
            "email": f"{uuid4()}@example.com",
            "password": PASSWORD,
            "firstName": "A",
            "lastName": "B",
        },
    ),
}


if __name__ == "__main__":
    sys.exit(main())
