"""Measures whether a call costs more when there are more users, and moves them to FoundationDB.

python -m bench scale            needs FoundationDB for its second half
python -m bench.scale [USERS]    with another number of users than 1,000,000

The cost of a call is its processor time, see cost.py. Before each call is measured, the cluster has
moved no data for five seconds.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from uuid import uuid4

import psutil

from bench import users
from bench.cluster import wait_until_still
from bench.cost import CALLERS, Call, Line, Processes, at_once, costs
from bench.system import CHEAP, PASSWORD, Row, at_most, laptop, skipped, table
from tests.support.cluster import MISSING, Cluster, program
from tools.laptop import Laptop

FEW = 1000
MANY = 1_000_000
LOGGED_IN = 100
CALLS = 800
BUDGET = 1.1


@dataclass(frozen=True)
class Measured:
    """A running system, and some users of it."""

    lines: list[Line]
    tokens: Mapping[int, str]
    processes: Processes


def main() -> int:
    """Measures, prints, and returns 1 if a budget is missed."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    with tempfile.TemporaryDirectory(prefix="coditect-bench-") as folder:
        return table(_measure(Path(folder), many))


def measure(folder: Path, _: int) -> Iterator[Row]:
    """Measures both stores; how long depends on the number of users."""
    return _measure(folder, MANY)


def _measure(folder: Path, many: int) -> Iterator[Row]:
    urls = {count: f"lmdb://{folder}/{count}" for count in (FEW, many)}
    for count, url in urls.items():
        began = time.monotonic()
        users.fill(url, count)
        yield Row(f"seconds to write {count:,} users", f"{time.monotonic() - began:.0f}")
    yield from _compare("lmdb", folder, urls, None)
    if program("fdbserver") is None or program("fdbcli") is None:
        yield skipped("calls on fdb: many / few", MISSING, f"<= {BUDGET} x")
        return
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
        yield from _compare("fdb", folder, moved, cluster)


def _compare(
    store: str, folder: Path, urls: Mapping[int, str], cluster: Cluster | None
) -> Iterator[Row]:
    """Alternates the same calls on few users and on many."""
    servers = [psutil.Process(pid) for pid in cluster.pids] if cluster else []
    with ExitStack() as stack:
        systems = {}
        for count, url in urls.items():
            data = folder / f"{count}-data"  # has the keys, which the copy needs too
            running = stack.enter_context(laptop(data, more={**CHEAP, "STORE_URL": url}))
            running.wait_until_ready()
            systems[count] = _measured(running, count, servers)
        systems[min(systems)].processes.wait_until_quiet()
        for name, make in _CALLS.items():
            if cluster:
                seconds, movement = wait_until_still(cluster)
                text = f"{seconds:.0f} s, {movement.moving_bytes} bytes, {movement.state}"
                yield Row(f"{name} on {store}: waited, data that moves, state", text)
            found = costs(
                {
                    count: (system.processes, partial(_all_calls, system, make))
                    for count, system in systems.items()
                }
            )
            few, many = (found[count] for count in urls)
            yield Row(f"{name} on {store}: ms at {min(urls):,} users", f"{few:.3f}")
            yield Row(f"{name} on {store}: ms at {max(urls):,} users", f"{many:.3f}")
            yield at_most(f"{name} on {store}: many / few", many / few, BUDGET, "x")


def _measured(running: Laptop, count: int, servers: list[psutil.Process]) -> Measured:
    """Logs in some users, spread evenly over all."""
    lines = [Line(running.settings.url) for _ in range(CALLERS)]
    tokens = {
        number: lines[0].log_in(users.email(number), PASSWORD)["tokens"]["accessToken"]
        for number in range(0, count, count // LOGGED_IN)
    }
    return Measured(lines, tokens, Processes(running, servers))


def _all_calls(system: Measured, make: Callable[[int], Call]) -> int:
    return at_once(partial(_calls, system, make))


def _calls(system: Measured, make: Callable[[int], Call], caller: int) -> int:
    """One caller's share of the calls, each for a random user."""
    chance, share = Random(caller), CALLS // CALLERS  # noqa: S311 - no secret
    for number in chance.choices(list(system.tokens), k=share):
        system.lines[caller].call(make(number), system.tokens[number])
    return share


_CALLS: Mapping[str, Callable[[int], Call]] = {
    "session GET": lambda number: ("GET", f"/sessions/{users.session_id(number)}", None),
    "session list": lambda _: ("GET", "/sessions", None),
    "session PATCH": lambda number: ("PATCH", f"/sessions/{users.session_id(number)}", {}),
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
