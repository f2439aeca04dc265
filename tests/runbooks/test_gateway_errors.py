"""Runs the commands that read logs and metrics, on systems in which something fails."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.end_to_end.conftest import client
from tests.end_to_end.person import new_person
from tests.end_to_end.team import found, invite, switch
from tests.runbooks.book import Runbook, at_length
from tests.runbooks.installation import Installation

ERRORS = Runbook("gateway-errors")
LOGINS = Runbook("logins-refused")
LATENCY = Runbook("latency")
METRICS = Runbook("metrics-missing")
MAIL = Runbook("mail-stuck")
_SECONDS = 20.0


def test_the_service_that_is_gone_is_named(
    house: Installation, http: httpx.Client, tmp_path: Path
) -> None:
    """Readiness shows that a service is down, the gateway's log which, and another service why."""
    person = new_person(http)
    assert person.call("GET", "/sessions").status_code == 200

    house.laptop.kill("auth")
    url, logs = house.laptop.settings.url, house.laptop.settings.data / "log"
    asked = _eventually("NOT_READY", lambda: ERRORS.run("ask", URL=url).stdout)
    assert person.call("GET", "/auth/me").status_code == 503
    reasons = _eventually(
        "REVOCATIONS_STALE",
        lambda: _said(logs / "sessions.log", tmp_path, ERRORS, "reasons", "services.log"),
    )

    house.stop("gateway")  # it flushes its log every ten seconds, and when it exits
    shown = _said(logs / "gateway.log", tmp_path, ERRORS, "failed-calls")

    assert '"status":"healthy"' in asked
    assert '"cluster":"auth"' in shown
    assert all('"status":5' in line for line in shown.splitlines())
    assert '"problem": "REVOCATIONS_STALE"' in reasons


def test_metrics_are_there(house: Installation, http: httpx.Client) -> None:
    """A method that was called is listed with its total seconds and its number of calls."""
    assert new_person(http).call("GET", "/sessions").status_code == 200
    metrics = f"http://127.0.0.1:{house.laptop.settings.metrics_ports['sessions']}/metrics"

    slow = LATENCY.run("slow-methods", METRICS=metrics).stdout
    ready = METRICS.run("ask", URL=house.laptop.settings.url).stdout

    assert "SessionsService/ListSessions" in slow
    assert int(METRICS.run("metrics", METRICS=metrics).stdout) > 0
    assert '"status":"ready"' in ready


def test_who_logs_in_is_counted(house: Installation, http: httpx.Client, tmp_path: Path) -> None:
    """Logins with a wrong password are listed with their address and status."""
    body = {"email": "nobody@example.com", "password": "five green laptops sing"}
    for _ in range(2):
        assert http.post("/api/v5/auth/login", json=body).status_code == 401
    house.stop("gateway")  # it flushes its log every ten seconds, and when it exits
    log = house.laptop.settings.data / "log" / "gateway.log"

    said = _said(log, tmp_path, LOGINS, "who-logs-in")

    assert said.split() == ["2", '"address":"127.0.0.1"', '"status":401']


@at_length
def test_mail_that_is_stuck_says_why(tmp_path: Path) -> None:
    """If the mail server does not exist, the log has the event and its cause."""
    house = Installation(tmp_path / "data", MAIL_URL="smtp://127.0.0.1:9?tls=none")
    with house.laptop as laptop:
        laptop.wait_until_ready()
        with client(laptop) as http:
            person = new_person(http)
            tenant_id = found(person)
            assert switch(person, tenant_id).status_code == 200
            invite(person, tenant_id, "bob@example.com")
        log = laptop.settings.data / "log" / "tenants.log"

        said = _eventually("mail not sent", lambda: _said(log, tmp_path, MAIL, "what-mail-says"))

    assert said.split("\n")[0].split(maxsplit=1) == ["1", '"event": "mail not sent"']
    assert '"cause": "' in said


def _said(log: Path, folder: Path, book: Runbook, block: str, name: str = "") -> str:
    """The output of a block for the current log, under the name that the runbook gives it."""
    shutil.copy(log, folder / (name or log.name))
    return book.run(block, folder).stdout


def _eventually(awaited: str, look: Callable[[], str]) -> str:
    """The output, as soon as it contains the awaited text."""
    end = time.monotonic() + _SECONDS
    while awaited not in (seen := look()):
        assert time.monotonic() < end, seen
        time.sleep(0.1)
    return seen
