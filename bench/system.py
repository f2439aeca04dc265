"""Whole systems to measure, their users, and the rows of the result tables."""

import json
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.load import Load, Skipped
from tools import settings
from tools.folder import DataFolder
from tools.laptop import Laptop, Pause, Programs
from tools.processes import Program
from tools.programs import service, services_and_gateway

PASSWORD = "five green laptops sing"  # noqa: S105 - of users that exist for a minute
JSON = "content-type: application/json"
CHEAP = {"ARGON2_MEMORY_KIB": "64", "ARGON2_PASSES": "1"}
"""For measurements that the cost of a hash would hide."""
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Row:
    """One measurement and its budget.

    Attributes:
        kept: Whether the budget is kept; None without a budget, or if nothing was measured.
        note: Why nothing was measured.
    """

    name: str
    value: str
    budget: str = ""
    kept: bool | None = None
    note: str = ""


@dataclass(frozen=True)
class User:
    """A user who is logged in at one system, with one session."""

    url: str
    email: str
    token: str
    session: str

    @property
    def headers(self) -> list[str]:
        """What h2load sends with a call of this user."""
        return [f"authorization: Bearer {self.token}"]

    @property
    def session_url(self) -> str:
        """Where the session is."""
        return f"{self.url}/api/v5/sessions/{self.session}"


def report(measure: Callable[[Path, int], Iterable[Row]]) -> int:
    """Measures in a temporary folder and prints a table.

    The program's argument is the number of seconds for each measurement; the default is 5.

    Returns:
        0; 1 if a budget is missed; 2 if nothing could be measured.
    """
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory(prefix="coditect-bench-") as folder:
        try:
            rows = list(measure(Path(folder), seconds))
        except (Skipped, RuntimeError) as error:
            print(f"bench: {error}", file=sys.stderr)
            return 2
    return table(rows)


def table(rows: Iterable[Row]) -> int:
    """Prints rows, and returns 1 if a budget is missed."""
    rows = list(rows)
    width = max(len(row.name) for row in rows)
    for row in rows:
        verdict = "" if row.kept is None else ("  kept" if row.kept else "  MISSED")
        budget = f"   budget {row.budget}" if row.budget else ""
        note = f"   {row.note}" if row.note else ""
        print(f"{row.name:{width}}  {row.value:>10}{budget}{verdict}{note}".rstrip())
    return int(any(row.kept is False for row in rows))


class _System(Laptop):
    """A system that may start slowly, because other work runs on the machine."""

    def wait_until_ready(self, seconds: float = 300, pause: Pause = time.sleep) -> bool:
        return super().wait_until_ready(seconds, pause)


def laptop(
    folder: Path, programs: Programs = services_and_gateway, more: Mapping[str, str] | None = None
) -> Laptop:
    """A whole system over a data folder, on free ports, with limits that no load meets."""
    configured = {
        **os.environ,
        "PORT": "0",
        "DATA": str(folder),
        "CREDENTIAL_RATE": "0",
        "GUESSES_PER_NETWORK": "1000000",
        "USER_RATE": "1000000",
        "ADDRESS_RATE": "1000000",
        "EXCHANGE_RATE": "1000000",
        "LOG_LEVEL": "WARNING",
        **(more or {}),
    }
    return _System(settings.read(configured), programs)


def with_empty_sessions(configured: settings.Settings, folder: DataFolder) -> Iterator[Program]:
    """The programs of a system whose sessions service does nothing: the baseline."""
    for program in services_and_gateway(configured, folder):
        if program.name == "sessions":
            argv = (sys.executable, "-m", "bench.empty")
            yield Program(program.name, argv, program.environ)
        else:
            yield program


class Twice:
    """The programs of a system with a second replica of each service.

    First replicas call only first ones, second replicas only second ones. What the first ones change,
    the second ones learn from the store.

    Attributes:
        addresses: Where each service listens, its first replica first.
    """

    def __init__(self) -> None:
        self.addresses: dict[str, list[str]] = {}

    def __call__(self, configured: settings.Settings, folder: DataFolder) -> Iterator[Program]:
        """Like `services_and_gateway`; the gateway calls the first replicas."""
        yield from services_and_gateway(configured, folder)
        twice = settings.read({**configured.environ, "PORT": "0", "WORKERS": "2"})
        twice = replace(twice, data=configured.data, store=configured.store)
        for context, names in twice.workers.items():
            self.addresses[context] = [twice.listen[name] for name in names]
            yield service(context, twice, folder, number=1)


def new_user(running: Laptop, *, session: bool = True) -> User:
    """Registers a user, and creates a session unless `session` is false."""
    url = running.settings.url
    email = f"{uuid4()}@example.com"
    names = {"email": email, "password": PASSWORD, "firstName": "Bench", "lastName": "Mark"}
    token = post(f"{url}/api/v5/auth/register", names)["tokens"]["accessToken"]
    if not session:
        return User(url, email, token, "11111111-1111-4111-8111-111111111111")
    state = {"open": ["a.py", "b.py"], "cursor": {"line": 12, "column": 4}}
    made = post(f"{url}/api/v5/sessions", {"name": "bench", "state": state}, token)
    return User(url, email, token, made["sessionId"])


def post(url: str, body: dict[str, Any], token: str = "") -> Any:
    """Posts JSON and returns the `data` of the response."""
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - ours
    with _DIRECT.open(request) as answer:
        return json.load(answer)["data"]


def checked(load: Load) -> Load:
    """Returns the load if every request succeeded. Raises `RuntimeError` otherwise."""
    if load.failed:
        raise RuntimeError(f"{load.failed} requests failed")
    return load


def middle(loads: list[Load]) -> Load:
    """The load with the median rate."""
    rate = statistics.median_low([load.rate for load in loads])
    return next(load for load in loads if load.rate == rate)


def skipped(name: str, reason: object, budget: str = "") -> Row:
    """A row for what cannot be measured here, and why."""
    return Row(name, "skipped", budget, note=str(reason))


def at_most(name: str, value: float, budget: float, unit: str) -> Row:
    """A row whose value must not be above the budget."""
    return Row(name, f"{value:.2f} {unit}", f"<= {budget:g} {unit}", value <= budget)


def at_least(name: str, value: float, budget: float) -> Row:
    """A row whose value must not be below the budget."""
    return Row(name, f"{value:.2f}", f">= {budget:g}", value >= budget)
