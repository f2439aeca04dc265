"""Codes that people type, in Crockford's base32: 5 random bits in each character.

A person may write them in lower case, in groups, and take O for 0 and I or L for 1.
"""

CHARACTERS = 8
"""Of a code out of an email: 40 random bits."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("OIL", "011", "- ")
_GROUP = 4
_BITS = 5


def code_of(secret: bytes, characters: int = CHARACTERS) -> str:
    """The code that is made of the first random bytes: 5 for each 8 characters."""
    number = int.from_bytes(secret[: characters * _BITS // 8], "big")
    places = range((characters - 1) * _BITS, -1, -_BITS)
    return "".join(_ALPHABET[number >> place & 31] for place in places)


def shown(code: str) -> str:
    """A code in the form in which a person reads it: `ABCD-EFGH`."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def read(text: str, characters: int = CHARACTERS) -> str | None:
    """The code that a person typed; None if it is none."""
    code = text[: 4 * characters].upper().translate(_READ_AS)
    return code if len(code) == characters and set(code) <= set(_ALPHABET) else None
