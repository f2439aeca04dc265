"""What is cut from a longer list of passwords."""

from tools.common_passwords import cut


def test_what_counts() -> None:
    """Each password once in lower case; not what is padded, repeated, too short or an address."""
    source = [
        "Password", "password", "password1", "1passwordpassword!", "abab", "abababab", "1234567890",
        "ada@example.com", "with\ttab", "cafe\u0301 cre\u0300me", "dragon",
    ]  # fmt: skip
    assert cut(source) == {"password", "1234567890", "caf\u00e9 cr\u00e8me", "dragon"}


def test_short_passwords_are_kept_from_the_top_alone() -> None:
    """The longer a password, the rarer it may be."""
    ordinary = [f"{n:x}z" * 9 for n in range(30_000)]
    assert {"tigers", "tigress1x"} - cut([*ordinary, "tigers", "tigress1x"]) == {"tigers"}
    assert "the tiger sleeps" in cut([*ordinary * 4, "tigress1x", "the tiger sleeps"])
    assert "tigress1x" not in cut([*ordinary * 4, "tigress1x", "the tiger sleeps"])
