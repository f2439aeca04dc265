"""Hashes of passwords: right, bounded in memory and in the queue, and off the event loop."""

import asyncio
import unicodedata
from collections.abc import AsyncIterator

import pytest

from services.auth.passwords.errors import HashingBusy
from services.auth.passwords.hashing import Passwords
from tests.services.auth.harness import PASSWORD, make_settings

REAL = {"ARGON2_MEMORY_KIB": "19456", "ARGON2_PASSES": "2"}


@pytest.fixture
async def cheap() -> AsyncIterator[Passwords]:
    """Passwords with the cheapest hash."""
    cheap = Passwords(make_settings())
    yield cheap
    await cheap.close()


async def test_a_password_is_the_same_however_it_is_composed(cheap: Passwords) -> None:
    """What one keyboard sends composed and another decomposed is one password."""
    composed = "crème brûlée à Évreux"
    decomposed = unicodedata.normalize("NFD", composed)
    assert decomposed != composed
    assert (await cheap.verify(await cheap.hash(composed), decomposed)).matches
    assert (await cheap.verify(await cheap.hash(decomposed), composed)).matches


@pytest.mark.parametrize("other", [PASSWORD.upper(), PASSWORD + " ", " " + PASSWORD, PASSWORD[:-1]])
async def test_nothing_else_fits(cheap: Passwords, other: str) -> None:
    """Case and every blank count."""
    assert not (await cheap.verify(await cheap.hash(PASSWORD), other)).matches


async def test_a_hash_is_argon2id_with_a_salt_of_its_own(cheap: Passwords) -> None:
    """Two hashes of one password differ, and each says how it was made."""
    first, second = await cheap.hash(PASSWORD), await cheap.hash(PASSWORD)
    assert first != second
    assert first.startswith("$argon2id$v=19$m=8,t=1,p=1$")


async def test_the_settings_by_default_are_those_of_owasp() -> None:
    """19 MiB, two passes, one lane by default."""
    real = Passwords(make_settings(**REAL))
    assert (await real.hash(PASSWORD)).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    await real.close()


async def test_a_hash_of_other_settings_is_stale(cheap: Passwords) -> None:
    """It is still right, but says that it should be made anew; a wrong one says nothing."""
    stronger = Passwords(make_settings(ARGON2_PASSES="2"))
    old = await cheap.hash(PASSWORD)
    assert await stronger.verify(old, PASSWORD) == (True, True)
    assert await stronger.verify(old, "x") == (False, False)
    assert await cheap.verify(old, PASSWORD) == (True, False)
    await stronger.close()


async def test_no_account_verifies_nothing(cheap: Passwords) -> None:
    """Without a hash nothing is right, not even what the stand-in was made of."""
    for password in ("", PASSWORD):
        assert await cheap.verify(None, password) == (False, False)


async def test_a_damaged_hash_is_loud(cheap: Passwords) -> None:
    """A hash that cannot be read is a fault of ours, not a wrong password."""
    for damaged in ("", "nonsense", "$argon2id$v=19$m=8,t=1,p=1$x"):
        with pytest.raises(RuntimeError):
            await cheap.verify(damaged, PASSWORD)


async def test_a_full_queue_refuses_at_once() -> None:
    """What exceeds the threads and the queue is refused with a time to retry; the rest is done."""
    narrow = Passwords(make_settings(HASH_THREADS="1", HASH_QUEUE="3"))
    answers = await asyncio.gather(
        *(narrow.hash(PASSWORD) for _ in range(10)), return_exceptions=True
    )
    busy = [answer for answer in answers if isinstance(answer, HashingBusy)]
    assert len(busy) == 6
    assert {error.retry_after for error in busy} == {1}
    assert await narrow.hash(PASSWORD)
    await narrow.close()


async def test_who_gives_up_makes_room() -> None:
    """A caller that is gone takes no place in the queue."""
    narrow = Passwords(make_settings(HASH_THREADS="1", HASH_QUEUE="1"))
    for _ in range(5):
        waiting = [asyncio.create_task(narrow.hash(PASSWORD)) for _ in range(2)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert await narrow.hash(PASSWORD)
    await narrow.close()


async def test_hashing_leaves_the_event_loop_free() -> None:
    """While real hashes are computed the loop turns many times for each of them."""
    real = Passwords(make_settings(**REAL))
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.0005)
            turns += 1

    turning = asyncio.create_task(turn())
    hashes = [await real.hash(PASSWORD) for _ in range(6)]
    turning.cancel()
    # Computed on the loop itself, there would be at most one turn between two of them.
    assert turns > 3 * len(hashes)
    await real.close()
