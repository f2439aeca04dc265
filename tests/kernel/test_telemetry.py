"""The metrics of a process."""

import re
from datetime import timedelta

import pytest
from prometheus_client import generate_latest

from kernel.backlogs import Backlogs
from kernel.storage import Backlog, Store, Usage
from kernel.telemetry import Telemetry
from tests.support.clock import FixedClock


@pytest.fixture
def telemetry() -> Telemetry:
    """The telemetry of one process."""
    return Telemetry()


class Queue:
    """A queue in which something waits, as the test says."""

    def __init__(self, *backlogs: Backlog) -> None:
        self.backlogs = list(backlogs)

    async def backlog(self, _: Store) -> Backlog:
        """The next backlog."""
        return self.backlogs.pop(0)


def value(telemetry: Telemetry, name: str, **labels: str) -> float | None:
    """The value that Prometheus would read."""
    return telemetry.registry.get_sample_value(name, labels)


def test_the_usage_of_a_store_is_shown(telemetry: Telemetry) -> None:
    """Both numbers are metrics, if the store knows them."""
    telemetry.show_usage(None)
    assert value(telemetry, "coditect_store_used_bytes") is None
    telemetry.show_usage(Usage(10, 100))
    telemetry.show_usage(Usage(20, 90))
    assert value(telemetry, "coditect_store_used_bytes") == 20
    assert value(telemetry, "coditect_store_limit_bytes") == 90


def test_one_problem_at_a_time(telemetry: Telemetry) -> None:
    """A problem's metric is set while it lasts, and reset afterwards."""
    telemetry.show(None)
    assert value(telemetry, "coditect_service_problem", reason="STORAGE_UNAVAILABLE") == 0
    telemetry.show("STORAGE_UNAVAILABLE")
    telemetry.show("REVOCATIONS_STALE")
    assert value(telemetry, "coditect_service_problem", reason="STORAGE_UNAVAILABLE") == 0
    assert value(telemetry, "coditect_service_problem", reason="REVOCATIONS_STALE") == 1
    telemetry.show(None)
    assert value(telemetry, "coditect_service_problem", reason="REVOCATIONS_STALE") == 0


async def test_deliveries_are_counted(telemetry: Telemetry) -> None:
    """Successes and failures are counted; a failure is still raised to the queue."""

    async def deliver(payload: bytes) -> None:
        if payload == b"bad":
            raise LookupError

    counted = telemetry.delivering("mail", Queue(), deliver)
    assert value(telemetry, "coditect_deliveries_total", queue="mail", outcome="failed") == 0
    await counted(b"good")
    with pytest.raises(LookupError):
        await counted(b"bad")
    assert value(telemetry, "coditect_deliveries_total", queue="mail", outcome="done") == 1
    assert value(telemetry, "coditect_deliveries_total", queue="mail", outcome="failed") == 1


def test_no_series_says_when_another_one_was_created(telemetry: Telemetry) -> None:
    """Histograms and counters have no `_created` series beside them."""
    telemetry.observers("/a.B/C")["OK"](0.1)
    telemetry.deliveries.labels("mail", "done").inc()
    page = generate_latest(telemetry.registry).decode()
    assert 'coditect_deliveries_total{outcome="done",queue="mail"} 1.0' in page
    assert re.findall("^[a-z_]+_created.*", page, re.MULTILINE) == []


def test_the_build_is_shown(telemetry: Telemetry) -> None:
    """The release, the commit and the version of Python are labels."""
    telemetry.show_build("0123abc")
    page = generate_latest(telemetry.registry).decode()
    assert re.search(
        r'^coditect_build_info\{python="3[.].+",revision="0123abc",version="[0-9.]+"\} 1.0$',
        page,
        re.MULTILINE,
    )


def test_a_reading_is_taken_when_the_page_is_read(telemetry: Telemetry) -> None:
    """A value that changes needs no call of ours; and none is read when the metric is added."""
    values = iter([1, 2])
    telemetry.gauge("coditect_thing", "A thing.", lambda: next(values))
    telemetry.count("coditect_things", "Things.", lambda: 3)
    assert value(telemetry, "coditect_things_total") == 3  # which reads all
    assert value(telemetry, "coditect_thing") == 2


async def test_the_depth_and_the_age_of_a_queue_are_measured(
    telemetry: Telemetry, store: Store
) -> None:
    """A row that says when it was put is as old as that; an empty queue has depth and age 0."""
    clock = FixedClock()
    put = clock.now() - timedelta(minutes=5)
    queue = Queue(Backlog(3, put_time=put), Backlog(0))
    telemetry.delivering("mail", queue, _deliver)
    backlogs = Backlogs(telemetry, store, clock, 10)
    await backlogs.measure()
    assert value(telemetry, "coditect_queue_depth", queue="mail") == 3
    assert value(telemetry, "coditect_queue_oldest_age_seconds", queue="mail") == 300
    await backlogs.measure()
    assert value(telemetry, "coditect_queue_depth", queue="mail") == 0
    assert value(telemetry, "coditect_queue_oldest_age_seconds", queue="mail") == 0


async def test_a_row_without_a_time_ages_while_it_is_the_oldest(
    telemetry: Telemetry, store: Store
) -> None:
    """Its age begins when it is first seen as the oldest one, and ends when another one is."""
    clock = FixedClock()
    first, second = Backlog(9, first=b"1"), Backlog(9, first=b"2")
    telemetry.delivering("outbox", Queue(first, first, second), _deliver)
    backlogs, ages = Backlogs(telemetry, store, clock, 10), []
    for _ in range(3):
        await backlogs.measure()
        ages.append(value(telemetry, "coditect_queue_oldest_age_seconds", queue="outbox"))
        clock.advance(seconds=60)
    assert ages == [0, 60, 0]


async def _deliver(_: bytes) -> None:
    pass
