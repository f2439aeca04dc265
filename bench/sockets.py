"""Measures what Unix sockets between the gateway and the services save, in comparison with TCP.

python -m bench sockets    needs h2load (nghttp2)

Two systems run, and session GETs alternate between them. Processor time depends less on what else the
machine does than the rate.
"""

import statistics
from collections.abc import Iterator
from pathlib import Path

import psutil

from bench.load import run
from bench.system import Row, User, checked, laptop, new_user
from tools.laptop import Laptop

ROUNDS = 5
CLIENTS = 16
TCP = {"AUTH_PORT": "0", "TENANTS_PORT": "0", "SESSIONS_PORT": "0"}
PROCESSES = ("gateway", "sessions")


def measure(folder: Path, seconds: int) -> Iterator[Row]:
    """Yields the rows of the table."""
    with laptop(folder / "sockets") as sockets, laptop(folder / "tcp", more=TCP) as tcp:
        systems = {"sockets": sockets, "TCP": tcp}
        users = {}
        for name, running in systems.items():
            running.wait_until_ready()
            users[name] = new_user(running)
        found: dict[str, list[dict[str, float]]] = {name: [] for name in systems}
        for _ in range(ROUNDS):
            for name, running in systems.items():
                found[name].append(_round(running, users[name], seconds))
    of = {
        name: {what: statistics.median(one[what] for one in some) for what in some[0]}
        for name, some in found.items()
    }
    yield Row(
        "session GET over sockets / TCP: rate", f"{of['sockets']['rate'] / of['TCP']['rate']:.2f}"
    )
    for process in PROCESSES:
        times = of["sockets"][process], of["TCP"][process]
        label = f"session GET over sockets / TCP: processor time of {process}"
        yield Row(label, f"{times[0] / times[1]:.2f}", note=f"{times[0]:.0f} / {times[1]:.0f} us")


def _round(running: Laptop, user: User, seconds: int) -> dict[str, float]:
    """The rate per second, and the microseconds of each process for a call."""
    processes = {name: psutil.Process(running.pid(name)) for name in PROCESSES}
    before = {name: process.cpu_times() for name, process in processes.items()}
    load = checked(run(user.session_url, seconds=seconds, clients=CLIENTS, headers=user.headers))
    calls = len(load.milliseconds)
    spent = {}
    for name, process in processes.items():
        after = process.cpu_times()
        used = after.user + after.system - before[name].user - before[name].system
        spent[name] = used * 1e6 / calls
    return {"rate": load.rate, **spent}
