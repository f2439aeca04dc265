"""The password policy.

The rules are NIST SP 800-63B-4, section 3.1.1: length is what counts, any printable character is
allowed, no mixture is required, and passwords that are commonly tried first are refused.
"""

import unicodedata
from functools import cache
from pathlib import Path

from kernel.characters import printable
from kernel.fields import COMPOSED, Fields

MIN_CHARACTERS = 15
MAX_CHARACTERS = 256
_SHORT_UNIT = 4
_PADDING = "0123456789 .,;:!?-_+*#@$%&/()="
_COMMON = Path(__file__).with_name("common.txt")


def normal(password: str) -> str:
    """The form of a password that is hashed: NFC, so that every keyboard gives the same.

    A text that is too long for any password stays as it is.
    """
    if len(password) > COMPOSED * MAX_CHARACTERS:
        return password
    return unicodedata.normalize("NFC", password)


def check(fields: Fields, field: str, password: str, email: str) -> None:
    """Notes in `fields` why a new password is not good enough."""
    text = normal(password)
    if len(text) < MIN_CHARACTERS:
        fields.refuse(field, "TOO_SHORT", "Must have at least 15 characters.")
    elif len(text) > MAX_CHARACTERS:
        fields.refuse(field, "TOO_LONG", "Must have at most 256 characters.")
    elif not printable(text):
        fields.refuse(field, "UNPRINTABLE", "Must not contain control characters.")
    elif _guessable(text.casefold(), email.casefold()):
        fields.refuse(field, "COMMON", "Is one of the passwords that are tried first.")


def _guessable(password: str, email: str) -> bool:
    """Whether it is a common password, also repeated or padded, or the account's own address."""
    unit = _repeated_unit(password)
    core = unit.strip(_PADDING)
    return (
        len(unit) <= _SHORT_UNIT
        or password == email
        or any(_is_common(text) for text in (password, unit, core))
    )


def _repeated_unit(text: str) -> str:
    """The shortest beginning that, repeated and maybe cut short, gives the whole text."""
    for length in range(1, len(text)):
        if text.startswith(text[length:]):
            return text[:length]
    return text


def _is_common(text: str) -> bool:
    # One text searched in 0.1 ms takes a tenth of the memory of a set of 30,000 texts.
    return f"\n{text}\n".encode() in _common_passwords()


@cache
def _common_passwords() -> bytes:
    """The lines of the list behind its licence, with a line break in front of each and at the end."""
    return b"\n" + _COMMON.read_bytes().partition(b"\n\n")[2]
