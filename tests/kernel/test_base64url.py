"""Base64url with one spelling of each value."""

import pytest

from kernel import base64url

VALUES = [b"", b"f", b"fo", b"foo", b"\xff\xfe", bytes(range(256))]


@pytest.mark.parametrize("value", VALUES, ids=len)
def test_a_value_survives_a_round_trip(value: bytes) -> None:
    """`decode` is the inverse of `encode`, which writes no padding."""
    text = base64url.encode(value)
    assert base64url.decode(text) == value
    assert "=" not in text


@pytest.mark.parametrize(
    "text",
    [
        "Zg==", "Zg=", "Zm8=", "Zm9v=", "Zm9v====", "=", "====",
        "Zh", "Zm9", "Zm9w" + "Zh",  # the last bits are not zero
        "Z", "Zm9vY",  # no length of base64
        "Zm9v\n", "\nZm9v", "Zm 9v", "Zm9v ", "Zm9v\0",
        "Zm9v!!!!", "!!!!", "Zm9v.", "_-+/", "//79", "++++",
        "Zm9\u00e9", "\uff3am9v",
    ],
    ids=ascii,
)  # fmt: skip
def test_any_other_spelling_is_refused(text: str) -> None:
    """Padding, last bits that are not zero, other characters and other alphabets raise an error."""
    with pytest.raises(ValueError, match=r".*"):
        base64url.decode(text)


@pytest.mark.parametrize("text", ["", "Zg==", "Zm8=", "Zm9v", "_-79"])
def test_padded_text_is_accepted_as_fernet_writes_it(text: str) -> None:
    """With its padding, and none too much, the text is good."""
    base64url.check_padded(text)


@pytest.mark.parametrize(
    "text",
    ["Zg", "Zm9v====", "Zg===", "Zh==", "Zm9v\n", "Zm9v!!!!", "//79", "Zm9\u00e9"],
    ids=ascii,
)
def test_padding_must_be_exact(text: str) -> None:
    """Missing or further padding and whatever a lenient decoder skips raise an error."""
    with pytest.raises(ValueError, match=r".*"):
        base64url.check_padded(text)
