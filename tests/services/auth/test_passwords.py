"""Passwords: which are good enough, and hashing that holds up nobody."""

import asyncio
import unicodedata
from collections.abc import AsyncIterator

import pytest

from kernel.errors import InvalidRequest
from kernel.fields import Fields
from services.auth import passwords
from services.auth.errors import HashingBusy
from services.auth.passwords import Passwords
from tests.services.auth.harness import EMAIL, PASSWORD, make_settings

REAL = {"ARGON2_MEMORY_KIB": "19456", "ARGON2_PASSES": "2"}


@pytest.fixture
async def cheap() -> AsyncIterator[Passwords]:
    """Passwords with the cheapest hash."""
    cheap = Passwords(make_settings())
    yield cheap
    await cheap.close()


def refusal(password: str, email: str = EMAIL) -> str:
    """The reason for which a password is refused; empty for a good one."""
    fields = Fields()
    passwords.check(fields, "password", password, email)
    try:
        fields.check()
    except InvalidRequest as error:
        (violation,) = error.violations
        assert violation.field == "password"
        return violation.reason
    return ""


def shortened(text: str) -> str:
    """A name for a test."""
    return ascii(text)[:24]


@pytest.mark.parametrize(
    "password",
    [PASSWORD, "fifteen characters", "ALLUPPERCASEBUTFINE", "908172635445362718",
     "    four blanks in front", "пароль из многих букв", "密码必须足够长才可以通过检查的",
     "naïve café résumé", "🦊🐻🐼🦁🐯🐨🐵🐸🐙🦄🐝🐢🐍🦀🐬", "tabs are not, but \u00a0 is",
     "0123456789abcde!", "passwordpasswort", "x7" * 7 + "y", "kq vw zj" * 32],
    ids=shortened,
)  # fmt: skip
def test_good_passwords(password: str) -> None:
    """15 to 256 characters of whatever can be typed are enough."""
    assert refusal(password) == ""


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "TOO_SHORT"),
        ("fourteen chars", "TOO_SHORT"),
        ("e\u0301" * 14, "TOO_SHORT"),  # counted as they are composed
        ("kq vw zj" * 32 + "!", "TOO_LONG"),
        ("x" * 5_000, "TOO_LONG"),
        ("a\x00 password with it", "UNPRINTABLE"),
        ("a password\nof two lines", "UNPRINTABLE"),
        ("a password\twith a tab", "UNPRINTABLE"),
        ("a password\x7f with a delete", "UNPRINTABLE"),
        ("an unassigned \U000e0fff one", "UNPRINTABLE"),
        ("passwordpassword", "COMMON"),
        ("PasswordPassword", "COMMON"),
        ("passwordpasswordpass", "COMMON"),
        ("password1234567", "COMMON"),
        ("1234567password!!", "COMMON"),
        ("123456789012345", "COMMON"),
        ("aaaaaaaaaaaaaaa", "COMMON"),
        ("abababababababab", "COMMON"),
        ("abcdabcdabcdabcd", "COMMON"),
        ("               ", "COMMON"),
        ("qwertyuiopqwertyuiop", "COMMON"),
        ("long.address@example.com", "COMMON"),
        ("Long.Address@Example.COM", "COMMON"),
    ],
    ids=shortened,
)
def test_bad_passwords(password: str, reason: str) -> None:
    """Too short, too long, not typable, or what is tried first."""
    assert refusal(password, "long.address@example.com") == reason


def test_the_limits_are_exact() -> None:
    """15 and 256 characters are good, one less or more is not, in characters and not bytes."""
    for characters in ("kqvwzjxnmtrhgpblsdf", "äöüßéèêñçøåæœþðłżśź"):
        text = (characters * 20)[:257]
        assert [refusal(text[:size]) for size in (14, 15, 256, 257)] == [
            "TOO_SHORT", "", "", "TOO_LONG",
        ]  # fmt: skip


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
    """19 MiB, two passes, one lane, unless told otherwise."""
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
    """What the threads and the queue do not hold is told to come again, the rest is done."""
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
