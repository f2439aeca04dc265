"""E-mail addresses: which are accepted, and which are the same."""

import unicodedata

import email_validator

from kernel import third_party
from kernel.fields import COMPOSED, Fields

NORMALIZED_EMAIL_BYTES = 400
"""The most bytes of a folded address in UTF-8: folding can lengthen, and a key has 500."""

assert third_party, "has the validator accept addresses of closed networks"

_EMAIL_BYTES = 254  # RFC 5321, section 4.5.3.1.3


def normalized_email(email: str) -> str:
    """The form in which two spellings of one e-mail address are the same.

    What is too long for any address stays as it is.
    """
    if len(email) > COMPOSED * _EMAIL_BYTES:
        return email
    composed = unicodedata.normalize("NFC", email)
    return unicodedata.normalize("NFC", composed.casefold())


def is_email(text: str) -> bool:
    """Whether it is a bare address: no name, nothing quoted, nothing that stands for something else.

    What has the beginning of an encoded word in it (RFC 2047) is an address by its grammar, and
    another one to a program that decodes it.
    """
    if "=?" in text:
        return False
    try:
        email_validator.validate_email(text, check_deliverability=False, globally_deliverable=False)
    except email_validator.EmailNotValidError:
        return False
    return True


def checked_email(fields: Fields, email: str, field: str = "email") -> str:
    """The e-mail address of a new account, as it will be shown."""
    text = fields.text(field, email, min_length=1, max_length=_EMAIL_BYTES)
    if not is_email(text):
        fields.refuse(field, "NOT_AN_EMAIL", "Must be an e-mail address.")
    if len(normalized_email(text).encode()) > NORMALIZED_EMAIL_BYTES:
        fields.refuse(field, "TOO_LONG", "Is too long.")
    return text
