"""Which characters are printable, and which can be seen: the same on every interpreter."""

import unicodedata

import pytest

from kernel.characters import printable, visible, without_directions, without_invisible

NEWER = "\U0001fa77"  # an emoji of Unicode 15; Python 3.11 has 14
UNASSIGNED = ["\u0378", "\U000e0fff", "\U0003fffd", NEWER]
NONCHARACTERS = ["\ufdd0", "\ufdef", "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff"]


@pytest.mark.parametrize(
    "text", ["", "a b", "\u200d", "\u00a0", "\u2028", "नमस्ते", "\ue000", *UNASSIGNED], ids=ascii
)
def test_printable(text: str) -> None:
    """Joiners, blanks, private and unassigned characters are printable, as those of any script."""
    assert printable(text)
    assert printable(f"a{text}b")


@pytest.mark.parametrize(
    "text", ["\n", "\x00", "\x7f", "\x80", "\x9f", "\ud800", *NONCHARACTERS], ids=ascii
)
def test_unprintable(text: str) -> None:
    """Control characters, surrogates and noncharacters are not printable."""
    assert not printable(text)
    assert not printable(f"株{text}b")


def test_nothing_else_is_unprintable() -> None:
    """Of all code points, exactly 65 control characters, 2048 surrogates and 66 noncharacters are refused."""
    refused = [point for point in range(0x110000) if not printable(chr(point))]
    kinds = [unicodedata.category(chr(point)) for point in refused]
    assert [kinds.count(kind) for kind in ("Cc", "Cs", "Cn")] == [65, 2048, 66]
    assert len(refused) == 65 + 2048 + 66


@pytest.mark.parametrize(
    "text",
    ["", "  \u3000\u2028", "\u200b", "\u200b \u200c\u200d", "\ufeff", "\u2060", "\u00ad", "\u3164",
     "\u115f\u1160", "\uffa0", "\u2800", "\ufe0f", "\U000e0100", "\U000e0041\U000e007f", "\u202e",
     "\u2066\u2069", "\u200e", "\u061c", "\u034f", "\u180e", "\ufffb", "\U0001d159"],
    ids=ascii,
)  # fmt: skip
def test_invisible(text: str) -> None:
    """Blanks, zero-width and format characters, fillers and variation selectors cannot be seen."""
    assert not visible(text)


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "\u200ba",
        "\u202eabc\u202c",
        "❤\ufe0f",
        "가",
        "\u0301",
        "\u0600",
        "\ue000",
        NEWER,
        "\ufffd",
    ],
    ids=ascii,
)
def test_visible(text: str) -> None:
    """One character with a glyph is enough, also a mark alone or one that the interpreter does not know."""
    assert visible(text)


def test_without_invisible() -> None:
    """What cannot be seen goes; blanks and the rest stay in place."""
    assert without_invisible("a\u200bb \u3164c\u202e❤\ufe0f") == "ab c❤"
    assert without_invisible("plain text") == "plain text"


def test_without_directions() -> None:
    """What turns other text goes; marks, joiners and right-to-left scripts stay."""
    assert without_directions("\u202a\u202b\u202c\u202d\u202ea\u2066\u2067\u2068\u2069") == "a"
    assert without_directions("א\u200f\u200e\u061cب\u200d") == "א\u200f\u200e\u061cب\u200d"
    assert without_directions("plain text") == "plain text"
