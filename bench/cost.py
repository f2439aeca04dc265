"""What calls cost: the processor time that all processes of the product spend on them.

It includes the processes of the cluster, and excludes what all of them spend when idle. On a
machine with other work, processor time is less noisy than the duration of a call.
"""

import http.client
import json
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import psutil

from tools import settings
from tools.laptop import Laptop

CALLERS = 8  # at once

_ROUNDS = 5
_IDLE_SECONDS = 1
_QUIET_SECONDS = 300
_QUIET_MILLISECONDS = 200  # of processor time per second
_LATE_SECONDS = 0.2
_LATE_MILLISECONDS = 100  # as _QUIET_MILLISECONDS, on top of the idle cost

Call = tuple[str, str, Any]  # method, path, body
Subject = TypeVar("Subject")


class Line:
    """A kept-alive connection to the API, for one caller at a time.

    Args:
        url: Where the gateway is.
    """

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc)

    def call(self, made: Call, token: str = "") -> Any:
        """Calls the API, and returns the `data` of the response."""
        method, path, body = made
        headers = {"content-type": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        sent = None if body is None else json.dumps(body)
        self._connection.request(method, f"/api/v5{path}", sent, headers)
        answer = self._connection.getresponse()
        read = answer.read()
        if answer.status not in {200, 201}:
            raise RuntimeError(f"{method} {path}: {answer.status} {read.decode()}")
        return json.loads(read)["data"]

    def log_in(self, email: str, password: str) -> Any:
        """Logs a user in."""
        return self.call(("POST", "/auth/login", {"email": email, "password": password}))


@dataclass(frozen=True)
class Spent:
    """The processor time of all processes, and the wall time, that something took."""

    milliseconds: float
    seconds: float


class Processes:
    """The processes of a running system.

    Args:
        running: The system.
        servers: The processes of its cluster.
    """

    def __init__(self, running: Laptop, servers: Iterable[psutil.Process] = ()) -> None:
        pids = [running.pid(name) for name in (*settings.CONTEXTS, "gateway")]
        self._all = [*map(psutil.Process, pids), *servers]

    def spent(self, work: Callable[[], object]) -> Spent:
        """Does some work, and returns what it took."""
        began, used = time.monotonic(), self._milliseconds()
        work()
        return Spent(self._milliseconds() - used, time.monotonic() - began)

    def wait_until_quiet(self) -> None:
        """Waits until a cluster has finished moving the data that was copied into it."""
        for _ in range(_QUIET_SECONDS):
            if self.spent(lambda: time.sleep(1)).milliseconds < _QUIET_MILLISECONDS:
                return

    def per_call(self, work: Callable[[], int]) -> float:
        """Milliseconds of processor time per call; the work returns how many calls it made.

        It includes work that the processes do after the response.
        """
        idle = self.spent(lambda: time.sleep(_IDLE_SECONDS))
        rate, calls = idle.milliseconds / idle.seconds, 0

        def all_of_it() -> None:
            nonlocal calls
            calls = work()
            quiet = _LATE_SECONDS * (rate + _LATE_MILLISECONDS)
            while self.spent(lambda: time.sleep(_LATE_SECONDS)).milliseconds > quiet:
                pass

        busy = self.spent(all_of_it)
        return (busy.milliseconds - rate * busy.seconds) / calls

    def _milliseconds(self) -> float:
        """Processor time of all processes so far."""
        times = [process.cpu_times() for process in self._all]
        return sum(each.user + each.system for each in times) * 1000


def costs(
    works: Mapping[Subject, tuple[Processes, Callable[[], int]]], rounds: int = _ROUNDS
) -> dict[Subject, float]:
    """Milliseconds per call of each subject, measured in turns: the median of some rounds."""
    found: dict[Subject, list[float]] = {subject: [] for subject in works}
    for number in range(rounds):
        for subject in list(works)[:: 1 if number % 2 else -1]:
            processes, work = works[subject]
            found[subject].append(processes.per_call(work))
    return {subject: statistics.median(taken) for subject, taken in found.items()}


def at_once(work: Callable[[int], int]) -> int:
    """Runs the share of every caller, and returns the total number of calls."""
    with ThreadPoolExecutor(CALLERS) as pool:
        return sum(pool.map(work, range(CALLERS)))
