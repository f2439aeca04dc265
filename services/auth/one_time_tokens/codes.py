"""Codes that people type: 8 characters of Crockford's base32, 40 random bits.

A person may write them in lower case, in groups, and take O for 0 and I or L for 1.
"""

CHARACTERS = 8
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("OIL", "011", "- ")
_GROUP = 4
_BITS = 5


def code_of(secret: bytes) -> str:
    """The code that is made of the first 5 random bytes."""
    number = int.from_bytes(secret[: CHARACTERS * _BITS // 8], "big")
    places = range((CHARACTERS - 1) * _BITS, -1, -_BITS)
    return "".join(_ALPHABET[number >> place & 31] for place in places)


def shown(code: str) -> str:
    """A code in the form in which an email shows it: `ABCD-EFGH`."""
    return f"{code[:_GROUP]}-{code[_GROUP:]}"


def read(text: str) -> str | None:
    """The code that a person typed; None if it is none."""
    code = text[: 4 * CHARACTERS].upper().translate(_READ_AS)
    return code if len(code) == CHARACTERS and set(code) <= set(_ALPHABET) else None
