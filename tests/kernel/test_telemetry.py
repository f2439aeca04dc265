"""The metrics of a process."""

import pytest

from kernel.storage import Usage
from kernel.telemetry import Telemetry


@pytest.fixture
def telemetry() -> Telemetry:
    """The telemetry of one process."""
    return Telemetry()


def value(telemetry: Telemetry, name: str, **labels: str) -> float | None:
    """The value that Prometheus would read."""
    return telemetry.registry.get_sample_value(name, labels)


def test_the_usage_of_a_store_is_shown(telemetry: Telemetry) -> None:
    """Both numbers are metrics, if the store knows them."""
    telemetry.show_usage(None)
    assert value(telemetry, "store_used_bytes") is None
    telemetry.show_usage(Usage(10, 100))
    telemetry.show_usage(Usage(20, 90))
    assert value(telemetry, "store_used_bytes") == 20
    assert value(telemetry, "store_limit_bytes") == 90


def test_one_problem_at_a_time(telemetry: Telemetry) -> None:
    """A problem's metric is set while it lasts, and reset afterwards."""
    telemetry.show(None)
    assert value(telemetry, "service_problem", reason="STORAGE_UNAVAILABLE") is None
    telemetry.show("STORAGE_UNAVAILABLE")
    telemetry.show("REVOCATIONS_STALE")
    assert value(telemetry, "service_problem", reason="STORAGE_UNAVAILABLE") == 0
    assert value(telemetry, "service_problem", reason="REVOCATIONS_STALE") == 1
    telemetry.show(None)
    assert value(telemetry, "service_problem", reason="REVOCATIONS_STALE") == 0


async def test_deliveries_are_counted(telemetry: Telemetry) -> None:
    """Successes and failures are counted; a failure is still raised to the queue."""

    async def deliver(payload: bytes) -> None:
        if payload == b"bad":
            raise LookupError

    counted = telemetry.delivering("mail", deliver)
    assert value(telemetry, "deliveries_total", queue="mail", outcome="failed") == 0
    await counted(b"good")
    with pytest.raises(LookupError):
        await counted(b"bad")
    assert value(telemetry, "deliveries_total", queue="mail", outcome="done") == 1
    assert value(telemetry, "deliveries_total", queue="mail", outcome="failed") == 1
