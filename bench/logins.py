"""Measures how many logins there are to a bare hash, with many users who log in one after the other.

python -m bench logins

Bare hashes and logins alternate, so that both see the same load of the machine, and the hashes have as
many threads as auth. They are computed by argon2-cffi, and again as auth computes them. Each login is that of another user, so that none ends an earlier one. The client
runs on the same cores; its own cost is a row of the table.
"""

import asyncio
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import psutil
from argon2 import PasswordHasher

from bench import users
from bench.connection import Connection, request
from bench.system import JSON, PASSWORD, Row, at_least, laptop
from services.auth.passwords import formats
from services.auth.settings import AuthSettings
from tools import settings
from tools.laptop import Laptop

USERS = 10_000
CLIENTS = 8
ROUNDS = 3
PATH = "/api/v5/auth/login"
_WARM_UP_SECONDS = 1


@dataclass(frozen=True)
class Round:
    """Bare hashes, and the logins after them.

    Attributes:
        hashes: Bare hashes per second, by argon2-cffi.
        own_hashes: The same, computed as auth does.
        per_hash: Milliseconds of processor time per bare hash.
        logins: Logins per second.
        spent: Milliseconds of processor time per login, by the name of the process.
    """

    hashes: float
    own_hashes: float
    per_hash: float
    logins: float
    spent: dict[str, float]


def measure(folder: Path, seconds: int) -> Iterator[Row]:
    """Measures on a new system, and gives the rows of the table."""
    with laptop(folder / "logins") as running:
        running.wait_until_ready()
        users.fill(running.settings.store, USERS, hasher().hash(PASSWORD))
        emails = cycle(users.email(number) for number in range(USERS))
        _log_in(running, emails, _WARM_UP_SECONDS)
        rounds = [_round(running, emails, seconds) for _ in range(ROUNDS)]
    hashes = statistics.median(each.hashes for each in rounds)
    logins = statistics.median(each.logins for each in rounds)
    ratio = statistics.median(each.logins / each.hashes for each in rounds)
    own_hashes = statistics.median(each.own_hashes for each in rounds)
    own_ratio = statistics.median(each.logins / each.own_hashes for each in rounds)
    yield Row("bare hashes/s", f"{hashes:.1f}")
    yield Row("bare hashes/s, computed as auth does", f"{own_hashes:.1f}")
    yield Row(f"logins/s, {USERS:,} users in turn", f"{logins:.1f}")
    yield at_least("logins / bare hashes", ratio, 0.9)
    yield Row("logins / bare hashes, computed as auth does", f"{own_ratio:.2f}")
    per_hash = statistics.median(each.per_hash for each in rounds)
    yield Row("processor time per bare hash", f"{per_hash:.2f} ms")
    for name in rounds[0].spent:
        spent = statistics.median(each.spent[name] for each in rounds)
        yield Row(f"processor time per login: {name}", f"{spent:.2f} ms")


def hasher() -> PasswordHasher:
    """Hashes passwords with the settings of auth."""
    defaults = AuthSettings.model_fields
    return PasswordHasher(
        time_cost=defaults["argon2_passes"].default,
        memory_cost=defaults["argon2_memory_kib"].default,
        parallelism=defaults["argon2_lanes"].default,
    )


def _round(running: Laptop, emails: Iterator[str], seconds: int) -> Round:
    itself, before = psutil.Process(), _spent(psutil.Process())
    hashes = hash_rate(hasher().verify, seconds)
    per_hash = (_spent(itself) - before) / (hashes * seconds)
    own_hashes = hash_rate(_verify_as_auth, seconds)
    processes = {
        **{name: psutil.Process(running.pid(name)) for name in (*settings.CONTEXTS, "gateway")},
        "the client": itself,
    }
    began = {name: _spent(process) for name, process in processes.items()}
    rate, count = _log_in(running, emails, seconds)
    spent = {name: _spent(process) - began[name] for name, process in processes.items()}
    return Round(
        hashes, own_hashes, per_hash, rate, {name: used / count for name, used in spent.items()}
    )


def _spent(process: psutil.Process) -> float:
    """Milliseconds of processor time so far."""
    times = process.cpu_times()
    return (times.user + times.system) * 1000


def _verify_as_auth(known: str, password: str) -> object:
    """Verifies a hash with the code of auth, in place of argon2-cffi's."""
    stored = formats.parse(known)
    return stored is not None and stored.matches(password.encode())


def hash_rate(check: Callable[[str, str], object], seconds: int) -> float:
    """Verifications per second, with as many threads as auth uses."""
    known, stop = hasher().hash(PASSWORD), threading.Event()
    counts: list[int] = []

    def verify() -> None:
        count = 0
        while not stop.is_set():
            check(known, PASSWORD)
            count += 1
        counts.append(count)

    threads = AuthSettings.model_fields["hash_threads"].default
    running = [threading.Thread(target=verify) for _ in range(threads)]
    began = time.monotonic()
    for thread in running:
        thread.start()
    stop.wait(seconds)
    stop.set()
    for thread in running:
        thread.join()
    return sum(counts) / (time.monotonic() - began)


def _log_in(running: Laptop, emails: Iterator[str], seconds: int) -> tuple[float, int]:
    """Logs users in for some seconds; returns logins per second, and how many there were."""
    began = time.monotonic()
    count = asyncio.run(_clients(running.settings.url, emails, began + seconds))
    return count / (time.monotonic() - began), count


async def _clients(url: str, emails: Iterator[str], end: float) -> int:
    return sum(await asyncio.gather(*(_client(url, emails, end) for _ in range(CLIENTS))))


async def _client(url: str, emails: Iterator[str], end: float) -> int:
    """Logs in over one connection until the end; h2load would send one body for all users."""
    connection = await Connection.open(url)
    count = 0
    while time.monotonic() < end:
        body = json.dumps({"email": next(emails), "password": PASSWORD}).encode()
        await connection.call(request("POST", f"{url}{PATH}", [JSON], body))
        count += 1
    connection.close()
    return count
