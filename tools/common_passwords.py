"""Cuts the list of common passwords from a longer one: `python -m tools.common_passwords SOURCE`.

The source has one password a line, the most frequent first, such as SecLists'
`10-million-password-list-top-1000000.txt`. The list keeps those that the policy does not refuse for
another reason: the long ones all, since few people choose long passwords, and of the short ones, which
matter when they are repeated, padded or joined with a name, those at the top.
"""

import argparse
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from kernel.characters import printable
from services.auth.passwords.common import LIST
from services.auth.passwords.policy import SHORT_UNIT, forms_of, repeated_unit

LONG = 15
"""The default of PASSWORD_MIN_LENGTH."""
_RANKS = {5: 20_000, 8: 100_000, LONG: 10_000_000}
"""From which length on, to which rank a password is kept."""


def cut(passwords: Iterable[str]) -> set[str]:
    """The passwords to keep, from the most frequent ones to the others."""
    kept: set[str] = set()
    for rank, password in enumerate(passwords):
        text = unicodedata.normalize("NFC", password).casefold()
        ranks = [last for length, last in _RANKS.items() if length <= len(text)]
        if ranks and rank < ranks[-1] and _counts(text, kept):
            kept.add(text)
    return kept


def _counts(text: str, kept: set[str]) -> bool:
    """Whether a text is a password that the policy does not refuse without it."""
    return (
        printable(text)
        and "\n" not in text
        and not ("@" in text and "." in text)  # somebody's address
        and len(repeated_unit(text)) > SHORT_UNIT
        and not forms_of(text) & kept
    )


def main() -> None:
    """Writes the list anew, below its head."""
    parser = argparse.ArgumentParser(prog="python -m tools.common_passwords")
    parser.add_argument("source", type=Path)
    source = parser.parse_args().source.read_text("utf-8").splitlines()
    head = LIST.read_bytes().partition(b"\n\n")[0]
    LIST.write_bytes(b"\n".join([head, b"", *sorted(text.encode() for text in cut(source)), b""]))


if __name__ == "__main__":
    main()
