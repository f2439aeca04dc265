"""Codes that people type."""

import pytest

from services.auth.one_time_tokens import codes


def test_a_code_has_eight_characters_of_the_alphabet() -> None:
    """40 bits give 8 characters, and every bit counts."""
    assert codes.code_of(bytes(32)) == "00000000"
    assert codes.code_of(b"\xff" * 32) == "ZZZZZZZZ"
    assert codes.code_of(bytes([0, 0, 0, 0, 1]) + bytes(27)) == "00000001"
    assert codes.code_of(bytes([1, 35, 69, 103, 137]) + b"\xff" * 27) == "04HMASW9"


@pytest.mark.parametrize(
    "typed", ["04HMASW9", "04hm-asw9", " 04HM ASW9 ", "o4hm-asw9", "O4HM-ASW9", "0 4 H M A S W 9"]
)
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    """Case, groups, and look-alike characters do not matter."""
    assert codes.read(typed) == "04HMASW9"


def test_one_is_read_from_its_look_alikes() -> None:
    """I and L stand for 1, as Crockford's base32 says."""
    assert codes.read("iIlL1111") == "11111111"


@pytest.mark.parametrize(
    "typed", ["", "04HMASW", "04HMASW99", "04HMASWU", "04HMASW!", "9" * 10_000]
)
def test_no_code(typed: str) -> None:
    """Another length, or a character outside of the alphabet, is no code."""
    assert codes.read(typed) is None


def test_an_email_shows_groups() -> None:
    """The form in an email can be typed as it is."""
    assert codes.shown("04HMASW9") == "04HM-ASW9"
    assert codes.read(codes.shown("04HMASW9")) == "04HMASW9"
