"""Hashes of other systems: read, verified, bounded, and never an error."""

import hashlib
import unicodedata
from base64 import b64encode

import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.auth.passwords.formats import MOST_CHARACTERS, parse, spellings
from services.auth.passwords.notations import affordable, stored_form
from tests.services.auth.harness import OTHER_PASSWORD, PASSWORD
from tests.services.auth.passwords.samples import FOREIGN, Sample

_KEY = "A" * 43  # 32 bytes
_OF_LIBXCRYPT = "$7$C6..../....SodiumChloride$NJFhMYU8dFlCos3lY2XcGjUa31kbhILScs/AZbAHcP0"
_MARKS = "$,=.:/+Aa019vmtplnirskx"

by_name = pytest.mark.parametrize("sample", FOREIGN, ids=lambda sample: sample.name)


@by_name
def test_every_notation_is_stored_and_verified(sample: Sample) -> None:
    """The right password matches, another one does not, and the stored form is its own form."""
    text = stored_form(sample.text)
    assert text is not None
    assert stored_form(text) == text
    stored = parse(text)
    assert stored is not None
    assert stored.matches(PASSWORD.encode())
    assert not stored.matches(OTHER_PASSWORD.encode())
    assert affordable(text)


@by_name
def test_a_decoy_costs_the_same_and_matches_nothing(sample: Sample) -> None:
    """It has the settings of its hash, and a random digest."""
    stored = parse(stored_form(sample.text) or "")
    assert stored is not None
    decoy = parse(stored.decoy())
    assert decoy is not None
    assert (decoy.settings, decoy.memory_kib) == (stored.settings, stored.memory_kib)
    assert not decoy.matches(PASSWORD.encode())
    assert decoy.text != parse(stored.decoy())


def test_a_hash_of_crypt_itself() -> None:
    """`$7$` as libxcrypt writes it."""
    stored = parse(stored_form(_OF_LIBXCRYPT) or "")
    assert stored is not None
    assert stored.settings == "$scrypt$ln=14,r=8,p=1"
    assert stored.matches(b"correct horse battery staple")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "plain password",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "$1$salt$qJH7.N4xYta3aEG/dfqo/0",
        "$6$salt$hash",
        "$2x$04$" + "a" * 53,
        "$2b$03$" + "a" * 53,
        "$2b$04$" + "a" * 52,
        "$2b$04$" + "a" * 54,
        "$argon2id$v=19$m=8,t=1,p=1$x",
        "$argon2id$v=18$m=8,t=1,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
        "$argon2id$v=19$m=8,t=1,p=2$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
        f"$pbkdf2-sha256$i=1000,l=31$c29tZXNhbHQ${_KEY}",
        f"$pbkdf2-md5$i=1000,l=32$c29tZXNhbHQ${_KEY}",
        f"$pbkdf2-sha256$i=0,l=32$c29tZXNhbHQ${_KEY}",
        "$pbkdf2-sha256$i=1000,l=6$c29tZXNhbHQ$AAAAAAAA",
        f"$scrypt$ln=31,r=8,p=1$c29tZXNhbHQ${_KEY}",
        f"scrypt$1000$salt$8$1${_KEY}=",
        f"$scrypt$ln=14,r=8,p=1$c29tZXNhbHQ$${_KEY}",
        "$scrypt$ln=14,r=8,p=1$c29tZXNhbHQ$" + "A" * MOST_CHARACTERS,
        "00112233445566778899aabbccddeeff:abcd",
    ],
)
def test_what_is_no_hash_is_refused(text: str) -> None:
    """Damaged hashes, and kinds that are not supported, have no stored form."""
    assert stored_form(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "$2b$15$" + "a" * 21 + "." + "a" * 31,
        "$argon2id$v=19$m=65537,t=1,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
        "$argon2id$v=19$m=65536,t=17,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
        "$argon2id$v=19$m=65536,t=1,p=17$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
        f"$pbkdf2-sha256$i=2000001,l=32$c29tZXNhbHQ${_KEY}",
        f"$pbkdf2-sha1$i=1000001,l=32$c29tZXNhbHQ${_KEY}",
        f"$scrypt$ln=17,r=8,p=1$c29tZXNhbHQ${_KEY}",
        f"$scrypt$ln=16,r=8,p=5$c29tZXNhbHQ${_KEY}",
        f"$scrypt$ln=30,r=999999999,p=1$c29tZXNhbHQ${_KEY}",
    ],
)
def test_what_costs_too_much_is_not_affordable(text: str) -> None:
    """A hash that takes more than 64 MiB, or much more than a second, is in a known form."""
    assert stored_form(text) == text
    assert not affordable(text)


@given(st.text(max_size=120) | st.text(_MARKS, max_size=120))
def test_any_text_is_refused_or_read(text: str) -> None:
    """Nothing raises."""
    stored = stored_form(text)
    assert stored is None or parse(stored) is not None


@given(st.sampled_from(FOREIGN), st.integers(0, 700), st.text(_MARKS, max_size=3))
def test_a_changed_hash_is_refused_or_verified(sample: Sample, at: int, put: str) -> None:
    """A hash with other characters somewhere is refused, or can be verified without an error."""
    text = stored_form(sample.text[:at] + put + sample.text[at + len(put) :])
    stored = None if text is None else parse(text)
    if stored is not None and stored.memory_kib < 10_000 and stored.is_affordable:
        cheap = "$2" not in stored.settings or stored.settings < "$2b$08"
        assert not cheap or stored.matches(PASSWORD.encode()) in {True, False}


def test_bcrypt_takes_the_first_72_bytes() -> None:
    """As the systems did that made the hashes: what follows does not count."""
    stored = parse(bcrypt.hashpw(b"a" * 72, bcrypt.gensalt(4)).decode())
    assert stored is not None
    assert stored.matches(b"a" * 72)
    assert stored.matches(b"a" * 100)
    assert not stored.matches(b"a" * 71)


def test_no_password_with_a_nul_matches_bcrypt() -> None:
    """To some implementations it ends the password."""
    stored = parse(bcrypt.hashpw(b"secret", bcrypt.gensalt(4)).decode())
    assert stored is not None
    assert not stored.matches(b"secret\0more")
    assert not stored.matches(b"\0")
    assert not stored.matches(b"")


def test_the_forms_of_a_password() -> None:
    """Of hashes of others three, if they differ; of Argon2id the normal one alone."""
    typed = unicodedata.normalize("NFD", "crème ½")
    normal = unicodedata.normalize("NFC", typed)
    foreign = parse(stored_form(FOREIGN[0].text) or "")
    own = parse("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG")
    assert foreign is not None
    assert own is not None
    assert [one.decode() for one in spellings(foreign, typed, normal)] == [
        normal,
        typed,
        unicodedata.normalize("NFKC", typed),
    ]
    assert spellings(own, typed, normal) == [normal.encode()]
    assert spellings(foreign, PASSWORD, PASSWORD) == [PASSWORD.encode()]


def test_pbkdf2_of_a_long_key() -> None:
    """Keycloak derives 64 bytes with SHA-256: two blocks, which the cost counts."""
    key = hashlib.pbkdf2_hmac("sha256", b"x", b"salt-of-keycloak", 500, 64)
    bare = b64encode(key).decode().rstrip("=")
    stored = parse(f"$pbkdf2-sha256$i=500,l=64$c2FsdC1vZi1rZXljbG9haw${bare}")
    assert stored is not None
    assert stored.settings == "$pbkdf2-sha256$i=500,l=64"
    assert stored.matches(b"x")
