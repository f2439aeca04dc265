"""Checks a single row against the declaration of its family."""

from typing import Any
from uuid import UUID

from google.protobuf.message import DecodeError, Message

from kernel.storage.families import COUNTER, AnyFamily
from kernel.storage.recipes.invariants import Row, message_class

LARGE_KEY = "has a larger key than declared"
LARGE_VALUE = "has a larger value than declared"
NO_COUNTER = "is not a counter"
NO_RECORD = "is not a valid {}"
OTHER_ID = "has another {} than its key"

FORM = (
    LARGE_KEY,
    LARGE_VALUE,
    NO_COUNTER,
    NO_RECORD.format("record of its kind"),
    OTHER_ID.format("id"),
)
"""The possible findings about any row."""


class Malformed(Exception):
    """A row does not match the declaration of its family; the text says how."""


def read(family: AnyFamily, key: bytes, elements: tuple[Any, ...], value: bytes) -> Row:
    """Parses a row of a family. Raises `Malformed`."""
    if len(key) > family.key_bytes:
        raise Malformed(LARGE_KEY)
    if len(value) > family.value.max_bytes:
        raise Malformed(LARGE_VALUE)
    if family.value == COUNTER and len(value) != COUNTER.max_bytes:
        raise Malformed(NO_COUNTER)
    if not family.value.is_record:
        return Row(key, elements, value, None)
    try:
        record = message_class(family.value.holds).FromString(value)
    except DecodeError as error:
        raise Malformed(NO_RECORD.format(family.value.holds.rpartition(".")[-1])) from error
    _check_ids(family, elements, record)
    return Row(key, elements, value, record)


def _check_ids(family: AnyFamily, elements: tuple[Any, ...], record: Message) -> None:
    """Compares the fields of a record that share a name with a part of its key."""
    for part, element in zip(family.parts, elements, strict=True):
        named = part.kind in {UUID, str} and part.name in record.DESCRIPTOR.fields_by_name
        if named and getattr(record, part.name) != str(element):
            raise Malformed(OTHER_ID.format(part.name))
