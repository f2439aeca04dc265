"""Measures what the sidecars cost: session GETs with and without the mesh.

python -m bench.mesh [SECONDS]   seconds per measurement, default 5; needs h2load

Everything runs on this host, so a sidecar takes processor time from the service beside it. In a
cluster each pod has its own.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from bench.load import Load, run
from bench.system import CHEAP, Row, checked, laptop, middle, new_user, report
from tests.support.mesh import Mesh

ROUNDS = 3
CLIENTS = 16
_CALM_RATE = 400  # requests per second, low enough that no request waits for another


def main() -> int:
    """Measures, prints, and returns 1 if a budget is missed."""
    return report(_measure)


def _measure(folder: Path, seconds: int) -> Iterator[Row]:
    mesh = Mesh(folder / "certificates")
    with (
        laptop(folder / "plain", more=CHEAP) as plain,
        laptop(folder / "mesh", mesh.programs, CHEAP) as meshed,
    ):
        systems = {"without": plain, "with": meshed}
        for running in systems.values():
            running.wait_until_ready()
        users = {name: new_user(running) for name, running in systems.items()}
        busy: dict[str, list[Load]] = {name: [] for name in users}
        calm: dict[str, list[Load]] = {name: [] for name in users}
        for _ in range(ROUNDS):
            for name, user in users.items():
                url, headers = user.session_url, user.headers
                load = run(url, seconds=seconds, clients=CLIENTS, headers=headers)
                busy[name].append(checked(load))
                load = run(url, seconds=seconds, clients=4, rate=_CALM_RATE, headers=headers)
                calm[name].append(checked(load))
    rates = {name: middle(loads).rate for name, loads in busy.items()}
    for name, rate in rates.items():
        yield Row(f"session GET {name} sidecars: requests/s", f"{rate:.0f}")
        load = middle(calm[name])
        times = f"{load.percentile(0.5):.2f} / {load.percentile(0.99):.2f}"
        yield Row(f"the same at {_CALM_RATE}/s: p50 / p99 ms", times)
    yield Row("with / without sidecars", f"{rates['with'] / rates['without']:.2f}")


if __name__ == "__main__":
    sys.exit(main())
