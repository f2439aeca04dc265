"""Which characters a text may hold, and which of them can be seen.

The sets are written out, and do not come from the interpreter's Unicode tables: replicas with different
interpreters accept the same texts, and an emoji is accepted before the interpreter knows it.

NFC does come from those tables. It never changes for characters that the interpreter knows (Unicode
Standard Annex 15, section 3), and leaves the others as they are. So two interpreters can disagree only
about texts with combining marks or composed letters that one of them does not know.
"""

import re

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)
)
# Control characters (Cc), surrogates (Cs) and noncharacters: they never belong to a text.
_UNPRINTABLE = re.compile(f"[\x00-\x1f\x7f-\x9f\ud800-\udfff{_NONCHARACTERS}]")
# Characters without a glyph of their own: Default_Ignorable_Code_Point of Unicode 17 (zero-width and
# format characters, Hangul fillers, variation selectors, tags), and what is drawn blank although it is
# a letter or a symbol: annotation marks, the blank of Braille, hieroglyph joiners, the null notehead.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Embeddings, overrides and isolates (Unicode Standard Annex 9): they can turn the text around them.
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_INVISIBLES = re.compile(f"[{_INVISIBLE}]")
_VISIBLE = re.compile(rf"[^\s{_INVISIBLE}]")


def printable(text: str) -> bool:
    """Whether a text has no control character, surrogate or noncharacter."""
    # The first test is fast, and true for most texts in any script.
    return text.isprintable() or _UNPRINTABLE.search(text) is None


def visible(text: str) -> bool:
    """Whether at least one character of a text can be seen."""
    return _VISIBLE.search(text) is not None


def without_invisible(text: str) -> str:
    """A text without the characters that cannot be seen; blanks stay."""
    return text if text.isascii() else _INVISIBLES.sub("", text)


def without_directions(text: str) -> str:
    """A text without the characters that change the direction of what stands around them.

    Marks stay: they belong to names in scripts that run from right to left.
    """
    return text if text.isascii() else _DIRECTIONS.sub("", text)
