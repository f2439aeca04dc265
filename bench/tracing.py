"""What traces cost a read: session GETs without them, with one in a hundred recorded, and with all.

python -m bench.tracing [SECONDS]     seconds per measurement, default 5; needs h2load (nghttp2-client)

Three systems run side by side, and are measured in turns, so that all see the same load of the machine.
The collector, which only counts, runs in a process of its own. Its processor time is not included.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import grpc
import psutil

from bench.cost import Processes
from bench.load import Load, run
from bench.system import Row, User, at_least, checked, laptop, new_user, report
from tools import settings
from tools.laptop import Laptop

ROUNDS = 7
CLIENTS = 16
SYSTEMS: Mapping[str, Mapping[str, str]] = {
    "off": {},
    "one in a hundred": {
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": "0.01",
    },
    "all": {"OTEL_TRACES_SAMPLER": "parentbased_always_on"},
}
_EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


def measure(folder: Path, seconds: int) -> Iterator[Row]:
    """Measures the systems in turns."""
    with ExitStack() as stack:
        endpoint = stack.enter_context(_collector())
        running: dict[str, tuple[Laptop, User]] = {}
        for name, variables in SYSTEMS.items():
            more = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, **variables} if variables else {}
            system = stack.enter_context(laptop(folder / name, more=more))
            system.wait_until_ready()
            running[name] = system, new_user(system)
        for name in SYSTEMS:  # a first load warms caches up
            _load(running[name][1], 1)
        loads: dict[str, list[Load]] = {name: [] for name in SYSTEMS}
        costs: dict[str, list[float]] = {name: [] for name in SYSTEMS}
        for number in range(ROUNDS):
            for name in list(SYSTEMS)[:: 1 if number % 2 else -1]:
                load, cost = _measured(*running[name], seconds)
                loads[name].append(load)
                costs[name].append(cost)
        yield from _rows(loads, costs)
        yield from _memory({name: system for name, (system, _) in running.items()})


def _measured(system: Laptop, user: User, seconds: int) -> tuple[Load, float]:
    """A load, and the processor time of the product for each call, in microseconds."""
    loads: list[Load] = []
    spent = Processes(system).spent(lambda: loads.append(_load(user, seconds)))
    return loads[0], spent.milliseconds * 1000 / len(loads[0].milliseconds)


def _load(user: User, seconds: int) -> Load:
    return checked(run(user.session_url, seconds=seconds, clients=CLIENTS, headers=user.headers))


def _rows(
    loads: Mapping[str, Sequence[Load]], costs: Mapping[str, Sequence[float]]
) -> Iterator[Row]:
    rates = {name: [load.rate for load in taken] for name, taken in loads.items()}
    for name in SYSTEMS:
        yield Row(f"traces {name}: requests/s", f"{statistics.median(rates[name]):.0f}")
        yield Row(f"traces {name}: CPU µs per call", f"{statistics.median(costs[name]):.0f}")
    for name, budget in (("one in a hundred", 0.95), ("all", 0.0)):
        rate = _ratio(rates[name], rates["off"])
        row = f"rate, traces {name} / off"
        yield at_least(row, rate, budget) if budget else Row(row, f"{rate:.3f}")
        cost = _ratio(costs[name], costs["off"])
        yield Row(f"CPU per call, traces {name} / off", f"{cost:.3f}")


def _ratio(ones: Sequence[float], others: Sequence[float]) -> float:
    """The median of the ratios of measurements that were made one after the other."""
    return statistics.median(one / other for one, other in zip(ones, others, strict=True))


def _memory(systems: Mapping[str, Laptop]) -> Iterator[Row]:
    for context in (*settings.CONTEXTS, "gateway"):
        used = [
            f"{psutil.Process(system.pid(context)).memory_info().rss / 1e6:.0f}"
            for system in systems.values()
        ]
        yield Row(f"memory of {context}, {' / '.join(systems)}", f"{' / '.join(used)} MB")


@contextmanager
def _collector() -> Iterator[str]:
    """A collector in a process of its own; gives its address."""
    argv = [sys.executable, "-m", "bench.tracing", "collect"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


def collect() -> None:
    """Takes spans, and forgets them."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only in this process

    handler: Any = grpc.unary_unary_rpc_method_handler(lambda _, __: b"")
    service, _, method = _EXPORT[1:].partition("/")
    server = grpc.server(ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(service, {method: handler}),)
    )
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    time.sleep(1e6)


if __name__ == "__main__":
    if sys.argv[1:] == ["collect"]:
        collect()
    sys.exit(report(measure))
