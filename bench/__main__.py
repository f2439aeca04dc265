"""Measures against the budgets of the design, on the embedded store, and prints a table.

python -m bench [SECONDS]     seconds per measurement, default 5; needs h2load (nghttp2-client)
"""

import json
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
from argon2 import PasswordHasher

from bench.load import NoLoadGenerator, run
from bench.system import (
    JSON,
    PASSWORD,
    Row,
    User,
    at_least,
    at_most,
    checked,
    laptop,
    middle,
    new_user,
    table,
    with_empty_sessions,
)
from services.auth.settings import AuthSettings
from tools import settings
from tools.laptop import Laptop

ROUNDS = 3
CLIENTS = 16


def main() -> int:
    """Measures, prints, and returns 1 if a budget is missed."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory(prefix="coditect-bench-") as folder:
        try:
            rows = list(_measure(Path(folder), seconds))
        except NoLoadGenerator:
            print("bench: h2load is not installed (it is part of nghttp2)", file=sys.stderr)
            return 2
    return table(rows)


def _measure(folder: Path, seconds: int) -> Iterator[Row]:
    began = time.monotonic()
    with laptop(folder / "real") as real:
        real.wait_until_ready()
        yield at_most("start to ready", time.monotonic() - began, 3, "s")
        with laptop(folder / "empty", with_empty_sessions) as empty:
            empty.wait_until_ready()
            user, empty_user = new_user(real), new_user(empty, session=False)
            rate = yield from _reads(user, empty_user, seconds)
            yield from _writes(user, seconds)
        yield from _half_load(user, rate / 2, seconds)
        yield from _memory(real, "before any login under load")
        yield from _logins(user, new_user(real), seconds)
        yield from _memory(real, "after logins under load")


def _reads(user: User, empty_user: User, seconds: int) -> Generator[Row, None, float]:
    """Alternates session GETs with empty calls, so that both see the same load of the machine."""
    gets, empties, defaults = [], [], []
    for _ in range(ROUNDS):
        gets.append(
            checked(run(user.session_url, seconds=seconds, clients=CLIENTS, headers=user.headers))
        )
        url, headers = empty_user.session_url, empty_user.headers
        empties.append(
            checked(
                run(url, seconds=seconds, clients=CLIENTS, headers=[*headers, ":method: DELETE"])
            )
        )
        defaults.append(checked(run(url, seconds=seconds, clients=CLIENTS, headers=headers)))
    get, empty, default = (middle(loads) for loads in (gets, empties, defaults))
    for name, load in (
        ("session GET", get),
        ("empty method, {} back", empty),
        ("empty method, a default session back", default),
    ):
        yield Row(f"{name}: requests/s", f"{load.rate:.0f}")
        yield Row(f"{name}: p50 ms", f"{load.percentile(0.5):.2f}")
        yield Row(f"{name}: p99 ms", f"{load.percentile(0.99):.2f}")
    yield at_least("session GET / empty method", get.rate / empty.rate, 0.8)
    yield Row("session GET / default session", f"{get.rate / default.rate:.2f}")
    return get.rate


def _writes(user: User, seconds: int) -> Iterator[Row]:
    """Heartbeats: creating sessions would soon reach the limit."""
    load = run(
        user.session_url,
        seconds=seconds,
        clients=CLIENTS,
        headers=[*user.headers, ":method: PATCH", JSON],
        body=b"{}",
    )
    yield Row("session PATCH: requests/s", f"{checked(load).rate:.0f}")


def _half_load(user: User, rate: float, seconds: int) -> Iterator[Row]:
    read = run(user.session_url, seconds=seconds, clients=CLIENTS, rate=rate, headers=user.headers)
    yield at_most("session GET at half load: p99", checked(read).percentile(0.99), 10, "ms")
    write = run(
        user.session_url,
        seconds=seconds,
        clients=CLIENTS,
        rate=rate / 4,
        headers=[*user.headers, ":method: PATCH", JSON],
        body=b"{}",
    )
    yield at_most("session PATCH at an eighth: p99", checked(write).percentile(0.99), 10, "ms")


def _logins(user: User, other: User, seconds: int) -> Iterator[Row]:
    """Logins compared with a bare loop of hashes on the same cores, and reads while logins run.

    Another user logs in: the limit of logins per user would end the login of the reader.
    """
    reads = {"seconds": seconds, "clients": 4, "rate": 200, "headers": user.headers}
    quiet = checked(run(user.session_url, **reads))  # type: ignore[arg-type]
    bare = _hash_rate(seconds)
    body = json.dumps({"email": other.email, "password": PASSWORD}).encode()
    url = f"{user.url}/api/v5/auth/login"
    json_header = [JSON]
    logins = checked(run(url, seconds=seconds, clients=8, headers=json_header, body=body))
    with ThreadPoolExecutor(1) as pool:
        more = pool.submit(run, url, seconds=seconds + 2, clients=8, headers=json_header, body=body)
        time.sleep(1)
        busy = checked(run(user.session_url, **reads))  # type: ignore[arg-type]
        more.result()
    yield Row("bare hashes/s", f"{bare:.1f}")
    yield Row("logins/s", f"{logins.rate:.1f}")
    yield at_least("logins / bare hashes", logins.rate / bare, 0.9)
    quiet_p99, busy_p99 = quiet.percentile(0.99), busy.percentile(0.99)
    yield Row("session GET at 200/s: p99 ms, quiet", f"{quiet_p99:.2f}")
    yield Row("session GET at 200/s: p99 ms, beside logins", f"{busy_p99:.2f}")
    yield at_most("beside logins / quiet", busy_p99 / quiet_p99, 3, "x")


def _hash_rate(seconds: int) -> float:
    """Verifications per second, with as many threads as auth uses."""
    defaults = AuthSettings.model_fields
    hasher = PasswordHasher(
        time_cost=defaults["argon2_passes"].default,
        memory_cost=defaults["argon2_memory_kib"].default,
        parallelism=defaults["argon2_lanes"].default,
    )
    known, stop, counts = hasher.hash(PASSWORD), threading.Event(), []

    def verify() -> None:
        count = 0
        while not stop.is_set():
            hasher.verify(known, PASSWORD)
            count += 1
        counts.append(count)

    threads = [threading.Thread(target=verify) for _ in range(defaults["hash_threads"].default)]
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
        yield Row(row, f"{used:.0f} MB") if budget is None else at_most(row, used, budget, "MB")


if __name__ == "__main__":
    sys.exit(main())
