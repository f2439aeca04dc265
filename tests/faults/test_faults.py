"""Faults under load: every acknowledged write exists exactly once, and callers get clear errors."""

from collections.abc import Callable

import httpx
import pytest

from tests.faults.conftest import JOURNAL
from tests.faults.faults import (
    Target,
    kill,
    kill_all_servers,
    kill_each_server,
    restart_all_servers,
    stall_each_server,
    start_without_store,
)
from tests.faults.journal import DEADLINE_SECONDS, Journal, Outcome, Watch
from tests.faults.load import WRITES, Load, settle
from tests.faults.verification import Findings, verify
from tests.support import foundationdb
from tests.support.cluster import Cluster
from tests.support.stopped import check_logs, check_store
from tools.laptop import Laptop

pytestmark = pytest.mark.drill

BACK_SECONDS = 60.0
"""The limit for everything to work again after the repair: FoundationDB's recovery on busy cores."""

on_a_cluster = pytest.mark.skipif(not foundationdb.chosen(), reason=foundationdb.WHY_NOT)

RunFault = Callable[[str, Callable[[Target], None]], tuple[Journal, Watch]]


@pytest.fixture
def run_fault(
    laptop: Laptop, cluster: Cluster | None, record_property: Callable[[str, object], None]
) -> RunFault:
    """Runs a load, injects a fault, and checks what must hold after every fault."""

    def run(name: str, inject: Callable[[Target], None]) -> tuple[Journal, Watch]:
        url, journal = laptop.settings.url, Journal()
        with Load(url, journal) as load, Watch(url) as watch:
            settle(journal, 1)
            inject(Target(laptop, cluster, journal, watch))
            watch.wait_until(ready=True, seconds=BACK_SECONDS)
            settle(journal, 1)
        findings = verify(url, load.accounts)
        line = _line(name, journal, watch, findings)
        record_property(JOURNAL, line)
        _check(journal, findings)
        laptop.check()
        laptop.stop()
        check_store(laptop.settings.store)
        check_logs(laptop.settings.data / "log")
        return journal, watch

    return run


def _line(name: str, journal: Journal, watch: Watch, findings: Findings) -> str:
    acknowledged, refused, unknown = (
        journal.count(outcome, WRITES)
        for outcome in (Outcome.ACKNOWLEDGED, Outcome.REFUSED, Outcome.UNKNOWN)
    )
    return (
        f"{name}: acknowledged {acknowledged} writes, lost {len(findings.lost)}, "
        f"doubled {len(findings.duplicated)}, refused {refused}, unknown {unknown}, "
        f"longest call {journal.longest:.1f} s, longest silence {journal.longest_gap(WRITES):.1f} s, "
        f"not ready {watch.unready_seconds:.1f} s "
        f"({journal.codes() or 'no trouble'})"
    )


def _check(journal: Journal, findings: Findings) -> None:
    """Checks what must hold for every call and after every fault."""
    assert not journal.flaws, "\n".join(journal.flaws)
    assert not findings.lost, "\n".join(findings.lost)
    assert not findings.duplicated, "\n".join(findings.duplicated)
    assert not findings.broken, "\n".join(findings.broken)
    assert journal.longest < DEADLINE_SECONDS


def _always_answered(journal: Journal) -> bool:
    """Whether no connection broke; only the death of the gateway may break one."""
    return all(call.status for call in journal.calls)


@on_a_cluster
@pytest.mark.timeout(240)
def test_each_server_dies(run_fault: RunFault) -> None:
    """The product keeps working without one process of three, and after it returns."""
    journal, _ = run_fault("each fdbserver killed", kill_each_server)

    assert _always_answered(journal)


@on_a_cluster
@pytest.mark.timeout(240)
def test_each_server_stalls(run_fault: RunFault) -> None:
    """A process that hangs for seconds and then continues does no harm."""
    journal, _ = run_fault("each fdbserver stalled", stall_each_server)

    assert _always_answered(journal)


@on_a_cluster
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("name", "inject", "code"),
    [
        ("all fdbservers killed", kill_all_servers, "STORAGE_UNAVAILABLE"),
        # Without its keys auth does not listen yet.
        ("all fdbservers killed, services restarted", start_without_store, "UPSTREAM_UNAVAILABLE"),
    ],
)
def test_all_servers_die(
    run_fault: RunFault, name: str, inject: Callable[[Target], None], code: str
) -> None:
    """While the store is down, calls and readiness answer 503 in the envelope; then all works again."""
    journal, watch = run_fault(name, inject)

    assert _always_answered(journal)
    assert any((call.status, call.code) == (503, code) for call in journal.calls)
    assert watch.refusals
    assert {(call.status, call.code, call.flaw) for call in watch.refusals} == {
        (503, "NOT_READY", "")
    }


@on_a_cluster
@pytest.mark.timeout(240)
def test_all_servers_restart(run_fault: RunFault) -> None:
    """A cluster that restarts all at once loses no data."""
    journal, _ = run_fault("all fdbservers restarted", restart_all_servers)

    assert _always_answered(journal)


@pytest.mark.parametrize("name", ["auth", "tenants", "sessions"])
def test_a_service_dies(run_fault: RunFault, name: str) -> None:
    """Callers of a killed service get an error, and it continues after its restart."""
    journal, _ = run_fault(f"{name} killed", kill(name))

    assert _always_answered(journal)


def test_the_gateway_dies(run_fault: RunFault) -> None:
    """A request that a dying gateway was forwarding is done once or not at all."""
    journal, _ = run_fault("gateway killed", kill("gateway"))

    broken = {call.code for call in journal.calls if not call.status}
    assert not {name for name in broken if issubclass(getattr(httpx, name), httpx.TimeoutException)}
