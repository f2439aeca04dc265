"""Password hashing: correct, with a bounded queue, and off the event loop."""

import asyncio
import os
import sys
import threading
import time
import unicodedata
from collections.abc import AsyncIterator
from typing import Any

import bcrypt
import pytest
from prometheus_client import CollectorRegistry

from services.auth.passwords.errors import HashingBusy
from services.auth.passwords.formats import settings_of
from services.auth.passwords.hashing import Passwords
from services.auth.passwords.notations import stored_form
from services.auth.settings import AuthSettings
from tests.services.auth.harness import OTHER_PASSWORD, PASSWORD, make_settings
from tests.services.auth.passwords.samples import FOREIGN, Sample
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
    assert (await cheap.verify(await cheap.hash(composed, ""), decomposed, "")).matches
    assert (await cheap.verify(await cheap.hash(decomposed, ""), composed, "")).matches


@pytest.mark.parametrize("other", [PASSWORD.upper(), PASSWORD + " ", " " + PASSWORD, PASSWORD[:-1]])
async def test_a_different_password_does_not_match(cheap: Passwords, other: str) -> None:
    """A difference in case, in a blank or in the last character is a mismatch."""
    assert not (await cheap.verify(await cheap.hash(PASSWORD, ""), other, "")).matches


async def test_a_hash_is_argon2id_with_its_own_salt(cheap: Passwords) -> None:
    """Two hashes of one password differ, and a hash names its parameters."""
    first, second = await cheap.hash(PASSWORD, ""), await cheap.hash(PASSWORD, "")
    assert first != second
    assert first.startswith("$argon2id$v=19$m=8,t=1,p=1$")


async def test_the_default_settings_give_an_owasp_hash() -> None:
    """By default a hash has 19 MiB of memory, two passes and one lane."""
    real = Passwords(REAL)
    assert (await real.hash(PASSWORD, "")).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    await real.close()


async def test_a_hash_with_other_settings_is_stale(cheap: Passwords) -> None:
    """A right password matches and is reported as stale; a wrong one is not reported as stale."""
    stronger = Passwords(make_settings(ARGON2_PASSES="2"))
    old = await cheap.hash(PASSWORD, "")
    assert await stronger.verify(old, PASSWORD, "") == (True, True)
    assert await stronger.verify(old, "x", "") == (False, False)
    assert await cheap.verify(old, PASSWORD, "") == (True, False)
    await stronger.close()


async def test_no_password_matches_a_damaged_hash(
    cheap: Passwords, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is a wrong password, costs as much as one, and a log line says that there is damage."""
    computed: list[object] = []

    async def run(*given: Any, **options: Any) -> Any:
        computed.append(given)
        return await Passwords._run(cheap, *given, **options)

    cheap._run = run  # type: ignore[method-assign]
    for damaged in ("", "nonsense", "$argon2id$v=19$m=8,t=1,p=1$x", "$2b$04$short"):
        assert await cheap.verify(damaged, PASSWORD, "") == (False, False)
        assert "stored password hash is damaged" in capsys.readouterr().out
    assert len(computed) == 4


@pytest.mark.parametrize("sample", FOREIGN, ids=lambda sample: sample.name)
async def test_a_hash_of_another_system_is_verified_and_stale(
    cheap: Passwords, sample: Sample
) -> None:
    """The right password matches and asks for a new hash; a wrong one does neither."""
    stored = stored_form(sample.text)
    assert stored is not None
    assert await cheap.verify(stored, PASSWORD, "") == (True, True)
    assert await cheap.verify(stored, OTHER_PASSWORD, "") == (False, False)


async def test_a_long_password_keeps_its_bcrypt_hash(cheap: Passwords) -> None:
    """Its end is not in the hash, so a new hash could lock the owner out."""
    stored = bcrypt.hashpw(b"a" * 72, bcrypt.gensalt(4)).decode()
    assert await cheap.verify(stored, "a" * 72, "") == (True, True)
    assert await cheap.verify(stored, "a" * 71 + "ab", "") == (True, False)


async def test_a_password_matches_in_the_form_that_was_hashed(cheap: Passwords) -> None:
    """better-auth hashes NFKC, others what was typed: the same password matches both."""
    typed = unicodedata.normalize("NFD", "crème ½ brûlée")
    for form in ("NFC", "NFD", "NFKC"):
        secret = unicodedata.normalize(form, typed).encode()
        stored = bcrypt.hashpw(secret, bcrypt.gensalt(4)).decode()
        assert (await cheap.verify(stored, typed, "")).matches


async def test_hashes_of_much_memory_are_verified_one_at_a_time() -> None:
    """So the memory of hashing is that of the pool and of one such hash; others go on meanwhile."""
    passwords, running, most = Passwords(make_settings(HASH_THREADS="4")), 0, 0
    large = stored_form(FOREIGN[-1].text)
    assert large is not None
    lock = threading.Lock()

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1

    await asyncio.gather(*(passwords._run("", work, large=True) for _ in range(4)))
    assert most == 1
    go = threading.Event()
    held = asyncio.create_task(passwords._run("", lambda: go.wait(30), large=True))
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(passwords.verify(large, PASSWORD, "")) for _ in range(3)]
    assert await passwords.hash(PASSWORD, "")
    assert not any(one.done() for one in waiting)
    go.set()
    assert await held
    assert all([(await one).matches for one in waiting])
    await passwords.close()


async def test_a_full_queue_of_large_hashes_refuses_and_gives_its_places_back() -> None:
    """A refused caller leaves nothing taken."""
    passwords = Passwords(make_settings(HASH_THREADS="1", HASH_QUEUE="1"))
    go = threading.Event()
    running = asyncio.create_task(passwords._run("", lambda: go.wait(30), large=True))
    waiting = asyncio.create_task(passwords._run("", lambda: True, large=True))
    await asyncio.sleep(0)
    with pytest.raises(HashingBusy):
        await passwords._run("", lambda: True, large=True)
    go.set()
    assert await running
    assert await waiting
    assert await passwords._run("", lambda: True, large=True)
    await passwords.close()


async def test_a_full_queue_refuses_further_hashes() -> None:
    """The hasher refuses calls beyond its threads and queue, with a time to retry after."""
    narrow = Passwords(make_settings(HASH_THREADS="1", HASH_QUEUE="3"))
    answers = await asyncio.gather(
        *(narrow.hash(PASSWORD, "") for _ in range(10)), return_exceptions=True
    )
    busy = [answer for answer in answers if isinstance(answer, HashingBusy)]
    assert len(busy) == 6
    assert {error.retry_after for error in busy} == {1}
    assert await narrow.hash(PASSWORD, "")
    await narrow.close()


async def test_a_cancelled_caller_frees_its_place() -> None:
    """A cancelled call does not keep its place in the queue."""
    narrow = Passwords(make_settings(HASH_THREADS="1", HASH_QUEUE="1"))
    for _ in range(5):
        waiting = [asyncio.create_task(narrow.hash(PASSWORD, "")) for _ in range(2)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert await narrow.hash(PASSWORD, "")
    await narrow.close()


async def test_a_place_is_taken_as_long_as_its_thread_computes() -> None:
    """A cancelled call whose hash is being computed lets no further one compute."""
    narrow, go = Passwords(make_settings(HASH_THREADS="1")), threading.Event()
    running = asyncio.create_task(narrow._run("", go.wait))
    waiting = asyncio.create_task(narrow.hash(PASSWORD, ""))
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running, waiting], timeout=0.05)
    assert (running.cancelled(), waiting.done(), narrow._pool._work_queue.qsize()) == (
        True,
        False,
        0,
    )
    go.set()
    assert await waiting
    await narrow.close()


async def test_a_rightful_caller_does_not_wait_for_a_flood() -> None:
    """Of 340 calls from six networks, one of each is computed before a call from a seventh."""
    passwords = Passwords(make_settings(HASH_THREADS="2", HASH_QUEUE="256"))
    known, done, refused = await passwords.hash(PASSWORD, ""), 0, 0

    async def attack(network: str) -> None:
        nonlocal done, refused
        try:
            await passwords.verify(known, OTHER_PASSWORD, network)
            done += 1
        except HashingBusy:
            refused += 1

    flood = [asyncio.create_task(attack(f"network {number % 6}")) for number in range(340)]
    await asyncio.sleep(0)
    before = done
    assert (await passwords.verify(known, PASSWORD, "another")).matches
    # Two were being computed, and up to two that came after it can be done before it.
    assert done - before <= 2 + 6 + 2
    await asyncio.gather(*flood)
    assert refused == 340 - 2 - 256 + 1
    await passwords.close()


async def test_close_does_not_wait_for_a_hash() -> None:
    """The process can end while a thread computes."""
    passwords, go = Passwords(make_settings()), threading.Event()
    running = asyncio.create_task(passwords._run("", lambda: go.wait(10)))
    await asyncio.sleep(0)
    await passwords.close()
    assert not running.done()
    go.set()
    assert await running


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no priority of its own")
async def test_hashes_are_computed_with_low_priority(cheap: Passwords) -> None:
    """The threads have a nice value of 10, or the process's if that is lower; the process keeps its own."""

    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    own = priority()
    assert await cheap._run("", priority) == max(10, own)
    assert priority() == own


async def test_hashing_leaves_the_event_loop_free() -> None:
    """The event loop turns many times while one hash of a fifth of a second is computed."""
    slow, turns = Passwords(make_settings(ARGON2_MEMORY_KIB="19456", ARGON2_PASSES="20")), 0
    hashing = asyncio.create_task(slow.hash(PASSWORD, ""))
    while not hashing.done():
        await asyncio.sleep(0)
        turns += 1
    # If the hash were computed on the loop, it would turn two or three times.
    assert turns > 100
    await slow.close()


def test_the_settings_of_a_hash() -> None:
    """They are the text before the salt; a damaged hash has none."""
    settings = "$argon2id$v=19$m=8,t=1,p=1"
    salt = "c29tZXNhbHRzb21lc2FsdA"
    assert settings_of(f"{settings}${salt}$RdescudvJCsgt3ub+b4dWRWJTmaaJObG") == settings
    for damaged in ("", "nonsense", "$argon2id$hash", settings, f"{settings}$salt"):
        assert settings_of(damaged) is None


async def test_hashes_and_those_who_wait_are_measured() -> None:
    """The time of each hash counts, and while the only thread is busy the others are shown as waiting."""
    registry = CollectorRegistry()
    passwords = Passwords(make_settings(HASH_THREADS="1"), registry=registry)
    running = [asyncio.create_task(passwords.hash(PASSWORD, "")) for _ in range(4)]
    await asyncio.sleep(0)
    waiting = registry.get_sample_value("coditect_password_hashes_waiting")
    await asyncio.gather(*running)
    await passwords.close()
    assert waiting == 3
    assert registry.get_sample_value("coditect_password_hashes_waiting") == 0
    assert registry.get_sample_value("coditect_password_hash_seconds_count") == 4
