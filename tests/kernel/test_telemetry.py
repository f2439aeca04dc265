"""What a process counts."""

import pytest

from kernel.telemetry import Telemetry


@pytest.fixture
def telemetry() -> Telemetry:
    """That of one process."""
    return Telemetry()


def value(telemetry: Telemetry, name: str, **labels: str) -> float | None:
    """What Prometheus would read."""
    return telemetry.registry.get_sample_value(name, labels)


def test_one_problem_at_a_time(telemetry: Telemetry) -> None:
    """A problem is shown while it lasts; afterwards it is seen to be over."""
    telemetry.show(None)
    assert value(telemetry, "service_problem", reason="STORAGE_UNAVAILABLE") is None
    telemetry.show("STORAGE_UNAVAILABLE")
    telemetry.show("REVOCATIONS_STALE")
    assert value(telemetry, "service_problem", reason="STORAGE_UNAVAILABLE") == 0
    assert value(telemetry, "service_problem", reason="REVOCATIONS_STALE") == 1
    telemetry.show(None)
    assert value(telemetry, "service_problem", reason="REVOCATIONS_STALE") == 0


async def test_deliveries_are_counted(telemetry: Telemetry) -> None:
    """What was delivered and what was not; what went wrong is still told to the queue."""

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
