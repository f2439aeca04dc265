"""Negotiation of the language of emails (RFC 9110, section 12.5.4)."""

import pytest

from services.auth.notifications.language import LANGUAGES, language_of


def test_there_are_two_languages() -> None:
    """English and German to begin with; a language is a file."""
    assert LANGUAGES == ("de", "en")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("DE", "de"),
        ("de-AT", "de"),
        ("fr", "en"),
        ("fr, de;q=0.1", "de"),
        ("en;q=0.2, de;q=0.9", "de"),
        ("de;q=0.5, en;q=0.5", "de"),
        ("en, de", "en"),
        ("de;q=0", "en"),
        ("en;q=0, de;q=0", "en"),
        ("*", "en"),
        ("*;q=0.5, de;q=0.1", "en"),
        ("de;q=0.5 , *;q=0.1", "de"),
        ("de;q=2, en;q=0.1", "en"),
        ("de;q=nan", "en"),
        ("de;q=, en;q=0.1", "en"),
        ("de;level=1", "en"),
        (";;;,,,=", "en"),
        (",".join(["fr"] * 30 + ["de"]), "en"),
        ("../../etc/passwd", "en"),
    ],
)
def test_the_best_language_is_chosen(header: str, language: str) -> None:
    """The highest weight of a language that exists counts; what cannot be read does not."""
    assert language_of(header) == language
