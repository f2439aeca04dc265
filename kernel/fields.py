"""Checks of what a caller sent: every bad field is named at once, none is quoted."""

import unicodedata
from uuid import UUID

from kernel.errors import FieldViolation, InvalidRequest

# Control, surrogate and unassigned characters: nothing that a person types or reads.
_UNPRINTABLE = frozenset({"Cc", "Cs", "Cn"})
# One character in NFC comes from at most so many. Longer texts are not even brought into it: for
# combining marks that takes time by the square of their number.
COMPOSED = 4


class Fields:
    """Collects the bad fields of one request; `check` raises if there are any."""

    def __init__(self) -> None:
        self._violations: list[FieldViolation] = []

    @property
    def bad(self) -> bool:
        """Whether any field was bad so far."""
        return bool(self._violations)

    def refuse(self, field: str, reason: str, description: str) -> None:
        """Notes a bad field."""
        self._violations.append(FieldViolation(field, reason, description))

    def check(self) -> None:
        """Raises `InvalidRequest` if any field was bad."""
        if self._violations:
            raise InvalidRequest(violations=self._violations)

    def text(self, field: str, value: str, *, max_length: int, min_length: int = 0) -> str:
        """A line of text in NFC without surrounding blanks, `min_length` to `max_length` characters long."""
        bare = value.strip()
        if len(bare) > COMPOSED * max_length:
            self.refuse(field, "TOO_LONG", "Is too long.")
            return ""
        text = unicodedata.normalize("NFC", bare).strip()
        if not printable(text):
            self.refuse(field, "UNPRINTABLE", "Must not contain control characters.")
        elif not text and min_length:
            self.refuse(field, "REQUIRED", "Must not be empty.")
        elif len(text) < min_length:
            self.refuse(field, "TOO_SHORT", "Is too short.")
        elif len(text) > max_length:
            self.refuse(field, "TOO_LONG", "Is too long.")
        return text

    def path(self, field: str, value: str, *, max_length: int) -> str:
        """A path of at most `max_length` characters, just as it is: every blank may mean something."""
        if not printable(value):
            self.refuse(field, "UNPRINTABLE", "Must not contain control characters.")
        elif len(value) > max_length:
            self.refuse(field, "TOO_LONG", "Is too long.")
        return value

    def uuid(self, field: str, value: str) -> UUID:
        """A UUID in its canonical form of 36 characters (RFC 9562)."""
        try:
            result = UUID(value)
        except ValueError:
            result = UUID(int=0)
        if str(result) != value.lower():
            self.refuse(field, "NOT_A_UUID", "Must be a UUID.")
        return result


def printable(text: str) -> bool:
    """Whether the text has only assigned characters that are no control characters."""
    return text.isprintable() or not any(
        unicodedata.category(character) in _UNPRINTABLE for character in text
    )
