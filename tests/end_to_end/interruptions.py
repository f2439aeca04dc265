"""Calls while a service is killed and started again: their answers may be lost."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import httpx

from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import EVERY_SERVICE, Person
from tests.end_to_end.waiting import eventually
from tests.support.plain_http import PLAIN
from tools.laptop import Laptop

SECONDS = 60.0
MAIL_SECONDS = 0.6
"""Then a person asks for another email: who died while it sent one holds it for two minutes."""


def mailed(laptop: Laptop, email: str, page: str, ask: Callable[[], httpx.Response]) -> str:
    """The token of an email, for which a person asks again if it does not come."""
    mails = Mailbox(laptop, email)
    while True:
        until({202}, ask)
        if (mail := mails.find(page, seconds=MAIL_SECONDS)) is not None:
            return mail.token


def wait_until_locked_out(person: Person) -> None:
    """Waits until no service accepts an access token any more; the answer that says so was perhaps lost."""
    for path in EVERY_SERVICE:
        call = partial(person.call, "GET", path)
        eventually(lambda: until({200, 401}, call).status_code == 401)  # noqa: B023


def once(call: Callable[[], httpx.Response]) -> None:
    """Repeats a call with a secret until it is certain that it has happened.

    A repeat is refused if an attempt has happened whose answer was lost. The first attempt is not.
    """
    first = attempt(call)
    if first is not None and first.status_code < 500:
        assert first.status_code == 200, first.text
        return
    last = until({200, 403}, call)
    if last.status_code == 403:
        assert last.json()["error"]["code"] == "ONE_TIME_TOKEN_INVALID"


def until(statuses: set[int], call: Callable[[], httpx.Response]) -> httpx.Response:
    """Repeats a call until it gets one of the statuses; all others must be outages."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        answer = attempt(call)
        if answer is not None and answer.status_code in statuses:
            return answer
        assert answer is None or answer.status_code in {503, 504}, answer.text
        time.sleep(0.05)
    raise AssertionError(f"no answer with {statuses} in {SECONDS:g} s")


def attempt(call: Callable[[], httpx.Response]) -> httpx.Response | None:
    """The answer of a call; None if the connection broke."""
    try:
        return call()
    except httpx.TransportError:
        return None


@contextmanager
def killing(laptop: Laptop, victim: str, most: int) -> Iterator[list[float]]:
    """Kills a service again and again, soon after it serves, and starts it again; yields the times."""
    stop, kills = threading.Event(), list[float]()

    def kill() -> None:
        # The first one soon: fast workers are done before long.
        while len(kills) < most and not stop.wait(random.uniform(0, 0.7 if kills else 0.1)):
            laptop.kill(victim)
            kills.append(time.monotonic())
            time.sleep(random.uniform(0, 0.1))
            laptop.restart(victim)
            while not stop.is_set() and not serves(laptop):
                time.sleep(0.02)
        stop.wait()  # processes end with the thread that started them

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield kills
    finally:
        stop.set()
        killer.join()
        laptop.kill(victim)
        laptop.restart(victim)
        eventually(lambda: serves(laptop), SECONDS)


def serves(laptop: Laptop) -> bool:
    """Whether every service is ready."""
    with httpx.Client(
        base_url=laptop.settings.url, timeout=2, trust_env=False, verify=PLAIN
    ) as http:
        answer = attempt(lambda: http.get("/api/v5/ready"))
    return answer is not None and answer.status_code == 200
