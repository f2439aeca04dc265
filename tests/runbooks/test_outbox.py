"""The runbooks' commands on queues, sweeps and revocations, run on a real system."""

import re
import time

import httpx
import pytest

from tests.end_to_end.person import PASSWORD, new_person
from tests.runbooks.installation import Installation
from tests.runbooks.runbook import Runbook

pytestmark = pytest.mark.drill

OUTBOX = Runbook("outbox-late")
SWEEP = Runbook("sweep-late")
LOGOUT = Runbook("logouts-late")
_SECONDS = 30.0
_WAITS = re.compile(r'coditect_queue_depth\{queue="auth/outbox"\} [12]')
_FAILED = re.compile(r'coditect_deliveries_total\{outcome="failed",queue="auth/outbox"\} [1-9]')


def test_the_metrics_show_a_row_that_waits(installation: Installation, http: httpx.Client) -> None:
    """While tenants does not run, the deletion of an account waits in auth's outbox and fails there."""
    person = new_person(http)
    installation.stop("tenants")
    assert person.call("DELETE", "/auth/me", {"password": PASSWORD}).status_code < 300

    end = time.monotonic() + _SECONDS
    # The row of the registration may wait there, too. What waits is measured at times, whether it was tried or not.
    while not (_WAITS.search(shown := _ask(installation)) and _FAILED.search(shown)):
        assert time.monotonic() < end, shown
        time.sleep(0.2)

    values = dict(line.rsplit(" ", 1) for line in shown.splitlines())
    assert float(values['coditect_queue_oldest_age_seconds{queue="auth/outbox"}']) >= 0
    assert float(values['coditect_deliveries_total{outcome="failed",queue="auth/outbox"}']) > 0
    assert 'coditect_queue_depth{queue="auth/audit_events"}' in values


def test_the_log_names_the_reason(installation: Installation, http: httpx.Client) -> None:
    """The command counts why deliveries to a service that does not run fail."""
    person = new_person(http)
    installation.stop("tenants")
    assert person.call("DELETE", "/auth/me", {"password": PASSWORD}).status_code < 300
    folder = installation.laptop.settings.data / "log"

    end = time.monotonic() + _SECONDS
    while True:
        (folder / "services.log").write_bytes((folder / "auth.log").read_bytes())
        if '"reason": "' in (said := OUTBOX.run("reasons", folder).stdout):
            break
        assert time.monotonic() < end, said
        time.sleep(0.2)


def test_the_metrics_show_sweeps_and_logouts(
    installation: Installation, http: httpx.Client
) -> None:
    """The commands show how long ago a sweep ended, and that a logout was in force in time."""
    person = new_person(http)
    assert person.call("POST", "/auth/logout-all").status_code < 300
    metrics = f"http://127.0.0.1:{installation.laptop.settings.metrics_ports['auth']}/metrics"

    sweeps = SWEEP.run("sweeps", METRICS=metrics).stdout
    waits = LOGOUT.run("waits", METRICS=metrics).stdout

    names = {line.split()[0].split("{")[0] for line in (sweeps + waits).splitlines()}
    assert {
        "coditect_sweep_age_seconds",
        "coditect_store_commits_total",
        "coditect_revocation_feed_age_seconds",
        "coditect_revocation_waits_total",
    } <= names
    assert 'coditect_revocation_waits_total{outcome="enforced"} 1.0' in waits


def _ask(installation: Installation) -> str:
    port = installation.laptop.settings.metrics_ports["auth"]
    return OUTBOX.run("queues", METRICS=f"http://127.0.0.1:{port}/metrics").stdout
