"""Places: how many guesses of one key run at once, and what becomes of the others."""

import asyncio

import pytest

from services.auth.passwords.errors import HashingBusy
from services.auth.throttling.places import Places


async def test_no_more_guesses_of_a_key_run_than_it_has_places() -> None:
    """Those that wait go on in their order; another key has places of its own."""
    places, running, most = Places(2, waiting=10), 0, 0

    async def guess() -> None:
        nonlocal running, most
        async with places.take(b"key"):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    async with places.take(b"other"), places.take(b"other"):
        await asyncio.gather(*(guess() for _ in range(8)))
    assert most == 2


async def test_a_place_that_was_given_back_early_is_given_back_once() -> None:
    """A guess that is not checked lets the next one go on, and counts no second time at its end."""
    places = Places(1, waiting=0)
    async with places.take(b"key") as first:
        first.give_back()
        async with places.take(b"key"):
            pass
    async with places.take(b"key"):
        with pytest.raises(HashingBusy):
            async with places.take(b"key"):
                pass


async def test_a_guess_that_is_cancelled_while_it_waits_leaves_no_trace() -> None:
    """The queue has room again, and the place goes to the next one."""
    places = Places(1, waiting=1)

    async def guess() -> None:
        async with places.take(b"key"):
            pass

    async with places.take(b"key"):
        waiting = asyncio.create_task(guess())
        await asyncio.sleep(0)
        with pytest.raises(HashingBusy):
            await guess()
        waiting.cancel()
        await asyncio.wait([waiting])
        waiting = asyncio.create_task(guess())
        await asyncio.sleep(0)
    await waiting
