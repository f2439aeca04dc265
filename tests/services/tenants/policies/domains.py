"""Domains that are costly to convert."""

from kernel.emails import ascii_domain

_LABEL = ascii_domain("".join(chr(0x430 + number % 32) for number in range(39)))  # Cyrillic

COSTLY = tuple(sorted(f"d{number}.{_LABEL}.{_LABEL}.{_LABEL}" for number in range(100, 200)))
"""100 domains in Punycode, each of which takes some milliseconds."""
