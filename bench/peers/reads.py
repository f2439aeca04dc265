"""Session GETs, relative to the authenticated reads of applications on other libraries and PostgreSQL.

python -m bench peers     needs h2load (nghttp2-client), PostgreSQL, and PyPI and npm the first time

Each application answers the same request: it finds out who calls, and reads one row of that user, with
the columns of a session. FastAPI-Users checks a JWT and reads the user; better-auth reads the login and
the user. Both run behind nothing, and reach PostgreSQL, with its default settings, by a Unix socket.
The product runs as with `make run`: behind its gateway, on LMDB.

The applications run in two sizes: as their documentation starts them, in one process with the default
pool of connections; and in a process per core, with as many connections as there are clients, because
SQLAlchemy opens and closes those beyond five. The size with the higher rate counts. All are measured in turns, by the same clients on the same
cores. The processor time of a call, in all processes and PostgreSQL's, hardly depends on what else runs.
"""

import os
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.load import Skipped, run
from bench.peers import postgres
from bench.peers.applications import PEERS, Size, Target
from bench.system import CHEAP, Row, at_least, checked, laptop, new_user, skipped
from tools import settings
from tools.laptop import Laptop

ROUNDS = 3
CLIENTS = 16
BUDGET = 6
OURS = "session GET"
SIZES = (
    Size("documented", processes=1, connections=None),
    Size("tuned", processes=os.cpu_count() or 1, connections=CLIENTS),
)


@dataclass(frozen=True)
class Taken:
    """A load: requests per second, and processor time of a call in microseconds, in all processes."""

    rate: float
    cost: float


def measure(folder: Path, seconds: int) -> Iterator[Row]:
    """Measures the product and the applications that can be set up here, in turns."""
    with ExitStack() as stack:
        server = stack.enter_context(postgres.server())
        peers: dict[str, dict[str, Target]] = {}
        for name, start in PEERS.items():
            try:
                peers[name] = {
                    f"{name}, {size.name}": stack.enter_context(start(folder, server, size))
                    for size in SIZES
                }
            except Skipped as reason:
                yield skipped(f"{OURS} / read of {name}", reason, f">= {BUDGET}")
        if peers:
            running = stack.enter_context(laptop(folder / "product", more=CHEAP))
            running.wait_until_ready()
            yield from _compare(_product(running), peers, seconds)


def _product(running: Laptop) -> Target:
    user = new_user(running)
    pids = [running.pid(name) for name in (*settings.CONTEXTS, "gateway")]
    return Target(user.session_url, user.headers, pids)


def _compare(
    product: Target, peers: Mapping[str, Mapping[str, Target]], seconds: int
) -> Iterator[Row]:
    targets = {OURS: product}
    for sizes in peers.values():
        targets |= sizes
    taken: dict[str, list[Taken]] = defaultdict(list)
    for _ in range(ROUNDS):
        for name, target in targets.items():
            taken[name].append(_taken(target, seconds))
    rates = {name: statistics.median(one.rate for one in some) for name, some in taken.items()}
    costs = {name: statistics.median(one.cost for one in some) for name, some in taken.items()}
    for name, rate in rates.items():
        yield Row(f"{name}, beside the peers: requests/s", f"{rate:.0f}")
        yield Row(f"{name}, beside the peers: CPU µs per call", f"{costs[name]:.0f}")
    for peer, sizes in peers.items():
        fastest, cheapest = max(rates[name] for name in sizes), min(costs[name] for name in sizes)
        yield at_least(f"{OURS} / read of {peer}", rates[OURS] / fastest, BUDGET)
        yield Row(f"CPU per call, {peer} / {OURS}", f"{cheapest / costs[OURS]:.2f}")


def _taken(target: Target, seconds: int) -> Taken:
    before = _milliseconds(target.pids)
    load = checked(run(target.url, seconds=seconds, clients=CLIENTS, headers=target.headers))
    spent = _milliseconds(target.pids) - before
    return Taken(load.rate, spent * 1000 / len(load.milliseconds))


def _milliseconds(pids: Iterable[int]) -> float:
    """Processor time so far of processes and of those that they have started, also of ended ones."""
    spent = 0.0
    for first in map(psutil.Process, pids):
        for process in (first, *first.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):  # then its parent has its times
                spent += sum(process.cpu_times()[:4])
    return spent * 1000
