"""Checks of request fields: names all invalid fields at once, and quotes none."""

import re
import unicodedata
from uuid import UUID

from kernel.characters import printable, visible, without_directions
from kernel.errors import FieldViolation, InvalidRequest

# At most this many characters compose to one in NFC. Longer texts are rejected unnormalized: for
# combining marks, normalization takes quadratic time.
COMPOSED = 4
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Fields:
    """Collects the invalid fields of one request; `check` raises if there are any."""

    def __init__(self) -> None:
        self._violations: dict[str, FieldViolation] = {}

    @property
    def bad(self) -> bool:
        """Whether any field was bad so far."""
        return bool(self._violations)

    def refuse(self, field: str, reason: str, description: str) -> None:
        """Records an invalid field; only the first reason for a field counts."""
        self._violations.setdefault(field, FieldViolation(field, reason, description))

    def check(self) -> None:
        """Raises `InvalidRequest` if any field was invalid."""
        if self._violations:
            raise InvalidRequest(violations=[*self._violations.values()])

    def text(self, field: str, value: str, *, max_length: int, min_length: int = 0) -> str:
        """A line of text in NFC without surrounding blanks, `min_length` to `max_length` characters long.

        A text in which no character can be seen is an empty text. Characters that turn the text around
        them are left out: with them a name could change what a page or a mail says about it.
        """
        bare = value.strip()
        if len(bare) > COMPOSED * max_length:
            self.refuse(field, "TOO_LONG", "Is too long.")
            return ""
        text = unicodedata.normalize("NFC", without_directions(bare)).strip()
        if not printable(text):
            self.refuse(field, "UNPRINTABLE", "Must not contain control characters.")
            return text
        if not visible(text):
            text = ""
        if not text and min_length:
            self.refuse(field, "REQUIRED", "Must not be empty.")
        elif len(text) < min_length:
            self.refuse(field, "TOO_SHORT", "Is too short.")
        elif len(text) > max_length:
            self.refuse(field, "TOO_LONG", "Is too long.")
        return text

    def path(self, field: str, value: str, *, max_length: int) -> str:
        """A path of at most `max_length` characters, unchanged: blanks may be significant."""
        if not printable(value):
            self.refuse(field, "UNPRINTABLE", "Must not contain control characters.")
        elif len(value) > max_length:
            self.refuse(field, "TOO_LONG", "Is too long.")
        return value

    def uuid(self, field: str, value: str) -> UUID:
        """A UUID in its canonical form of 36 characters (RFC 9562). It cannot be empty."""
        if self.is_uuid(field, value):
            return UUID(value)
        return UUID(int=0)

    def is_uuid(self, field: str, value: str) -> bool:
        """Whether a text is a UUID as in `uuid`, for those who do not need it."""
        if _UUID.fullmatch(value):
            return True
        if not value:
            self.refuse(field, "REQUIRED", "Must not be empty.")
        self.refuse(field, "NOT_A_UUID", "Must be a UUID.")
        return False
