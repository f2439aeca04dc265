"""The runbooks' commands on logs and metrics, run on systems in which something fails."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.conftest import client
from tests.end_to_end.person import new_person
from tests.end_to_end.second_factor import set_up
from tests.end_to_end.team import found, invite, switch
from tests.runbooks.installation import Installation
from tests.runbooks.runbook import Runbook, at_length

pytestmark = pytest.mark.drill

ERRORS = Runbook("gateway-errors")
LOGINS = Runbook("logins-refused")
LATENCY = Runbook("latency")
METRICS = Runbook("metrics-missing")
MAIL = Runbook("mail-stuck")
FACTOR = Runbook("lost-second-factor")
_SECONDS = 60.0


def test_the_logs_name_a_dead_service(
    installation: Installation, http: httpx.Client, tmp_path: Path
) -> None:
    """The gateway's log names the dead service, and the log of sessions has the reason."""
    person = new_person(http)
    assert person.call("GET", "/sessions").status_code == 200

    installation.laptop.kill("auth")
    url, logs = installation.laptop.settings.url, installation.laptop.settings.data / "log"
    asked = _eventually("NOT_READY", lambda: ERRORS.run("ask", URL=url).stdout)
    assert person.call("GET", "/auth/me").status_code == 503
    reasons = _eventually(
        "REVOCATIONS_STALE",
        lambda: _output(logs / "sessions.log", tmp_path, ERRORS, "reasons", "services.log"),
    )

    installation.stop("gateway")  # it writes its log every ten seconds, and at its end
    shown = _output(logs / "gateway.log", tmp_path, ERRORS, "failed-calls")

    assert '"status":"healthy"' in asked
    assert '"cluster":"auth"' in shown
    assert all('"status":5' in line for line in shown.splitlines())
    assert '"problem": "REVOCATIONS_STALE"' in reasons


def test_the_metrics_list_a_called_method(installation: Installation, http: httpx.Client) -> None:
    """The commands find the method among the slow ones, and count the metrics."""
    assert new_person(http).call("GET", "/sessions").status_code == 200
    metrics = f"http://127.0.0.1:{installation.laptop.settings.metrics_ports['sessions']}/metrics"

    slow = LATENCY.run("slow-methods", METRICS=metrics).stdout
    ready = METRICS.run("ask", URL=installation.laptop.settings.url).stdout

    assert 'grpc_method="ListSessions"' in slow
    assert int(METRICS.run("metrics", METRICS=metrics).stdout) > 0
    assert '"status":"ready"' in ready


def test_the_logs_count_failed_logins(
    installation: Installation, http: httpx.Client, tmp_path: Path
) -> None:
    """The command counts failed logins by address and status."""
    body = {"email": "unknown@example.com", "password": "five green laptops sing"}
    for _ in range(2):
        assert http.post("/api/v5/auth/login", json=body).status_code == 401
    installation.stop("gateway")  # it writes its log every ten seconds, and at its end
    log = installation.laptop.settings.data / "log" / "gateway.log"

    said = _output(log, tmp_path, LOGINS, "who-logs-in")

    assert said.split() == ["2", '"address":"127.0.0.1"', '"status":401']


def test_the_log_counts_events_of_second_factors(
    installation: Installation, http: httpx.Client, tmp_path: Path
) -> None:
    """The command counts a new app and a wrong code, and no event of another kind."""
    person = new_person(http)
    set_up(person)
    assert person.call("POST", "/auth/reauthenticate", {"code": "wrong"}).status_code == 403
    log = installation.laptop.settings.data / "log" / "auth.log"

    said = _output(log, tmp_path, FACTOR, "second-factors")

    events = [line.split() for line in said.splitlines()]
    assert sorted(event[-1] for event in events) == ['"factor.added"', '"second_factor.failed"']
    assert {event[0] for event in events} == {"1"}


@at_length
def test_the_log_names_the_cause_of_an_unsent_email(tmp_path: Path) -> None:
    """If the mail server does not answer, the command shows the event and its cause."""
    installation = Installation(tmp_path / "data", MAIL_URL="smtp://127.0.0.1:9?tls=none")
    with installation.laptop as laptop:
        laptop.wait_until_ready()
        with client(laptop) as http:
            person = new_person(http)
            tenant_id = found(person)
            assert switch(person, tenant_id).status_code == 200
            invite(person, tenant_id, "bob@example.com")
        log = laptop.settings.data / "log" / "tenants.log"
        (tmp_path / "auth.log").touch()

        said = _eventually("mail not sent", lambda: _output(log, tmp_path, MAIL, "what-mail-says"))

    assert said.split("\n")[0].split(maxsplit=1) == ["1", '"event": "mail not sent"']
    assert '"cause": "' in said


def _output(log: Path, folder: Path, book: Runbook, block: str, name: str = "") -> str:
    """The output of a block for a copy of a log, under the file name that the runbook uses."""
    shutil.copy(log, folder / (name or log.name))
    return book.run(block, folder).stdout


def _eventually(awaited: str, look: Callable[[], str]) -> str:
    """What `look` returns, as soon as it contains the text."""
    end = time.monotonic() + _SECONDS
    while awaited not in (seen := look()):
        assert time.monotonic() < end, seen
        time.sleep(0.1)
    return seen
