"""A traced store behaves as the store itself, and says what its transactions did."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from kernel import tracing
from kernel.errors import StorageUnavailable
from kernel.settings import TracingSettings
from kernel.storage import Read, Store, Subspace, Write, open_store
from kernel.storage.families import Value
from kernel.storage.recipes.outbox import Outbox
from kernel.telemetry import Telemetry
from kernel.tracing.store import traced_store
from tests.support.collector import CLIENT, CONSUMER, Collector, named, one, open_collector

QUEUE = Outbox(Subspace(("stub", "outbox")), Value("a payload", 10))


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector."""
    with open_collector() as running:
        yield running


@pytest.fixture
async def store(collector: Collector, tmp_path: Path) -> AsyncIterator[Store]:
    """A traced store."""
    settings = TracingSettings.read({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint})
    tracing.start("stub", settings)
    url = f"lmdb://{tmp_path}/store"
    opened = traced_store(open_store(url), "stub", url)
    yield opened
    await opened.close()
    await tracing.stop()


async def put(tx: Write) -> str:
    """Writes in every way, and reads some of it."""
    tx.set(b"a", b"1")
    tx.set(b"b", b"2")
    tx.clear(b"b")
    tx.add(b"n", 1)
    tx.set_versionstamped_key(b"s", b"x")
    tx.clear_range(b"x", b"z")
    assert await tx.get(b"a") == b"1"
    assert await tx.get_many([b"a", b"b"]) == [b"1", None]
    assert await tx.get_range(b"a", b"c", limit=10) == [(b"a", b"1")]
    return "done"


def delivering(store: Store) -> Telemetry:
    """Metrics of a process with a store."""
    assert store.usage() is not None
    return Telemetry()


async def test_a_recorded_transaction_says_its_rows(store: Store, collector: Collector) -> None:
    """Rows read and written, one attempt, no conflict, and the function, below the work that needed it."""

    async def deliver(_: bytes) -> None:
        assert await store.write(put) == "done"

    await delivering(store).delivering("stub/outbox", QUEUE, deliver)(b"secret")
    spans = await asyncio.to_thread(
        collector.wait_for,
        named("stub", "write stub", CLIENT),
        named("stub", "deliver stub/outbox", CONSUMER),
    )
    span = one(spans, "stub", "write stub")
    assert span.parent_id == one(spans, "stub", "deliver stub/outbox").span_id
    assert span.attributes == {
        "db.system.name": "lmdb",
        "db.namespace": "stub",
        "db.operation.name": "write",
        "code.function.name": f"{__name__}.put",
        "coditect.store.attempts": 1,
        "coditect.store.conflicts": 0,
        "db.response.returned_rows": 3,
        "coditect.store.written_rows": 6,
    }
    assert "secret" not in str(spans)


async def test_a_transaction_that_fails(store: Store, collector: Collector) -> None:
    """Its exception reaches the caller unchanged; the spans have its reason or type, and not its text."""

    async def read(_: Read) -> None:
        raise ValueError("hunter2")

    async def deliver(_: bytes) -> None:
        with pytest.raises(ValueError, match="hunter2"):
            await store.read(read)
        raise StorageUnavailable

    with pytest.raises(StorageUnavailable):
        await delivering(store).delivering("stub/outbox", QUEUE, deliver)(b"")
    spans = await asyncio.to_thread(
        collector.wait_for, named("stub", "read stub"), named("stub", "deliver stub/outbox")
    )
    assert one(spans, "stub", "read stub").attributes["error.type"] == "ValueError"
    failed = one(spans, "stub", "deliver stub/outbox")
    assert (failed.failed, failed.attributes["error.type"]) == (True, "STORAGE_UNAVAILABLE")
    assert "hunter2" not in str(spans)


async def test_work_that_nothing_records_has_no_spans(store: Store, collector: Collector) -> None:
    """Background transactions, such as sweeps and polls, are no traces; the store works as without spans."""
    assert await store.write(put) == "done"
    await store.ping()
    assert await store.watch(b"a", b"0") == b"1"
    await store.advance(bytes(10))
    await tracing.stop()
    assert collector.spans == []


async def test_off_there_is_no_wrapper(tmp_path: Path) -> None:
    """While tracing is off, a store is itself, a step is nothing, and log lines have no trace."""
    plain = open_store(f"lmdb://{tmp_path}/store")
    assert traced_store(plain, "stub", "lmdb:///x") is plain
    assert tracing.active() is None
    assert tracing.span("one") is tracing.span("two")
    assert tracing.log_fields() == {}
    await plain.close()
