"""Argon2 hashes: both libraries agree, and a decoy is computed by the library of its hash."""

import pytest
from argon2 import PasswordHasher
from argon2.low_level import Type, hash_secret

from services.auth.passwords.argon2_hash import Argon2Hash
from services.auth.passwords.formats import parse, settings_of
from tests.services.auth.harness import OTHER_PASSWORD, PASSWORD

SETTINGS = ("m=8,t=1,p=1", "m=64,t=1,p=1", "m=100,t=3,p=1", "m=64,t=2,p=2")
SALTS = (8, 15, 16, 22)


@pytest.mark.parametrize("numbers", SETTINGS)
def test_a_new_hash_is_one_to_other_libraries(numbers: str) -> None:
    """argon2-cffi verifies it, and finds the settings that it was asked for."""
    text = Argon2Hash.of(PASSWORD.encode(), f"$argon2id$v=19${numbers}")
    assert text.startswith(f"$argon2id$v=19${numbers}$")
    assert PasswordHasher().verify(text, PASSWORD)
    assert text != Argon2Hash.of(PASSWORD.encode(), f"$argon2id$v=19${numbers}")


@pytest.mark.parametrize("kind", list(Type))
@pytest.mark.parametrize("size", SALTS)
@pytest.mark.parametrize("key", [4, 15, 16, 32, 64])
def test_a_hash_of_another_library_is_verified(kind: Type, size: int, key: int) -> None:
    """Whatever its type, salt and length, and so whichever library computes it."""
    text = hash_secret(PASSWORD.encode(), b"s" * size, 3, 16, 1, key, kind).decode()
    stored = Argon2Hash.read(text)
    assert stored is not None
    assert stored.matches(PASSWORD.encode())
    assert not stored.matches(OTHER_PASSWORD.encode())


@pytest.mark.parametrize("size", SALTS)
@pytest.mark.parametrize("key", [4, 16, 32])
def test_the_decoy_of_a_hash_costs_as_much_as_the_hash(size: int, key: int) -> None:
    """Only hashes with salts and keys of some lengths have the faster library: decoys have theirs."""
    text = hash_secret(PASSWORD.encode(), b"s" * size, 1, 64, 1, key, Type.ID).decode()
    stored = Argon2Hash.read(text)
    assert stored is not None
    decoy = Argon2Hash.read(stored.decoy())
    assert decoy is not None
    assert (len(decoy.salt), len(decoy.key)) == (size, key)
    assert decoy.settings == stored.settings


def test_a_hash_that_costs_more_has_other_settings() -> None:
    """So an unknown address is not given the cheaper one in its place."""
    fast, slow = (
        settings_of(hash_secret(b"", b"s" * size, 1, 64, 1, 32, Type.ID).decode())
        for size in (16, 8)
    )
    assert fast == "$argon2id$v=19$m=64,t=1,p=1"
    assert slow == f"{fast},salt=8,key=32"


@pytest.mark.parametrize(
    "text",
    [
        "$argon2id$v=19$m=8,t=1,p=1$c29tZXM$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",  # 5 bytes of salt
        "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAA",  # 3 bytes of key
        "$argon2id$v=19$m=15,t=1,p=2$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
        "$argon2id$v=18$m=16,t=1,p=2$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
    ],
)
def test_what_no_library_computes_is_no_hash(text: str) -> None:
    """A salt, a key or a memory that is too small, or an unknown version."""
    assert parse(text) is None
