"""What clients may be called."""

import time

import pytest

from services.auth.oauth_clients.names import MOST_CHARACTERS, is_allowed


@pytest.mark.parametrize(
    "name",
    [
        "Coditect",
        "coditect cli",
        "The CODITECT editor",
        "C o d i t e c t",
        "Co-di.tect",
        "C0d1tect",
        "Codltect",
        "Co|)itect Coditect",
        "C\u00f6d\u00eftect",
        "\u0421\u043ed\u0456t\u0435\u0441t",  # Cyrillic
        "\u03f9\u03bfditect",  # Greek
        "\uff23\uff4f\uff44\uff49\uff54\uff45\uff43\uff54",  # full width
        "\U0001d402\U0001d428\U0001d41d\U0001d422\U0001d42d\U0001d41e\U0001d41c\U0001d42d",  # bold
        "\u24d2\u24de\u24d3\u24d8\u24e3\u24d4\u24d2\u24e3",  # circled
    ],
)
def test_a_name_that_looks_like_one_of_this_product(name: str) -> None:
    """Case, accents, blanks and characters of other scripts do not hide the name of this product."""
    assert not is_allowed(name)


@pytest.mark.parametrize(
    "name", ["Robot\u200b", "\u202etcetidoc", "Ro\u00adbot", "\u2066Robot\u2069", "Robot\u3164"]
)
def test_a_name_with_characters_that_cannot_be_seen(name: str) -> None:
    """They could make two names look alike, or turn a name around."""
    assert not is_allowed(name)


@pytest.mark.parametrize(
    "name",
    [
        "Robot",
        "Credit Act",
        "Build robot 2",
        "\u0420\u043e\u0431\u043e\u0442",
        "\u673a\u5668\u4eba",
        "Codit",
    ],
)
def test_any_other_name(name: str) -> None:
    """Names in any script, and words that only begin like that of this product."""
    assert is_allowed(name)


@pytest.mark.parametrize("character", ["x", "\u673a", "\ufdfa", "\u0301\u0316", "\U0001d402"])
def test_a_name_that_is_too_long(character: str) -> None:
    """It is refused before its normal form, which takes quadratic time for some characters."""
    name = "R" + character * 250_000
    began = time.thread_time()
    assert not is_allowed(name)
    assert not is_allowed("R" * (MOST_CHARACTERS + 1))
    assert is_allowed("R" * MOST_CHARACTERS)
    assert time.thread_time() - began < 0.01
