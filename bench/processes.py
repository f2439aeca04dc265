"""Measures what each process of a pod takes: processor time per call, and memory at its peak.

python -m bench.processes [SECONDS [STORE_URL]]   seconds per measurement, default 5; needs h2load

It prints the measured part of deploy/figures.yaml, from which requests and limits of the production
charts are derived: see "Requests and limits" in deploy/README.md. Each service runs behind a sidecar, as
in a cluster. A ratio of processor times hardly depends on the machine, and on what else runs there.
"""

import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import yaml

from bench.load import Load, NoLoadGenerator, run
from bench.system import JSON, PASSWORD, User, checked, laptop, new_user
from tests.support.mesh import GATEWAY, Mesh
from tools.laptop import Laptop
from tools.settings import CONTEXTS

ROUNDS = 3
CLIENTS = 16
_PATHS = {"auth": "/api/v5/auth/me", "tenants": "/api/v5/tenants"}


def main() -> int:
    """Measures and prints; returns 2 if nothing can be measured."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    try:
        with _mesh(*sys.argv[2:3]) as running:
            sys.stdout.write(yaml.safe_dump({"measured": _measure(running, seconds)}))
    except NoLoadGenerator:
        sys.stderr.write("bench: h2load is not installed (it is part of nghttp2)\n")
        return 2
    return 0


@contextmanager
def _mesh(store: str = "") -> Iterator[Laptop]:
    more = {"STORE_URL": store} if store else {}
    with tempfile.TemporaryDirectory(prefix="coditect-bench-") as folder:
        mesh = Mesh(Path(folder) / "certificates")
        with laptop(Path(folder) / "data", mesh.programs, more) as running:
            running.wait_until_ready()
            yield running


def _measure(running: Laptop, seconds: int) -> dict[str, Any]:
    user, other = new_user(running), new_user(running)
    costs: dict[str, list[Mapping[str, float]]] = {context: [] for context in CONTEXTS}
    for _ in range(ROUNDS):
        for context in CONTEXTS:
            costs[context].append(_cost(running, context, _read(user, context, seconds)))
    login = _cost(running, "auth", _logins(other, seconds))
    names = (*CONTEXTS, *(f"{context}-sidecar" for context in CONTEXTS), GATEWAY)
    return {
        "microsecondsPerRead": {
            context: {
                part: round(_middle(found, part)) for part in ("service", "sidecar", "gateway")
            }
            for context, found in costs.items()
        },
        "microsecondsPerLogin": {part: round(spent) for part, spent in login.items()},
        "peakMegabytes": {name: round(_peak(running, name)) for name in names},
    }


def _cost(running: Laptop, context: str, work: Callable[[], int]) -> dict[str, float]:
    """Microseconds of processor time per call, of a service, its sidecar and the gateway."""
    names = {"service": context, "sidecar": f"{context}-sidecar", "gateway": GATEWAY}
    processes = {part: psutil.Process(running.pid(name)) for part, name in names.items()}

    def used() -> dict[str, float]:
        times = {part: process.cpu_times() for part, process in processes.items()}
        return {part: found.user + found.system for part, found in times.items()}

    before = used()
    calls = work()
    return {part: (now - before[part]) * 1e6 / calls for part, now in used().items()}


def _read(user: User, context: str, seconds: int) -> Callable[[], int]:
    url = f"{user.url}{_PATHS[context]}" if context in _PATHS else user.session_url
    return lambda: _calls(run(url, seconds=seconds, clients=CLIENTS, headers=user.headers))


def _logins(user: User, seconds: int) -> Callable[[], int]:
    body = json.dumps({"email": user.email, "password": PASSWORD}).encode()
    url = f"{user.url}/api/v5/auth/login"
    return lambda: _calls(run(url, seconds=seconds, clients=8, headers=[JSON], body=body))


def _calls(load: Load) -> int:
    return len(checked(load).milliseconds)


def _middle(costs: list[Mapping[str, float]], part: str) -> float:
    return statistics.median(cost[part] for cost in costs)


def _peak(running: Laptop, name: str) -> float:
    """The largest resident memory that the process has had, in MB."""
    for line in Path(f"/proc/{running.pid(name)}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    return psutil.Process(running.pid(name)).memory_info().rss / 1e6


if __name__ == "__main__":
    sys.exit(main())
