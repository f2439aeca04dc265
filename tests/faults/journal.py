"""The record of all calls that were made during a fault, with their answers."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise
from typing import Any, Self

import httpx

from tests.support.plain_http import PLAIN

DEADLINE_SECONDS = 15.0
"""The longest time that a caller waits; slightly more than the gateway's limit of 10 s."""

UNAVAILABLE = frozenset(
    {
        "STORAGE_UNAVAILABLE",
        "UPSTREAM_UNAVAILABLE",
        "TENANTS_UNAVAILABLE",
        "PROFILE_UNAVAILABLE",
        "REVOCATIONS_STALE",
        "NOT_READY",
    }
)
"""The codes of a 503."""
TIMED_OUT = frozenset({"DEADLINE_EXCEEDED", "GATEWAY_TIMEOUT"})
"""The codes of a 504."""
_STEP_SECONDS = 0.05


class Outcome(Enum):
    """What a caller knows about its write."""

    ACKNOWLEDGED = "it took place"
    REFUSED = "it did not take place"
    UNKNOWN = "it took place, or did not, or will"


@dataclass(frozen=True, slots=True)
class Call:
    """One call and its answer.

    Attributes:
        verb: The kind of call.
        began: Its start by the monotonic clock.
        seconds: Its duration.
        status: The status of the answer; 0 if there was none.
        code: The code of the error, or the name of the transport error.
        data: The content of the envelope.
        flaw: What is wrong with the form of the answer; empty if nothing.
    """

    verb: str
    began: float
    seconds: float
    status: int
    code: str = ""
    data: Any = None
    flaw: str = ""

    @property
    def outcome(self) -> Outcome:
        """What the caller knows about it."""
        if 200 <= self.status < 300:
            return Outcome.ACKNOWLEDGED
        if 400 <= self.status < 500 or self.code == httpx.ConnectError.__name__:
            return Outcome.REFUSED
        return Outcome.UNKNOWN

    @property
    def acknowledged(self) -> bool:
        """Whether it certainly took place."""
        return self.outcome is Outcome.ACKNOWLEDGED

    @property
    def unknown(self) -> bool:
        """Whether it may or may not have taken place."""
        return self.outcome is Outcome.UNKNOWN


@dataclass
class Journal:
    """All calls of a load, from several threads, and what was wrong with the answers."""

    calls: list[Call] = field(default_factory=list)
    flaws: list[str] = field(default_factory=list)

    def wait_for(self, verbs: Collection[str], seconds: float, since: float | None = None) -> float:
        """Waits until a call of each kind that began from now on is acknowledged; returns the seconds."""
        began = time.monotonic()
        start = began if since is None else since
        while True:
            seen = {call.verb for call in self.calls if call.acknowledged and call.began >= start}
            if seen.issuperset(verbs):
                return time.monotonic() - began
            missing = set(verbs) - seen
            assert time.monotonic() - began < seconds, f"no {missing} got through: {self.codes()}"
            time.sleep(_STEP_SECONDS)

    def codes(self) -> str:
        """The calls that failed, counted by status and code."""
        counts = Counter(
            f"{call.status} {call.code}" if call.status else call.code
            for call in self.calls
            if not call.acknowledged
        )
        return ", ".join(f"{number} x {code}" for code, number in counts.most_common())

    def count(self, outcome: Outcome, verbs: Collection[str]) -> int:
        """The number of calls of these kinds with this outcome."""
        return sum(call.outcome is outcome and call.verb in verbs for call in self.calls)

    def longest_gap(self, verbs: Collection[str]) -> float:
        """The longest time in seconds without an acknowledged call of these kinds."""
        ends = sorted(
            call.began + call.seconds
            for call in self.calls
            if call.acknowledged and call.verb in verbs
        )
        return max(after - before for before, after in pairwise(ends))

    @property
    def longest(self) -> float:
        """The duration of the longest call in seconds."""
        return max(call.seconds for call in self.calls)


class Caller:
    """A client whose calls are recorded.

    Args:
        url: Where the gateway is.
        record: Receives each call.
    """

    def __init__(self, url: str, record: Callable[[Call], object]) -> None:
        self._http = httpx.Client(
            base_url=url, timeout=DEADLINE_SECONDS, trust_env=False, verify=PLAIN
        )
        self._record = record

    def call(
        self,
        verb: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        key: str | None = None,
    ) -> Call:
        """Calls `/api/v5` + path."""
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        if key is not None:
            headers["idempotency-key"] = key
        began = time.monotonic()
        try:
            answer = self._http.request(method, f"/api/v5{path}", json=body, headers=headers)
        except httpx.TransportError as error:
            name = type(error).__name__
            call = Call(verb, began, time.monotonic() - began, 0, name)
        else:
            call = _read(verb, began, answer)
        self._record(call)
        return call

    def close(self) -> None:
        """Closes its connections."""
        self._http.close()


def _read(verb: str, began: float, answer: httpx.Response) -> Call:
    seconds, status = time.monotonic() - began, answer.status_code
    try:
        body = answer.json()
        if body["success"]:
            return Call(verb, began, seconds, status, data=body["data"])
        code = str(body["error"]["code"])
        complete = set(body["error"]) == {"code", "message", "details", "requestId"}
    except (ValueError, KeyError, TypeError):
        return Call(verb, began, seconds, status, flaw=f"{verb}: bare {status}: {answer.text!r}")
    flaw = ""
    if not complete:
        flaw = f"{verb}: incomplete: {answer.text!r}"
    elif status >= 500 and code not in {503: UNAVAILABLE, 504: TIMED_OUT}.get(status, ()):
        flaw = f"{verb}: {status} {code}"
    elif status >= 500 and not answer.headers.get("retry-after", "").isdigit():
        flaw = f"{verb}: no Retry-After: {status} {code}"
    return Call(verb, began, seconds, status, code, body["error"], flaw)


class Watch:
    """Polls the gateway's readiness in a thread.

    Attributes:
        refusals: The gateway's answers other than 200.
    """

    def __init__(self, url: str) -> None:
        self.refusals: list[Call] = []
        self._seen: list[Call] = []
        self._caller = Caller(url, self._seen.append)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        """Starts to poll."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops to poll."""
        self._stop.set()
        self._thread.join()
        self._caller.close()

    def wait_until(self, *, ready: bool, seconds: float) -> float:
        """Waits until a poll from now on gives this answer; returns the seconds."""
        began = time.monotonic()
        while True:
            last = self._seen[-1] if self._seen else None
            if last and last.began >= began and (last.status == 200) is ready:
                return time.monotonic() - began
            assert time.monotonic() - began < seconds, f"ready is not {ready}: {last}"
            time.sleep(_STEP_SECONDS)

    @property
    def unready_seconds(self) -> float:
        """The total time in seconds during which the gateway was not ready."""
        return sum(
            after.began - before.began
            for before, after in pairwise(self._seen)
            if before.status != 200
        )

    def _run(self) -> None:
        while not self._stop.wait(2 * _STEP_SECONDS):
            call = self._caller.call("ready", "GET", "/ready")
            if call.status not in {0, 200}:
                self.refusals.append(call)
