"""Reads the lines of a file one by one, whatever is in it."""

from collections.abc import Iterator
from typing import Annotated, BinaryIO, NamedTuple, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from services.auth.importing.lines import UserLine
from services.tenants.importing.lines import MembershipLine, OrganizationLine

LINE_BYTES = 64_000
"""The longest line."""
_FIELD_CHARACTERS = 60
_READ_BYTES = 1 << 16

AnyLine: TypeAlias = UserLine | OrganizationLine | MembershipLine
LINE: TypeAdapter[AnyLine] = TypeAdapter(Annotated[AnyLine, Field(discriminator="kind")])
"""Any line of a file: the one definition of the format."""

_REASONS = {
    "json_invalid": "NOT_JSON",
    "extra_forbidden": "UNKNOWN_FIELD",
    "missing": "REQUIRED",
    "union_tag_invalid": "UNKNOWN_KIND",
    "union_tag_not_found": "UNKNOWN_KIND",
    "string_too_long": "TOO_LONG",
    "too_long": "TOO_MANY",
    "literal_error": "NOT_SUPPORTED",
}


class Refused(NamedTuple):
    """A line that is not taken. It holds nothing of the line but the name of a field.

    Attributes:
        line: Its number, from 1.
        kind: What it is about; empty if that cannot be read.
        field: The field that is wrong; empty for the whole line.
        reason: Why, as an UPPER_SNAKE constant.
    """

    line: int
    kind: str
    field: str
    reason: str


class Read(NamedTuple):
    """A line in the form of the file, not yet checked further."""

    number: int
    line: AnyLine
    size: int


def read_lines(file: BinaryIO) -> Iterator[Read | Refused]:
    """The lines of a file; empty ones count, and are left out."""
    number = 0
    while raw := file.readline(LINE_BYTES + 1):
        number += 1
        if len(raw) > LINE_BYTES and not raw.endswith(b"\n"):
            _skip(file)
            yield Refused(number, "", "", "LINE_TOO_LONG")
        elif not raw.isspace():
            yield read_line(number, raw)


def read_line(number: int, raw: bytes) -> Read | Refused:
    """One line."""
    try:
        return Read(number, LINE.validate_json(raw), len(raw))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = list(first["loc"])
        kind = str(place.pop(0)) if place else ""
        # Behind a choice of kinds, the kind stands in the path like a field.
        path = ".".join(str(part) for part in place)
        return Refused(number, kind, _shown(path), _REASONS.get(first["type"], "INVALID"))


def _skip(file: BinaryIO) -> None:
    """Reads the rest of a line."""
    while (raw := file.readline(_READ_BYTES)) and not raw.endswith(b"\n"):
        pass


def _shown(field: str) -> str:
    """The path of a field; a name that is no field's could hold anything."""
    plain = field.isascii() and field.replace(".", "").replace("_", "").isalnum()
    return field if plain and len(field) <= _FIELD_CHARACTERS else ""
