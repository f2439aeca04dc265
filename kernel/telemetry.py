"""What a process counts, for Prometheus."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Histogram, start_http_server
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from kernel.settings import Address

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Telemetry:
    """The metrics of one process, in a registry of its own."""

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

    def counter(self, method: str) -> Callable[[str, float], None]:
        """Counts the calls of one method: takes the code of each and its seconds."""
        observe: dict[str, Callable[[float], None]] = {}

        def count(code: str, seconds: float) -> None:
            if code not in observe:
                observe[code] = self.calls.labels(method, code).observe
            observe[code](seconds)

        return count

    def serve(self, address: Address) -> None:
        """Serves the metrics over HTTP in a thread of their own."""
        start_http_server(address.port, address.host, registry=self.registry)
