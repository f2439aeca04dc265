"""Measures whether reads grow with cores: session GETs of one process of the service, and of two.

python -m bench workers    needs h2load (nghttp2), Linux and two cores

Each process of sessions is pinned to a core of its own, and called over gRPC, without the gateway, by a
load generator that is pinned, too. With four cores the load generators have two of them. With two, the
one process has a core for itself, and each of two shares its core with the load generator of the
other. Then the gateway comes in: one system with one process of each service, one with two.
"""

import os
import re
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import grpc
import psutil

from bench.load import Load, NoLoadGenerator, Skipped, run
from bench.system import Row, User, at_least, at_most, checked, laptop, middle, new_user
from coditect.sessions.v5 import sessions_pb2, sessions_pb2_grpc
from tools.laptop import Laptop

ROUNDS = 3
CLIENTS = 16
WORKERS = 2
SECONDS = 30  # for one call
METHOD = "/coditect.sessions.v5.SessionsService/GetSession"
_RATE = re.compile(r"finished in .*, ([0-9.]+) req/s")
_REQUESTS = re.compile(r"([0-9]+) done, ([0-9]+) succeeded, ([0-9]+) failed, ([0-9]+) errored")


@dataclass(frozen=True)
class Calls:
    """Calls of one process, or the sum of several.

    Attributes:
        rate: Calls per second.
        cost: Processor time of the service for a call, in microseconds.
    """

    rate: float
    cost: float


def measure(folder: Path, seconds: int) -> Iterator[Row]:
    """Yields the rows of the table."""
    cores = _cores()
    with laptop(folder / "several", more={"WORKERS": str(WORKERS)}) as several:
        several.wait_until_ready()
        yield from _of_the_service(several, new_user(several), cores, seconds)
        with laptop(folder / "one") as one:
            one.wait_until_ready()
            yield from _through_the_gateway(new_user(one), new_user(several), seconds)


def _cores() -> list[int]:
    if not hasattr(os, "sched_setaffinity"):
        raise Skipped("this system cannot pin a process to a core")
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < WORKERS:
        raise Skipped("there is only one core")
    return cores


def _of_the_service(
    running: Laptop, user: User, cores: Sequence[int], seconds: int
) -> Iterator[Row]:
    """Alternates one process and two, so that both see the same load of the machine."""
    names = running.settings.workers["sessions"]
    # The last cores are those of the load generators: others than those of the services, if there are.
    generators = cores[::-1][:WORKERS]
    pinned = dict(zip(names, zip(cores, generators, strict=False), strict=False))
    for name, (core, _) in pinned.items():
        _pin(running.pid(name), core)
    found: dict[int, list[Calls]] = {1: [], WORKERS: []}
    for _ in range(ROUNDS):
        for number, calls in found.items():
            some = {name: pinned[name] for name in names[:number]}
            calls.append(_calls(running, user, some, seconds))
    rates = {
        number: statistics.median(one.rate for one in calls) for number, calls in found.items()
    }
    costs = {
        number: statistics.median(one.cost for one in calls) for number, calls in found.items()
    }
    yield Row("session GET of one process of sessions: requests/s", f"{rates[1]:.0f}")
    yield Row(f"session GET of {WORKERS}, each on its core: requests/s", f"{rates[WORKERS]:.0f}")
    yield at_least(f"session GET, {WORKERS} processes / one", rates[WORKERS] / rates[1], 1.6)
    cost = costs[WORKERS] / costs[1]
    yield at_most(f"processor time of a session GET, {WORKERS} processes / one", cost, 1.1, "x")


def _calls(
    running: Laptop, user: User, pinned: Mapping[str, tuple[int, int]], seconds: int
) -> Calls:
    """Calls some processes at once, each from its load generator."""
    processes = [psutil.Process(running.pid(name)) for name in pinned]
    before = sum(map(_used, processes))
    with ThreadPoolExecutor(len(pinned)) as pool:
        loads = [
            pool.submit(_load, running.settings.listen[name], user, core, seconds)
            for name, (_, core) in pinned.items()
        ]
        results = [load.result() for load in loads]
    used = sum(map(_used, processes)) - before
    return Calls(
        rate=sum(rate for _, rate in results),
        cost=used * 1e6 / sum(done for done, _ in results),
    )


def _used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _load(address: str, user: User, core: int, seconds: int) -> tuple[int, float]:
    """The number and the rate of GETs over gRPC, without the gateway."""
    _check(address, user)
    program = shutil.which("h2load")
    if program is None:
        raise NoLoadGenerator
    message = sessions_pb2.GetSessionRequest(session_id=user.session).SerializeToString()
    uri = address if address.startswith("unix:") else f"http://{address}"
    with tempfile.NamedTemporaryFile() as body:
        body.write(b"\0" + len(message).to_bytes(4, "big") + message)
        body.flush()
        argv = [
            program,
            f"-c{CLIENTS}",
            "-m1",
            f"-D{seconds}",
            f"--base-uri={uri}",
            "-d",
            body.name,
        ]
        for header in ("content-type: application/grpc", "te: trailers", *user.headers):
            argv += ["-H", header]
        done = subprocess.run(
            [*argv, f"http://localhost{METHOD}"],
            check=True,
            capture_output=True,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
    rate, requests = _RATE.search(done.stdout), _REQUESTS.search(done.stdout)
    if rate is None or requests is None or requests[1] != requests[2]:
        raise RuntimeError(f"h2load failed: {done.stdout.strip()}")
    return int(requests[1]), float(rate[1])


def _check(address: str, user: User) -> None:
    """Makes one call. Raises `grpc.RpcError` if it fails, of which the load generator knows nothing."""
    with grpc.insecure_channel(address) as channel:
        request = sessions_pb2.GetSessionRequest(session_id=user.session)
        metadata = (("authorization", f"Bearer {user.token}"),)
        stub = sessions_pb2_grpc.SessionsServiceStub(channel)
        stub.GetSession(request, metadata=metadata, timeout=SECONDS)


def _pin(pid: int, core: int) -> None:
    """Has all threads of a process run on one core."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {core})


def _through_the_gateway(one: User, several: User, seconds: int) -> Iterator[Row]:
    loads: dict[User, list[Load]] = {user: [] for user in (one, several)}
    for _ in range(ROUNDS):
        for user, some in loads.items():
            load = run(user.session_url, seconds=seconds, clients=CLIENTS, headers=user.headers)
            some.append(checked(load))
    rates = [middle(some).rate for some in loads.values()]
    yield Row("session GET through the gateway: requests/s", f"{rates[0]:.0f}")
    yield Row(f"the same with WORKERS={WORKERS}, on the same cores: requests/s", f"{rates[1]:.0f}")
    yield Row(f"WORKERS={WORKERS} / one", f"{rates[1] / rates[0]:.2f}")
