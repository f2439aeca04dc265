"""Faults under load: what was acknowledged is there once, whatever breaks, and callers are told."""

from collections.abc import Callable

import httpx
import pytest

from tests.faults.aftermath import Findings, inspect
from tests.faults.conftest import JOURNAL
from tests.faults.faults import (
    Scene,
    kill,
    kill_all_servers,
    kill_each_server,
    restart_all_servers,
    stall_each_server,
    start_without_store,
)
from tests.faults.journal import DEADLINE_SECONDS, Journal, Outcome, Watch
from tests.faults.people import WRITES, Load, settle
from tests.support import foundationdb
from tests.support.cluster import Cluster
from tests.support.stopped import check_logs, check_store
from tools.laptop import Laptop

BACK_SECONDS = 60.0
"""Within this, everything works again after a fault is mended: FoundationDB's recovery on two busy cores."""

on_a_cluster = pytest.mark.skipif(not foundationdb.chosen(), reason=foundationdb.WHY_NOT)

Trial = Callable[[str, Callable[[Scene], None]], tuple[Journal, Watch]]


@pytest.fixture
def trial(
    laptop: Laptop, cluster: Cluster | None, record_property: Callable[[str, object], None]
) -> Trial:
    """Runs a load, has a fault strike, and checks what holds after every fault."""

    def run(name: str, strike: Callable[[Scene], None]) -> tuple[Journal, Watch]:
        url, journal = laptop.settings.url, Journal()
        with Load(url, journal) as load, Watch(url) as watch:
            settle(journal, 1)
            strike(Scene(laptop, cluster, journal, watch))
            watch.wait_until(ready=True, seconds=BACK_SECONDS)
            settle(journal, 1)
        findings = inspect(url, load.people)
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
        f"doubled {len(findings.doubled)}, refused {refused}, unknown {unknown}, "
        f"longest call {journal.longest:.1f} s, longest silence {journal.silence(WRITES):.1f} s, "
        f"not ready {watch.away_seconds:.1f} s "
        f"({journal.codes() or 'no trouble'})"
    )


def _check(journal: Journal, findings: Findings) -> None:
    """What holds for every call, and after every fault."""
    assert not journal.flaws, "\n".join(journal.flaws)
    assert not findings.lost, "\n".join(findings.lost)
    assert not findings.doubled, "\n".join(findings.doubled)
    assert not findings.broken, "\n".join(findings.broken)
    assert journal.longest < DEADLINE_SECONDS


def _always_answered(journal: Journal) -> bool:
    """Whether no connection broke, which only the death of the gateway is a reason for."""
    return all(call.status for call in journal.calls)


@on_a_cluster
@pytest.mark.timeout(240)
def test_each_server_dies(trial: Trial) -> None:
    """The product goes on without one process of three, and takes it back when it returns."""
    journal, _ = trial("each fdbserver killed", kill_each_server)

    assert _always_answered(journal)


@on_a_cluster
@pytest.mark.timeout(240)
def test_each_server_stalls(trial: Trial) -> None:
    """A process that hangs for seconds and goes on where it was does no harm."""
    journal, _ = trial("each fdbserver stalled", stall_each_server)

    assert _always_answered(journal)


@on_a_cluster
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("name", "strike", "code"),
    [
        ("all fdbservers killed", kill_all_servers, "STORAGE_UNAVAILABLE"),
        # Without its keys auth does not listen yet.
        ("all fdbservers killed, services restarted", start_without_store, "UPSTREAM_UNAVAILABLE"),
    ],
)
def test_all_servers_die(
    trial: Trial, name: str, strike: Callable[[Scene], None], code: str
) -> None:
    """While the store is away callers and readiness say so in the envelope; then all is well."""
    journal, watch = trial(name, strike)

    assert _always_answered(journal)
    assert any((call.status, call.code) == (503, code) for call in journal.calls)
    assert watch.refusals
    assert {(call.status, call.code, call.flaw) for call in watch.refusals} == {
        (503, "NOT_READY", "")
    }


@on_a_cluster
@pytest.mark.timeout(240)
def test_all_servers_restart(trial: Trial) -> None:
    """A cluster that loses power for a moment loses nothing else."""
    journal, _ = trial("all fdbservers restarted", restart_all_servers)

    assert _always_answered(journal)


@pytest.mark.parametrize("name", ["auth", "tenants", "sessions"])
def test_a_service_dies(trial: Trial, name: str) -> None:
    """Callers of a service that was killed hear of it, and it goes on where it was."""
    journal, _ = trial(f"{name} killed", kill(name))

    assert _always_answered(journal)


def test_the_gateway_dies(trial: Trial) -> None:
    """What a dying gateway was handing on is done once or not at all."""
    journal, _ = trial("gateway killed", kill("gateway"))

    broken = {call.code for call in journal.calls if not call.status}
    assert not {name for name in broken if issubclass(getattr(httpx, name), httpx.TimeoutException)}
