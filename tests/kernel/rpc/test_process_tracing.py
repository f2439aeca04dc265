"""Traces of a real process: none unless wanted, and no harm from a collector that is away or slow."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import psutil
import pytest

from tests.support.collector import open_collector
from tests.support.program import ROOT, SECONDS, start_program
from tests.support.service import ENVIRON, UNREACHABLE

HEADER = [("traceparent", f"00-{'ab' * 16}-{'cd' * 8}-01")]
MODULES = ("services.auth.app", "services.tenants.app", "services.sessions.app", "gateway.__main__")
CALLS = 4000


@contextmanager
def tenants(folder: Path, **environ: str) -> Iterator[tuple["subprocess.Popen[str]", grpc.Channel]]:
    """A running process of tenants, and a channel to it."""
    port = 0
    variables = {
        **ENVIRON,
        "STORE_URL": f"lmdb://{folder}/store",
        "AUTH_ADDRESS": UNREACHABLE,
        "SESSIONS_ADDRESS": UNREACHABLE,
        **environ,
    }
    log = folder / "log"
    with log.open("w") as output:
        process = start_program("services.tenants", variables, output=output)
        try:
            while not port:
                assert process.poll() is None, log.read_text()
                _, _, rest = log.read_text().partition('"address": "127.0.0.1:')
                port = int(rest.partition('"')[0] or 0)
                time.sleep(0.02)
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield process, channel
        finally:
            process.kill()
            process.wait()


def call(channel: grpc.Channel, times: int) -> None:
    """Calls a method, with a trace that is recorded; it is refused, because no token comes with it."""
    method = channel.unary_unary("/coditect.tenants.v5.TenantsService/ListTenants")
    for _ in range(times):
        with pytest.raises(grpc.RpcError) as refused:
            method(b"", metadata=HEADER, timeout=SECONDS)
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize("module", MODULES)
def test_no_program_loads_opentelemetry_unless_it_is_wanted(module: str) -> None:
    """Importing all of a program imports nothing of OpenTelemetry."""
    script = (
        f"import sys, {module}; print([m for m in sys.modules if m.startswith('opentelemetry')])"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout == "[]\n"


@pytest.mark.drill
@pytest.mark.parametrize("state", ["away", "stuck"])
def test_a_collector_that_is_away_or_stuck_does_no_harm(tmp_path: Path, state: str) -> None:
    """Calls are answered, memory is bounded, lines are few, and the process ends when it is asked to."""
    with open_collector() as collector:
        collector.stuck.set()
        endpoint = collector.endpoint if state == "stuck" else "http://127.0.0.1:9"
        with tenants(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint) as (process, channel):
            call(channel, CALLS)
            before = psutil.Process(process.pid).memory_info().rss
            call(channel, CALLS)
            assert psutil.Process(process.pid).memory_info().rss - before < 20e6
            process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            assert process.wait(SECONDS) == 0
            # Three seconds for the collector; the rest is for a slow machine.
            assert time.monotonic() - began < 15
    # The exporter tries again about once a second, however long the calls take; a call writes no line.
    assert len((tmp_path / "log").read_text().splitlines()) < CALLS / 10
    assert (tmp_path / "log").stat().st_size < 100_000


def test_a_process_that_ends_sends_what_it_has(tmp_path: Path) -> None:
    """The spans of its last calls arrive."""
    with open_collector() as collector:
        with tenants(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint) as (
            process,
            channel,
        ):
            call(channel, 3)
            process.send_signal(signal.SIGTERM)
            assert process.wait(SECONDS) == 0
        assert len(collector.trace("ab" * 16)) == 3
