"""Guesses over two replicas with a store in common: how many are checked, and who is not affected."""

import asyncio
from collections import Counter
from time import perf_counter

from tests.services.auth.harness import EMAIL, PASSWORD
from tests.services.auth.server import Auth
from tests.services.auth.throttling.guesses import OK, WRONG, checks, flood, guess, networks
from tests.support.clock import FixedClock

MOST_CHECKED = 2 * 5 + 10
"""Two replicas check five guesses each before they know of a failure; then ten may fail in all."""


async def test_400_guesses_from_200_networks_are_checked_20_times_at_most(
    replicas: list[Auth], clock: FixedClock
) -> None:
    """400 guesses at once get one answer and cost a hash each, few of them against the account's.

    Meanwhile the right password works from a known device, and not from another one, until the
    pause is over.
    """
    device_token = (await replicas[0].register()).device_token
    known = "203.0.113.9"
    answers = await flood(replicas, networks(200) * 2)
    assert answers == Counter({WRONG: 400})
    assert 10 <= checks(replicas, "account") <= MOST_CHECKED
    assert checks(replicas, "account") + checks(replicas, "decoy") == 400
    for auth in replicas:
        assert await guess(auth, known, password=PASSWORD, device_token=device_token) == OK
        assert await guess(auth, known, password=PASSWORD) == WRONG
    clock.advance(hours=1)
    assert await guess(replicas[1], known, password=PASSWORD) == OK


async def test_a_known_device_logs_in_during_a_flood(replicas: list[Auth]) -> None:
    """A login from a known device does not wait for the guesses at its account."""
    device_token = (await replicas[0].register()).device_token
    flooding = asyncio.create_task(flood(replicas, networks(200) * 2))
    seconds = []
    while not flooding.done():
        started = perf_counter()
        answer = await guess(
            replicas[0], "203.0.113.9", password=PASSWORD, device_token=device_token
        )
        assert answer == OK
        seconds.append(perf_counter() - started)
    assert await flooding == Counter({WRONG: 400})
    assert len(seconds) > 1, "the flood was over before the second login"


async def test_an_account_never_gets_more_than_a_hundred_checks(
    replicas: list[Auth], clock: FixedClock
) -> None:
    """However long guesses go on, a hundred failures are the end; only known devices log in."""
    device_token = (await replicas[0].register()).device_token
    for number, address in enumerate(networks(200)):
        await guess(replicas[number % 2], address)
        clock.advance(hours=2)
    assert checks(replicas, "account") == 100
    assert await guess(replicas[0], "203.0.113.9", password=PASSWORD) == WRONG
    assert (
        await guess(replicas[0], "203.0.113.9", password=PASSWORD, device_token=device_token) == OK
    )


async def test_spraying_is_stopped_and_does_not_affect_others(
    replicas: list[Auth], clock: FixedClock
) -> None:
    """A network with a hundred failures in an hour gets 429, whatever the account."""
    device_token = (await replicas[0].register()).device_token
    sprayer = "198.51.100.1"
    answers = Counter(
        [await guess(replicas[n % 2], sprayer, f"{n}@example.com") for n in range(1000)]
    )
    assert answers == Counter({WRONG: 100, "TOO_MANY_ATTEMPTS": 900})
    assert checks(replicas, "decoy") == 100
    neighbor = "198.51.100.99"  # of the same network
    assert await guess(replicas[0], neighbor, EMAIL, PASSWORD) == "TOO_MANY_ATTEMPTS"
    assert await guess(replicas[0], neighbor, EMAIL, PASSWORD, device_token) == OK
    assert await guess(replicas[1], "203.0.113.9", EMAIL, PASSWORD) == OK
    clock.advance(hours=1)
    assert await guess(replicas[1], neighbor, EMAIL, PASSWORD) == OK
