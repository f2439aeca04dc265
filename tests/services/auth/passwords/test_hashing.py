"""Password hashing: correct, with a bounded queue, and off the event loop."""

import asyncio
import unicodedata
from collections.abc import AsyncIterator

import pytest

from services.auth.passwords.errors import HashingBusy
from services.auth.passwords.hashing import Passwords
from services.auth.settings import AuthSettings
from tests.services.auth.harness import PASSWORD, make_settings
from tests.support.service import ENVIRON, UNREACHABLE

REAL = AuthSettings.read(
    {**ENVIRON, "TENANTS_ADDRESS": UNREACHABLE, "SESSIONS_ADDRESS": UNREACHABLE}
)
"""The settings of an operator who sets none of the hash."""


@pytest.fixture
async def cheap() -> AsyncIterator[Passwords]:
    """The password hasher with the cheapest settings."""
    cheap = Passwords(make_settings())
    yield cheap
    await cheap.close()


async def test_composed_and_decomposed_passwords_match(cheap: Passwords) -> None:
    """A password in NFC matches the hash of the same password in NFD, and vice versa."""
    composed = "crème brûlée à Évreux"
    decomposed = unicodedata.normalize("NFD", composed)
    assert decomposed != composed
    assert (await cheap.verify(await cheap.hash(composed), decomposed)).matches
    assert (await cheap.verify(await cheap.hash(decomposed), composed)).matches


@pytest.mark.parametrize("other", [PASSWORD.upper(), PASSWORD + " ", " " + PASSWORD, PASSWORD[:-1]])
async def test_a_different_password_does_not_match(cheap: Passwords, other: str) -> None:
    """A difference in case, in a blank or in the last character is a mismatch."""
    assert not (await cheap.verify(await cheap.hash(PASSWORD), other)).matches


async def test_a_hash_is_argon2id_with_its_own_salt(cheap: Passwords) -> None:
    """Two hashes of one password differ, and a hash names its parameters."""
    first, second = await cheap.hash(PASSWORD), await cheap.hash(PASSWORD)
    assert first != second
    assert first.startswith("$argon2id$v=19$m=8,t=1,p=1$")


async def test_the_default_settings_give_an_owasp_hash() -> None:
    """By default a hash has 19 MiB of memory, two passes and one lane."""
    real = Passwords(REAL)
    assert (await real.hash(PASSWORD)).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    await real.close()


async def test_a_hash_with_other_settings_is_stale(cheap: Passwords) -> None:
    """A right password matches and is reported as stale; a wrong one is not reported as stale."""
    stronger = Passwords(make_settings(ARGON2_PASSES="2"))
    old = await cheap.hash(PASSWORD)
    assert await stronger.verify(old, PASSWORD) == (True, True)
    assert await stronger.verify(old, "x") == (False, False)
    assert await cheap.verify(old, PASSWORD) == (True, False)
    await stronger.close()


async def test_verifying_without_a_hash_never_matches(cheap: Passwords) -> None:
    """`verify` with None for the hash of an unknown account matches no password."""
    for password in ("", PASSWORD):
        assert await cheap.verify(None, password) == (False, False)


async def test_a_damaged_hash_is_an_error(cheap: Passwords) -> None:
    """`verify` raises RuntimeError for an unreadable hash; it does not report a wrong password."""
    for damaged in ("", "nonsense", "$argon2id$v=19$m=8,t=1,p=1$x"):
        with pytest.raises(RuntimeError):
            await cheap.verify(damaged, PASSWORD)


async def test_a_full_queue_refuses_further_hashes() -> None:
    """The hasher refuses calls beyond its threads and queue, with a time to retry after."""
    narrow = Passwords(make_settings(HASH_THREADS="1", HASH_QUEUE="3"))
    answers = await asyncio.gather(
        *(narrow.hash(PASSWORD) for _ in range(10)), return_exceptions=True
    )
    busy = [answer for answer in answers if isinstance(answer, HashingBusy)]
    assert len(busy) == 6
    assert {error.retry_after for error in busy} == {1}
    assert await narrow.hash(PASSWORD)
    await narrow.close()


async def test_a_cancelled_caller_frees_its_place() -> None:
    """A cancelled call does not keep its place in the queue."""
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
    """The event loop runs many times while each real hash is computed."""
    real = Passwords(REAL)
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.0005)
            turns += 1

    turning = asyncio.create_task(turn())
    hashes = [await real.hash(PASSWORD) for _ in range(6)]
    turning.cancel()
    # If hashes were computed on the loop, it would turn at most once between two of them.
    assert turns > 3 * len(hashes)
    await real.close()
