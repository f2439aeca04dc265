"""The Prometheus metrics of a process.

The time of a call has the name and the labels that gRPC servers of most languages use,
`grpc_server_handling_seconds`, so that ready-made dashboards and rules fit. All others begin with
`coditect_`. No label has a value for each user, organization or address.
"""

import platform
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    start_http_server,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from kernel import tracing
from kernel.settings import Address
from kernel.storage import Backlogged, Store, Usage
from kernel.storage.recipes.sweeping import Sweeper
from kernel.version import VERSION

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_PROBLEMS = ("STORAGE_UNAVAILABLE", "STORAGE_FULL", "REVOCATIONS_STALE", "TIMEOUT")

# A series beside each counter and histogram, which nothing reads.
disable_created_metrics()  # type: ignore[no-untyped-call] # it has no annotations


class Telemetry:
    """The metrics of one process, in their own registry.

    Attributes:
        registry: The metrics.
        in_flight: The calls that run now. `CallInterceptor` counts them.
        queues: What `delivering` was told of: each queue by its name, for `Backlogs`.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.in_flight = 0
        self.queues: dict[str, Backlogged] = {}
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.calls = Histogram(
            "grpc_server_handling_seconds",
            "Time from the arrival of a call to its answer.",
            ("grpc_service", "grpc_method", "grpc_type", "grpc_code"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.gauge(
            "coditect_calls_in_flight",
            "Calls that run now, streams included.",
            lambda: self.in_flight,
        )
        self.problems = self._labelled(
            "coditect_service_problem",
            "1 while the process cannot serve for this reason, 0 afterwards.",
            "reason",
        )
        for reason in _PROBLEMS:  # so that a rule finds them before the first one
            self.problems.labels(reason)
        self.deliveries = Counter(
            "coditect_deliveries",
            "Deliveries from an outbox or a work queue, by outcome.",
            ("queue", "outcome"),
            registry=self.registry,
        )
        self.queue_depth = self._labelled(
            "coditect_queue_depth",
            "Rows that wait in an outbox or a work queue; 1000 stands for as many or more.",
            "queue",
        )
        self.queue_age = self._labelled(
            "coditect_queue_oldest_age_seconds",
            "How long the oldest row of an outbox or a work queue has waited; 0 if there is none.",
            "queue",
        )
        self._backup = self._gauge(
            "coditect_backup_last_success_timestamp_seconds",
            "When the store had the state that its newest backup restores; 0 if none is known.",
        )
        self._problem: str | None = None
        self._store_bytes: tuple[Gauge, Gauge] | None = None

    def observers(self, path: str, kind: str = "unary") -> Mapping[str, Callable[[float], None]]:
        """Returns what records a call of a method: by its code, a function of its seconds.

        Args:
            path: The method as `/package.Service/Method`.
            kind: `unary`, `server_stream` or `bidi_stream`.
        """
        _, service, method = path.split("/")
        return _Observers(lambda code: self.calls.labels(service, method, kind, code).observe)

    def show(self, problem: str | None) -> None:
        """Sets the reason why the process cannot serve; None if it can."""
        if self._problem is not None:
            self.problems.labels(self._problem).set(0)
        if problem is not None:
            self.problems.labels(problem).set(1)
        self._problem = problem

    def show_build(self, revision: str) -> None:
        """Shows which program runs: its release, its build (`REVISION`), and its Python."""
        info = Gauge(
            "coditect_build_info",
            "The program that runs; always 1.",
            ("version", "revision", "python"),
            registry=self.registry,
        )
        info.labels(VERSION, revision, platform.python_version()).set(1)

    def show_transactions(self, store: Store) -> None:
        """Shows what the write transactions of this process come to."""
        self.count(
            "coditect_store_commits",
            "Write transactions of this process that were committed.",
            lambda: store.transactions().commits,
        )
        self.count(
            "coditect_store_conflicts",
            "Attempts at a transaction that met a conflicting commit and were rolled back.",
            lambda: store.transactions().conflicts,
        )

    def show_usage(self, usage: Usage | None) -> None:
        """Sets how full the store is. A store that has metrics of its own (None) gets none here."""
        if usage is None:
            return
        if self._store_bytes is None:
            self._store_bytes = (
                self._gauge(
                    "coditect_store_used_bytes", "The bytes that the rows of the store take up."
                ),
                self._gauge(
                    "coditect_store_limit_bytes",
                    "The bytes that rows may take up before the store refuses ordinary writes.",
                ),
            )
        for gauge, value in zip(self._store_bytes, usage, strict=True):
            gauge.set(value)

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Adds a gauge that is read when the page is. `read` runs in another thread, and must not wait."""
        self.registry.register(_Reading(GaugeMetricFamily, name, text, read))

    def count(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Adds a counter, without `_total` in its name, that is read when the page is. See `gauge`."""
        self.registry.register(_Reading(CounterMetricFamily, name, text, read))

    def show_backup(self, time: float) -> None:
        """Sets when the store had the state that its newest backup restores, in seconds since 1970."""
        self._backup.set(time)

    def delivering(
        self, name: str, queue: Backlogged, deliver: Callable[[bytes], Awaitable[None]]
    ) -> Callable[[bytes], Awaitable[None]]:
        """Wraps the `deliver` of a queue: counts what it delivers and what fails, notes the queue, and traces it."""
        if (spans := tracing.active()) is not None:
            deliver = spans.delivering(name, deliver)
        self.queues[name] = queue
        for gauge in (self.queue_depth, self.queue_age):
            gauge.labels(name)
        done, failed = (self.deliveries.labels(name, outcome) for outcome in ("done", "failed"))

        async def count(payload: bytes) -> None:
            try:
                await deliver(payload)
            except Exception:
                failed.inc()
                raise
            done.inc()

        return count

    def sweeping(self, sweeper: Sweeper) -> Callable[[], Coroutine[Any, Any, None]]:
        """The task that sweeps, whose lag is shown."""
        self.gauge(
            "coditect_sweep_age_seconds",
            "How long ago a sweep last removed all that had expired.",
            sweeper.age,
        )
        return sweeper.run

    def serve(self, address: Address) -> None:
        """Serves the metrics over HTTP in a separate thread."""
        start_http_server(address.port, address.host, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)

    def _labelled(self, name: str, text: str, label: str) -> Gauge:
        return Gauge(name, text, (label,), registry=self.registry)


class _Observers(dict[str, Callable[[float], None]]):
    """What records a time, by the code of the call; made at the first call with a code."""

    def __init__(self, make: Callable[[str], Callable[[float], None]]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, code: str) -> Callable[[float], None]:
        observe = self[code] = self._make(code)
        return observe


class _Reading(Collector):
    """A metric without labels whose value is read when the page is."""

    def __init__(
        self,
        family: type[GaugeMetricFamily | CounterMetricFamily],
        name: str,
        text: str,
        read: Callable[[], float],
    ) -> None:
        self._family, self._name, self._text, self._read = family, name, text, read

    def collect(self) -> Iterator[Metric]:
        yield self._family(self._name, self._text, value=self._read())

    def describe(self) -> Iterator[Metric]:
        # Without this the registry would read the value when the metric is added.
        yield self._family(self._name, self._text)
