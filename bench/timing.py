"""Whether the time of an answer tells what the answer itself does not.

python -m bench.timing [SAMPLES]     samples of each cohort, default 300

For each route that is open without a token, requests about addresses of several kinds (cohorts) are
sent one after the other in random order, each from a network of its own. Of each pair of cohorts
that get the same answer, a Mann-Whitney test says how likely times that differ so much are if both
have one distribution. A pair with p < 0.001 misses the budget; with some 40 pairs that happens by
chance in one run of 25.
"""

import asyncio
import http.client
import itertools
import json
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from argon2 import PasswordHasher

from bench.system import PASSWORD, Row, laptop, table
from kernel.storage import Write, open_store
from services.auth.settings import AuthSettings
from services.auth.users.model import User
from services.auth.users.repository import USERS
from tools.laptop import Laptop

SAMPLES = 300
LEVEL = 0.001
WRONG_PASSWORD = "seven red tractors hum"  # noqa: S105 - of no user
WRONG_CODE = "00000000"
GUESSES = 12  # of each locked account: more than are verified without a pause
GUESSERS = 4  # at once
WARM_UP = 30
BATCH = 200  # users in one transaction

ACCOUNTS = ("known", "unverified", "locked", "deleted")
"""The cohorts whose addresses have, or had, an account."""
SAME_ANSWER = ("unknown", *ACCOUNTS)
"""The cohorts between which no answer may differ."""
COHORTS = (*SAME_ANSWER, "empty", "over-long")

SETTINGS = {
    "REGISTRATION": "verified",
    "TRUSTED_PROXIES": "1",  # so that each request can come from a network of its own
    # So that no account is unlocked while it is measured.
    "GUESS_PAUSE_SECONDS": "86400",
    "GUESS_LONGEST_PAUSE_SECONDS": "86400",
}


@dataclass(frozen=True)
class Route:
    """One route, and what is sent to it about an address."""

    name: str
    path: str
    body: Callable[[str, str], Mapping[str, str]]
    """Makes the body for an address of a cohort."""


def _credentials(cohort: str, email: str) -> Mapping[str, str]:
    # Not even the right password may tell that an account is locked.
    return {"email": email, "password": PASSWORD if cohort == "locked" else WRONG_PASSWORD}


def _registration(_: str, email: str) -> Mapping[str, str]:
    return {"email": email, "password": PASSWORD, "firstName": "Bench", "lastName": "Mark"}


def _reset(_: str, email: str) -> Mapping[str, str]:
    return {"email": email, "code": WRONG_CODE, "newPassword": PASSWORD}


ROUTES = (
    Route("login", "/api/v5/auth/login", _credentials),
    Route("forgot", "/api/v5/auth/password/forgot", lambda _, email: {"email": email}),
    Route("reset", "/api/v5/auth/password/reset", _reset),  # of addresses that have asked for one
    Route("register", "/api/v5/auth/register", _registration),
)


@dataclass
class Client:
    """A caller on one connection, each of whose requests comes from another network."""

    url: str
    networks: Iterator[int]
    _connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(self.url).netloc)

    def ask(
        self, method: str, path: str, body: Mapping[str, str], token: str = ""
    ) -> tuple[float, int, Any]:
        """Makes a request; returns the milliseconds until the whole answer, its status and content."""
        number = next(self.networks)
        headers = {
            "content-type": "application/json",
            "x-forwarded-for": f"10.{number >> 8 & 255}.{number & 255}.1",
        }
        if token:
            headers["authorization"] = f"Bearer {token}"
        sent = json.dumps(body)
        began = time.perf_counter()
        self._connection.request(method, path, sent, headers)
        answer = self._connection.getresponse()
        read = answer.read()
        taken = (time.perf_counter() - began) * 1000
        return taken, answer.status, json.loads(read)


def main() -> int:
    """Measures, prints, and returns 1 if the times of a pair differ; 2 if nothing could be measured."""
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES
    with tempfile.TemporaryDirectory(prefix="coditect-bench-") as folder:
        mail = f"file://{folder}/mail"
        with laptop(Path(folder) / "data", more={**SETTINGS, "MAIL_URL": mail}) as running:
            running.wait_until_ready()
            try:
                rows = list(_measure(running, samples))
            except RuntimeError as error:
                print(f"bench: {error}", file=sys.stderr)
                return 2
    return table(rows)


def _measure(running: Laptop, samples: int) -> Iterator[Row]:
    addresses = {cohort: _addresses(cohort, samples) for cohort in COHORTS}
    _prepare(running, addresses)
    networks = itertools.count(1)
    client = Client(running.settings.url, networks)
    _delete(client, addresses["deleted"])
    _lock(running.settings.url, networks, addresses["locked"])
    for route in ROUTES:
        times, answers = _sample(client, route, addresses)
        yield from _answers(route, answers)
        yield from _times(route, times, answers)


def _addresses(cohort: str, count: int) -> list[str]:
    match cohort:
        case "empty":
            return [""] * count
        case "over-long":
            return [f"{'x' * 500}{number}@example.com" for number in range(count)]
        case _:
            return [f"{uuid4()}@example.com" for _ in range(count)]


def _prepare(running: Laptop, addresses: Mapping[str, Sequence[str]]) -> None:
    """Writes the accounts through auth's repository; their hash is one of the settings in force."""
    settings = AuthSettings.model_fields
    environ = running.settings.environ
    passes, memory, lanes = (
        int(environ.get(name.upper()) or settings[name].default)
        for name in ("argon2_passes", "argon2_memory_kib", "argon2_lanes")
    )
    password_hash = PasswordHasher(passes, memory, lanes).hash(PASSWORD)
    users = [
        _user(email, password_hash, proved=cohort != "unverified")
        for cohort in ACCOUNTS
        for email in addresses[cohort]
    ]
    asyncio.run(_put(running.settings.store, users))


def _user(email: str, password_hash: str, *, proved: bool) -> User:
    now = datetime.now(UTC)
    return User(
        user_id=uuid4(),
        email=email,
        password_hash=password_hash,
        first_name="Bench",
        last_name="Mark",
        company="",
        create_time=now,
        email_verify_time=now if proved else None,
    )


async def _put(url: str, users: Sequence[User]) -> None:
    store = open_store(url)
    batches = (users[first : first + BATCH] for first in range(0, len(users), BATCH))
    for batch in batches:

        async def write(tx: Write, batch: Sequence[User] = batch) -> None:
            for user in batch:
                await USERS.put(tx, user)

        await store.write(write)
    await store.close()


def _delete(client: Client, emails: Sequence[str]) -> None:
    """Has the users delete their accounts."""
    for email in emails:
        body = {"email": email, "password": PASSWORD}
        _, status, answer = client.ask("POST", "/api/v5/auth/login", body)
        if status == 200:
            token = answer["data"]["tokens"]["accessToken"]
            password = {"password": PASSWORD}
            _, status, answer = client.ask("DELETE", "/api/v5/auth/me", password, token)
        if status != 200:
            raise RuntimeError(f"an account could not be deleted: {status} {answer}")


def _lock(url: str, networks: Iterator[int], emails: Sequence[str]) -> None:
    """Guesses at accounts more often than is allowed without a pause."""

    def guess(share: Sequence[str]) -> None:
        client = Client(url, networks)
        for email in share:
            for _ in range(GUESSES):
                client.ask("POST", "/api/v5/auth/login", _credentials("known", email))

    with ThreadPoolExecutor(GUESSERS) as pool:
        list(pool.map(guess, [emails[first::GUESSERS] for first in range(GUESSERS)]))


def _sample(
    client: Client, route: Route, addresses: Mapping[str, Sequence[str]]
) -> tuple[dict[str, list[float]], dict[str, Counter[str]]]:
    """The times of each cohort in milliseconds, and its answers without their request ids."""
    for _ in range(WARM_UP):
        client.ask("POST", route.path, route.body("unknown", f"{uuid4()}@example.com"))
    order = [(cohort, email) for cohort in COHORTS for email in addresses[cohort]]
    random.shuffle(order)
    times: dict[str, list[float]] = {cohort: [] for cohort in COHORTS}
    answers: dict[str, Counter[str]] = {cohort: Counter() for cohort in COHORTS}
    for cohort, email in order:
        taken, status, answer = client.ask("POST", route.path, route.body(cohort, email))
        answer.get("error", {}).pop("requestId", None)
        times[cohort].append(taken)
        answers[cohort][f"{status} {json.dumps(answer, sort_keys=True)}"] += 1
    return times, answers


def _answers(route: Route, answers: Mapping[str, Counter[str]]) -> Iterator[Row]:
    """A row for each cohort, and whether those that must not differ have one answer."""
    for cohort, given in answers.items():
        kinds: Counter[str] = Counter()
        for answer, count in given.items():
            kinds[_short(answer)] += count
        text = ", ".join(f"{count} x {kind}" for kind, count in kinds.most_common())
        yield Row(f"{route.name}: {cohort}", text)
    together = {answer for cohort in SAME_ANSWER for answer in answers[cohort]}
    yield Row(f"{route.name}: answers", str(len(together)), "== 1", len(together) == 1)


def _short(answer: str) -> str:
    status, _, body = answer.partition(" ")
    return f"{status} {json.loads(body).get('error', {}).get('code', '')}".strip()


def _times(
    route: Route, times: Mapping[str, list[float]], answers: Mapping[str, Counter[str]]
) -> Iterator[Row]:
    """The median of each cohort, and the p of each pair with the same answer."""
    for cohort, taken in times.items():
        yield Row(f"{route.name}: {cohort}: median", f"{statistics.median(taken):.3f} ms")
    for one, other in itertools.combinations(COHORTS, 2):
        if set(answers[one]) == set(answers[other]):
            p = mann_whitney(times[one], times[other])
            name = f"{route.name}: {one} / {other}: p"
            yield Row(name, f"{p:.4f}", f">= {LEVEL:g}", p >= LEVEL)


def mann_whitney(ones: Sequence[float], others: Sequence[float]) -> float:
    """The two-sided p of the Mann-Whitney U test, by its normal approximation, corrected for ties.

    Good from about 20 values on each side (Mann and Whitney, Annals of Mathematical Statistics 18, 1947).
    """
    counts = Counter((*ones, *others))
    rank, below = {}, 0
    for value in sorted(counts):
        rank[value] = below + (counts[value] + 1) / 2
        below += counts[value]
    n, m = len(ones), len(others)
    u = sum(rank[value] for value in ones) - n * (n + 1) / 2
    ties = sum(count**3 - count for count in counts.values()) / ((n + m) * (n + m - 1))
    spread = (n * m / 12 * (n + m + 1 - ties)) ** 0.5
    if not spread:  # all values are equal
        return 1.0
    z = (abs(u - n * m / 2) - 0.5) / spread
    return min(1.0, 2 * (1 - statistics.NormalDist().cdf(z)))


if __name__ == "__main__":
    sys.exit(main())
