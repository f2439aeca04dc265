"""Fields: all bad ones are named at once, and no value is quoted."""

from uuid import UUID, uuid4

import pytest

from kernel.errors import InvalidRequest
from kernel.fields import Fields


def refusal(fields: Fields) -> list[tuple[str, str]]:
    """The bad fields with their reasons."""
    try:
        fields.check()
    except InvalidRequest as error:
        return [(bad.field, bad.reason) for bad in error.violations]
    return []


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("Ada", "Ada"),
        ("  Ada  B.\u00a0", "Ada  B."),
        ("e\u0301", "é"),
        ("e\u0301" * 10, "é" * 10),
        (" " * 10_000 + "x", "x"),
        ("\u1f82".encode().decode() * 10, "\u1f82" * 10),
        ("\u03b1\u0313\u0300\u0345" * 10, "\u1f82" * 10),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("\U0001fa77 Ada \u0378", "\U0001fa77 Ada \u0378"),
        ("\u202eAda", "Ada"),
        ("Ada \u2066\u202a(you)\u202c\u2069", "Ada (you)"),
        ("\u200fא\u05bc\u061cب", "\u200fא\u05bc\u061cب"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("\u200b", ""),
        ("\u3164 \u2800", ""),
        ("", ""),
    ],
    ids=ascii,
)
def test_good_texts(given: str, text: str) -> None:
    """A text is returned in NFC, without surrounding blanks and what turns text; one that cannot be seen as empty."""
    fields = Fields()
    assert fields.text("name", given, max_length=10) == text
    assert refusal(fields) == []


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("", "REQUIRED"),
        ("   ", "REQUIRED"),
        ("\u200b", "REQUIRED"),
        ("\u3164" * 5, "REQUIRED"),
        ("\u200b \u2066", "REQUIRED"),
        ("a", "TOO_SHORT"),
        ("e\u0301", "TOO_SHORT"),
        ("a" * 11, "TOO_LONG"),
        ("a" * 1_000_000, "TOO_LONG"),
        ("a\nb", "UNPRINTABLE"),
        ("a\x00b", "UNPRINTABLE"),
        ("a\u0080b", "UNPRINTABLE"),
        ("a\ufffeb", "UNPRINTABLE"),
        ("\u200b\x00", "UNPRINTABLE"),
        ("a\ud800b", "UNPRINTABLE"),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_bad_texts(given: str, reason: str) -> None:
    """These are not texts of 2 to 10 printable characters."""
    fields = Fields()
    fields.text("name", given, min_length=2, max_length=10)
    assert refusal(fields) == [("name", reason)]


@pytest.mark.timeout(60)
def test_endless_marks_are_not_normalized() -> None:
    """A text that is too long in any form is refused before normalization."""
    fields = Fields()
    fields.text("name", "a" + "\u0301\u0327" * 250_000, max_length=100)
    assert refusal(fields) == [("name", "TOO_LONG")]


def test_all_bad_fields_are_named() -> None:
    """One error names all, in the order of the checks."""
    fields = Fields()
    fields.text("one", "", min_length=1, max_length=5)
    fields.text("two", "fine", max_length=5)
    fields.uuid("three", "x")
    fields.refuse("four", "ODD", "Must be even.")
    assert refusal(fields) == [("one", "REQUIRED"), ("three", "NOT_A_UUID"), ("four", "ODD")]


def test_only_the_first_reason_for_a_field_counts() -> None:
    """A field that two checks refuse is named once, with the reason of the first check."""
    fields = Fields()
    fields.text("email", "", min_length=1, max_length=254)
    fields.refuse("email", "NOT_AN_EMAIL", "Must be an email address.")
    assert refusal(fields) == [("email", "REQUIRED")]


def test_good_uuids() -> None:
    """The canonical form is accepted, in either case."""
    value = uuid4()
    fields = Fields()
    assert fields.uuid("id", str(value)) == value
    assert fields.uuid("id", str(value).upper()) == value
    assert refusal(fields) == []


@pytest.mark.parametrize(
    "text",
    [" ", "x", "0" * 32, "{00000000-0000-0000-0000-000000000001}",
     "urn:uuid:00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-00000000000",
     " 00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-00000000000g",
     "\uff100000000-0000-0000-0000-000000000001", "x" * 100_000],
    ids=lambda value: ascii(value)[:20],
)  # fmt: skip
def test_bad_uuids(text: str) -> None:
    """No other spelling of a UUID is accepted, so that each has only one."""
    fields = Fields()
    assert isinstance(fields.uuid("id", text), UUID)
    assert refusal(fields) == [("id", "NOT_A_UUID")]


def test_an_empty_uuid_is_missing() -> None:
    """An id that is not given is named as required."""
    fields = Fields()
    fields.uuid("id", "")
    assert refusal(fields) == [("id", "REQUIRED")]
