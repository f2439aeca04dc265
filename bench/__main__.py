"""Measures against the budgets of the design, on the embedded store, and prints a table.

python -m bench [SECONDS]     seconds per measurement, default 5; needs h2load (nghttp2-client)
"""

import json
import os
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
from argon2 import PasswordHasher

from bench.load import Load, NoLoadGenerator, run
from services.auth.settings import AuthSettings
from tools import settings
from tools.folder import DataFolder
from tools.laptop import Laptop, Programs
from tools.processes import Program
from tools.programs import services_and_gateway

ROUNDS = 3
CLIENTS = 16
PASSWORD = "five green laptops sing"  # noqa: S105 - of a user that lives for a minute


@dataclass(frozen=True)
class Row:
    """One measurement, and the budget that it is held against."""

    name: str
    value: str
    budget: str = ""
    kept: bool | None = None


@dataclass(frozen=True)
class User:
    """Somebody who is logged in at one system, with one session."""

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


def main() -> int:
    """Measures, prints, and gives 1 if a budget is not kept."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory(prefix="coditect-bench-") as folder:
        try:
            rows = list(_measure(Path(folder), seconds))
        except NoLoadGenerator:
            print("bench: h2load is not installed (it is part of nghttp2)", file=sys.stderr)
            return 2
    width = max(len(row.name) for row in rows)
    for row in rows:
        verdict = "" if row.kept is None else ("  kept" if row.kept else "  MISSED")
        budget = f"   budget {row.budget}" if row.budget else ""
        print(f"{row.name:{width}}  {row.value:>10}{budget}{verdict}")
    return int(any(row.kept is False for row in rows))


def _measure(folder: Path, seconds: int) -> Iterator[Row]:
    began = time.monotonic()
    with _laptop(folder / "real") as real:
        real.wait_until_ready()
        yield _at_most("start to ready", time.monotonic() - began, 3, "s")
        with _laptop(folder / "empty", _with_empty_sessions) as empty:
            empty.wait_until_ready()
            user, nobody = _user(real), _user(empty, session=False)
            rate = yield from _reads(user, nobody, seconds)
            yield from _writes(user, seconds)
        yield from _half_load(user, rate / 2, seconds)
        yield from _memory(real, "before any login under load")
        yield from _logins(user, _user(real), seconds)
        yield from _memory(real, "after logins under load")


def _reads(user: User, nobody: User, seconds: int) -> Generator[Row, None, float]:
    """The session GET beside the empty method, in turns so that both meet the same machine."""
    gets, empties, defaults = [], [], []
    for _ in range(ROUNDS):
        gets.append(
            _checked(run(user.session_url, seconds=seconds, clients=CLIENTS, headers=user.headers))
        )
        url, headers = nobody.session_url, nobody.headers
        empties.append(
            _checked(
                run(url, seconds=seconds, clients=CLIENTS, headers=[*headers, ":method: DELETE"])
            )
        )
        defaults.append(_checked(run(url, seconds=seconds, clients=CLIENTS, headers=headers)))
    get, empty, default = (_middle(loads) for loads in (gets, empties, defaults))
    for name, load in (
        ("session GET", get),
        ("empty method, {} back", empty),
        ("empty method, a default session back", default),
    ):
        yield Row(f"{name}: requests/s", f"{load.rate:.0f}")
        yield Row(f"{name}: p50 ms", f"{load.percentile(0.5):.2f}")
        yield Row(f"{name}: p99 ms", f"{load.percentile(0.99):.2f}")
    yield _at_least("session GET / empty method", get.rate / empty.rate, 0.8)
    yield Row("session GET / default session", f"{get.rate / default.rate:.2f}")
    return get.rate


def _writes(user: User, seconds: int) -> Iterator[Row]:
    """Heartbeats: a create would soon meet the limit of sessions."""
    load = run(
        user.session_url,
        seconds=seconds,
        clients=CLIENTS,
        headers=[*user.headers, ":method: PATCH", "content-type: application/json"],
        body=b"{}",
    )
    yield Row("session PATCH: requests/s", f"{_checked(load).rate:.0f}")


def _half_load(user: User, rate: float, seconds: int) -> Iterator[Row]:
    read = run(user.session_url, seconds=seconds, clients=CLIENTS, rate=rate, headers=user.headers)
    yield _at_most("session GET at half load: p99", _checked(read).percentile(0.99), 10, "ms")
    write = run(
        user.session_url,
        seconds=seconds,
        clients=CLIENTS,
        rate=rate / 4,
        headers=[*user.headers, ":method: PATCH", "content-type: application/json"],
        body=b"{}",
    )
    yield _at_most("session PATCH at an eighth: p99", _checked(write).percentile(0.99), 10, "ms")


def _logins(user: User, other: User, seconds: int) -> Iterator[Row]:
    """Logins beside a bare loop of hashes on the same cores, and reads while they run.

    Another user logs in: the limit of logins per user would end the one that reads.
    """
    reads = {"seconds": seconds, "clients": 4, "rate": 200, "headers": user.headers}
    quiet = _checked(run(user.session_url, **reads))  # type: ignore[arg-type]
    bare = _hash_rate(seconds)
    body = json.dumps({"email": other.email, "password": PASSWORD}).encode()
    url = f"{user.url}/api/v5/auth/login"
    json_header = ["content-type: application/json"]
    logins = _checked(run(url, seconds=seconds, clients=8, headers=json_header, body=body))
    with ThreadPoolExecutor(1) as pool:
        more = pool.submit(run, url, seconds=seconds + 2, clients=8, headers=json_header, body=body)
        time.sleep(1)
        busy = _checked(run(user.session_url, **reads))  # type: ignore[arg-type]
        more.result()
    yield Row("bare hashes/s", f"{bare:.1f}")
    yield Row("logins/s", f"{logins.rate:.1f}")
    yield _at_least("logins / bare hashes", logins.rate / bare, 0.9)
    quiet_p99, busy_p99 = quiet.percentile(0.99), busy.percentile(0.99)
    yield Row("session GET at 200/s: p99 ms, quiet", f"{quiet_p99:.2f}")
    yield Row("session GET at 200/s: p99 ms, beside logins", f"{busy_p99:.2f}")
    yield _at_most("beside logins / quiet", busy_p99 / quiet_p99, 3, "x")


def _hash_rate(seconds: int) -> float:
    """Verifications per second, with as many threads as auth uses."""
    told = AuthSettings.model_fields
    hasher = PasswordHasher(
        time_cost=told["argon2_passes"].default,
        memory_cost=told["argon2_memory_kib"].default,
        parallelism=told["argon2_lanes"].default,
    )
    known, stop, counts = hasher.hash(PASSWORD), threading.Event(), []

    def verify() -> None:
        count = 0
        while not stop.is_set():
            hasher.verify(known, PASSWORD)
            count += 1
        counts.append(count)

    threads = [threading.Thread(target=verify) for _ in range(told["hash_threads"].default)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    stop.wait(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - began)


def _memory(laptop: Laptop, when: str) -> Iterator[Row]:
    for name in (*settings.CONTEXTS, "gateway"):
        used = psutil.Process(laptop.pid(name)).memory_info().rss / 1e6
        budget = None if name == "gateway" else 90
        row = f"memory of {name}, {when}"
        yield Row(row, f"{used:.0f} MB") if budget is None else _at_most(row, used, budget, "MB")


def _laptop(folder: Path, programs: Programs = services_and_gateway) -> Laptop:
    told = {
        **os.environ,
        "PORT": "0",
        "DATA": str(folder),
        "CREDENTIAL_RATE": "0",
        "LOG_LEVEL": "WARNING",
    }
    return Laptop(settings.read(told), programs)


def _with_empty_sessions(told: settings.Settings, folder: DataFolder) -> Iterator[Program]:
    for program in services_and_gateway(told, folder):
        if program.name == "sessions":
            argv = (sys.executable, "-m", "bench.empty")
            yield Program(program.name, argv, program.environ)
        else:
            yield program


def _user(laptop: Laptop, *, session: bool = True) -> User:
    url = laptop.settings.url
    email = f"{uuid4()}@example.com"
    names = {"email": email, "password": PASSWORD, "firstName": "Bench", "lastName": "Mark"}
    token = _post(f"{url}/api/v5/auth/register", names)["tokens"]["accessToken"]
    if not session:
        return User(url, email, token, "11111111-1111-4111-8111-111111111111")
    state = {"open": ["a.py", "b.py"], "cursor": {"line": 12, "column": 4}}
    made = _post(f"{url}/api/v5/sessions", {"name": "bench", "state": state}, token)
    return User(url, email, token, made["sessionId"])


def _post(url: str, body: dict[str, Any], token: str = "") -> Any:
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - ours
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - ours
        return json.load(answer)["data"]


def _checked(load: Load) -> Load:
    if load.failed:
        raise RuntimeError(f"{load.failed} requests failed")
    return load


def _middle(loads: list[Load]) -> Load:
    rate = statistics.median_low([load.rate for load in loads])
    return next(load for load in loads if load.rate == rate)


def _at_most(name: str, value: float, budget: float, unit: str) -> Row:
    return Row(name, f"{value:.2f} {unit}", f"<= {budget:g} {unit}", value <= budget)


def _at_least(name: str, value: float, budget: float) -> Row:
    return Row(name, f"{value:.2f}", f">= {budget:g}", value >= budget)


if __name__ == "__main__":
    sys.exit(main())
