"""The Prometheus metrics of a process."""

from collections.abc import Awaitable, Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from kernel import tracing
from kernel.settings import Address
from kernel.storage import Usage

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Telemetry:
    """The metrics of one process, in their own registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.calls = Histogram(
            "rpc_server_seconds",
            "Time from the arrival of a call to its answer, in seconds.",
            ("method", "code"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.problems = Gauge(
            "service_problem",
            "1 while the process cannot serve for this reason, 0 afterwards.",
            ("reason",),
            registry=self.registry,
        )
        self.deliveries = Counter(
            "deliveries",
            "Deliveries from an outbox or a work queue, by outcome.",
            ("queue", "outcome"),
            registry=self.registry,
        )
        self._backup = self._gauge(
            "coditect_backup_last_success_timestamp_seconds",
            "When the store had the state that its newest backup restores; 0 if none is known.",
        )
        self._problem: str | None = None
        self._store_bytes: tuple[Gauge, Gauge] | None = None

    def counter(self, method: str) -> Callable[[str, float], None]:
        """Returns a function that records a call of the method: its code and its seconds."""
        observe: dict[str, Callable[[float], None]] = {}

        def count(code: str, seconds: float) -> None:
            if code not in observe:
                observe[code] = self.calls.labels(method, code).observe
            observe[code](seconds)

        return count

    def show(self, problem: str | None) -> None:
        """Sets the reason why the process cannot serve; None if it can."""
        if self._problem is not None:
            self.problems.labels(self._problem).set(0)
        if problem is not None:
            self.problems.labels(problem).set(1)
        self._problem = problem

    def show_usage(self, usage: Usage | None) -> None:
        """Sets how full the store is. A store that has metrics of its own (None) gets none here."""
        if usage is None:
            return
        if self._store_bytes is None:
            self._store_bytes = (
                self._gauge("store_used_bytes", "The bytes that the rows of the store take up."),
                self._gauge(
                    "store_limit_bytes",
                    "The bytes that rows may take up before the store refuses ordinary writes.",
                ),
            )
        for gauge, value in zip(self._store_bytes, usage, strict=True):
            gauge.set(value)

    def show_backup(self, time: float) -> None:
        """Sets when the store had the state that its newest backup restores, in seconds since 1970."""
        self._backup.set(time)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)

    def delivering(
        self, queue: str, deliver: Callable[[bytes], Awaitable[None]]
    ) -> Callable[[bytes], Awaitable[None]]:
        """Wraps `deliver`, counts what it delivers and what fails, and traces it if traces are on."""
        if (spans := tracing.active()) is not None:
            deliver = spans.delivering(queue, deliver)
        done, failed = (self.deliveries.labels(queue, outcome) for outcome in ("done", "failed"))

        async def count(payload: bytes) -> None:
            try:
                await deliver(payload)
            except Exception:
                failed.inc()
                raise
            done.inc()

        return count

    def serve(self, address: Address) -> None:
        """Serves the metrics over HTTP in a separate thread."""
        start_http_server(address.port, address.host, registry=self.registry)
