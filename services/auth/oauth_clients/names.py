"""The names of clients: words of strangers, which users see where they decide.

A name must not look like one of this product's own. It is compared by what it looks like: a character of
another script counts as the Latin one that it looks like (Unicode Technical Standard 39), and accents,
case, blanks and punctuation do not count.
"""

import unicodedata

from kernel.characters import without_invisible

MOST_CHARACTERS = 100
_RESERVED = "coditect"
# What looks like a letter of the reserved name, besides the letter itself.
_LOOK_ALIKES = {
    "c": "\u03f2\u03f9\u0441\u0421\u1d04\u217d\u216d\uabaf\u13df\u2ca5\u2ca4\u00a2",
    "o": (
        "\u03bf\u039f\u043e\u041e\u03c3\u0585\u0555\u05e1\u0665\u0966\u09e6\u0ae6\u0b66\u0be6"
        "\u0c66\u0ce6\u0d66\u0e50\u0ed0\u10ff\u101d\u1040\u1d0f\u2c9f\u2c9e0\u3007\u2d54"
        "\uab3d\u0d20\u25cb"
    ),
    "d": (
        "\u0501\u217e\u216e\u13e7\u13a0\u146f\u15ea\ua4d2\ua4d3\u0256\u0257\u0189\u0110\u0111\u00f0"
    ),
    "i": (
        "1l|!\u0131\u026a\u0269\u03b9\u0399\u0456\u0406\u04cf\u04c0\ua647\uab75\u13a5\u2c93"
        "\u2c92\u2170\u2160\u217c\u05d5\u05df\u01c0\u2d4f\u0627"
    ),
    "t": "7+\u03c4\u03a4\u0442\u0422\u1d1b\u2ca7\u2ca6\u0166\u0167\u01ad\u13a2\ua4d4\u22a4",
    "e": ("3\u0435\u0415\u0395\u03b5\u04bd\u0454\u025b\u0259\u0247\u212e\uab32\u13ac\ua4f0\u2d39"),
}
_LATIN = {ord(look): letter for letter, looks in _LOOK_ALIKES.items() for look in looks}


def is_allowed(name: str) -> bool:
    """Whether a client that is not one of this product may have a name."""
    if len(name) > MOST_CHARACTERS:  # bounds the time: the normal form is quadratic
        return False
    return without_invisible(name) == name and _RESERVED not in _skeleton(name)


def _skeleton(name: str) -> str:
    """What a name looks like: a word in lowercase, without blanks and punctuation."""
    # Before and after the normal form, which turns some look-alikes into others that do not look so.
    plain = unicodedata.normalize("NFKD", name.translate(_LATIN)).casefold().translate(_LATIN)
    return "".join(letter for letter in plain if letter.isalpha())
