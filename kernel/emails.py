"""Email addresses: validation and normalization."""

import unicodedata

import email_validator

from kernel import third_party
from kernel.fields import COMPOSED, Fields

NORMALIZED_EMAIL_BYTES = 400
"""Most UTF-8 bytes of a normalized address: case folding can lengthen it, and a key has 500."""

assert third_party, "makes the validator accept addresses of private networks"

_EMAIL_BYTES = 254  # RFC 5321, section 4.5.3.1.3


def normalized_email(email: str) -> str:
    """The canonical form of an email address: NFC, case-folded.

    Returns a text that is too long for any address unchanged.
    """
    if len(email) > COMPOSED * _EMAIL_BYTES:
        return email
    composed = unicodedata.normalize("NFC", email)
    return unicodedata.normalize("NFC", composed.casefold())


def is_email(text: str) -> bool:
    """Whether the text is a bare address: no display name, no quoting, no encoded word.

    A text with the start of an encoded word (RFC 2047) is a valid address, but a program that
    decodes it sees a different one.
    """
    if "=?" in text:
        return False
    try:
        email_validator.validate_email(text, check_deliverability=False, globally_deliverable=False)
    except email_validator.EmailNotValidError:
        return False
    return True


def checked_email(fields: Fields, email: str, field: str = "email") -> str:
    """Checks the email address of a new account and returns it as it will be shown."""
    text = fields.text(field, email, min_length=1, max_length=_EMAIL_BYTES)
    if not is_email(text):
        fields.refuse(field, "NOT_AN_EMAIL", "Must be an email address.")
    if len(normalized_email(text).encode()) > NORMALIZED_EMAIL_BYTES:
        fields.refuse(field, "TOO_LONG", "Is too long.")
    return text
