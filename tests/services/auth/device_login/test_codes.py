"""The codes of a device login."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.ids import SystemIds
from kernel.seal import Seal
from kernel.settings import secrets_of
from services.auth.device_login import codes
from services.auth.device_login.codes import DeviceCode
from services.auth.one_time_tokens.codes import CHARACTERS
from tests.services.auth.harness import OTHER_SEAL_KEY, make_settings
from tests.support.clock import START

SEAL = Seal(secrets_of(make_settings().seal_keys))
IDS = SystemIds()
CODE = DeviceCode(IDS.uuid(), IDS.secret(), int(START.timestamp()) + 600)


def test_a_device_code_comes_back() -> None:
    """It says what was written, and when it ends."""
    text = codes.write(CODE, SEAL)
    assert codes.read(text, SEAL) == CODE
    assert not CODE.has_expired(START)
    assert replace(CODE, expire_second=int(START.timestamp())).has_expired(START)


@pytest.mark.parametrize("place", range(0, 96, 5))
def test_a_device_code_that_was_changed(place: int) -> None:
    """It is none, wherever it was changed."""
    text = codes.write(CODE, SEAL)
    other = "A" if text[place] != "A" else "B"
    assert codes.read(text[:place] + other + text[place + 1 :], SEAL) is None


@pytest.mark.parametrize("text", ["", "x", "é" * 96, "!" * 96, "A" * 96, "A" * 95, "A" * 10_000])
def test_noise_is_no_device_code(text: str) -> None:
    """It costs no look at the store."""
    assert codes.read(text, SEAL) is None


def test_a_device_code_of_another_seal() -> None:
    """It is none."""
    assert codes.read(codes.write(CODE, Seal([OTHER_SEAL_KEY])), SEAL) is None


def test_user_codes_are_even() -> None:
    """Each consonant comes as often as each other, in each place."""
    made = [code for _ in range(500) for code in codes.user_codes(IDS.secret())]
    assert len(set(made)) == len(made) == 2000
    for place in range(CHARACTERS):
        counts = Counter(code[place] for code in made)
        assert len(counts) == 20
        assert max(counts.values()) < 180, "100 of each are expected"


@pytest.mark.parametrize(
    "text",
    [
        "BCDF-GHJK",
        "bcdfghjk",
        " bcdf ghjk ",
        "bcdf\u2013ghjk",
        "BCDF--GHJK",
        "b c d f g h j k",
        "bcdf.ghjk",
    ],
)
def test_a_user_code_as_people_type_it(text: str) -> None:
    """Case, blanks and hyphens do not matter (RFC 8628, section 6.1)."""
    assert codes.read_user_code(text) == "BCDFGHJK"


@pytest.mark.parametrize(
    "text",
    ["", "BCDFGHJ", "BCDFGHJKL", "ACDFGHJK", "BCDF/GHJK", "ßCDFGHJK", "BCDFGHJ\u212a", " " * 1000],
)
def test_a_text_that_is_no_user_code(text: str) -> None:
    """It is none, also with a letter that only looks like one or is one in another case."""
    assert codes.read_user_code(text) is None


@given(st.text(max_size=100))
def test_any_text(text: str) -> None:
    """It is a user code of eight consonants, or none."""
    code = codes.read_user_code(text)
    assert code is None or (len(code) == 8 and set(code) <= set("BCDFGHJKLMNPQRSTVWXZ"))


def test_how_a_user_code_is_shown() -> None:
    """In two groups, and so it is read again."""
    assert codes.shown("BCDFGHJK") == "BCDF-GHJK"


def test_a_user_code_is_found_after_a_change_of_the_seal_keys() -> None:
    """What was stored under the key before is among the digests that are looked up."""
    before = Seal([OTHER_SEAL_KEY])
    after = Seal([*secrets_of(make_settings().seal_keys), OTHER_SEAL_KEY])
    assert codes.user_code_mac("BCDFGHJK", before) in codes.user_code_macs("BCDFGHJK", after)
