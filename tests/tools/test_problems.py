"""Why services are not ready, as their metrics say."""

from collections.abc import Iterator

import pytest
from prometheus_client import start_http_server

from kernel.telemetry import Telemetry
from tools.problems import FULL, problems


@pytest.fixture
def served() -> Iterator[tuple[Telemetry, int]]:
    """The telemetry of a service, and the port of its metrics."""
    telemetry = Telemetry()
    server, thread = start_http_server(0, "127.0.0.1", registry=telemetry.registry)
    yield telemetry, server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def test_only_present_problems_are_found(served: tuple[Telemetry, int]) -> None:
    """A problem is found while it lasts, and not afterwards."""
    telemetry, port = served
    assert problems({"auth": port}) == {}
    telemetry.show("STORAGE_UNAVAILABLE")
    telemetry.show(FULL)
    assert problems({"auth": port}) == {"auth": FULL}
    telemetry.show(None)
    assert problems({"auth": port}) == {}


def test_a_service_that_does_not_run_reports_nothing(served: tuple[Telemetry, int]) -> None:
    """It is left out, and the others are found."""
    telemetry, port = served
    telemetry.show(FULL)
    assert problems({"tenants": 1, "auth": port}) == {"auth": FULL}
