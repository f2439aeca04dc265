"""The editor's own state of a session: a JSON object, and how large it may be.

It is kept as it comes over the wire, a serialised `google.protobuf.Struct`, and looked into only
when it is written.
"""

import json
import re
from math import isfinite

from google.protobuf.struct_pb2 import ListValue, Struct, Value

from kernel.fields import Fields

STATE_BYTES = 65_536
"""The most bytes, as JSON without blanks in UTF-8."""
STATE_LEVELS = 30
"""The most objects and lists within each other: protobuf parsers stop at 100 messages within each
other, and an object takes three."""

# What grows most from JSON to a message is a number of one digit: from 2 bytes to 11.
_MOST_BYTES = 6 * STATE_BYTES
_ESCAPED = re.compile(r'["\\\x00-\x1f]')  # in JSON (RFC 8259, section 7)


class _Unfit(Exception):
    """The state is not one that can be kept."""

    def __init__(self, reason: str, description: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.description = description


def packed(state: Struct) -> bytes:
    """The bytes of a state; the same for equal states. Raises `InvalidRequest` if it cannot be kept."""
    fields = Fields()
    value = pack(fields, "state", state)
    fields.check()
    return value


def pack(fields: Fields, field: str, state: Struct) -> bytes:
    """The bytes of a state; the same for equal states. Notes what is wrong with it."""
    state.DiscardUnknownFields()
    try:
        size = STATE_BYTES + 1
        if state.ByteSize() <= _MOST_BYTES:  # or there is no need to measure it
            size = _object_size(state, STATE_LEVELS)
    except _Unfit as problem:
        fields.refuse(field, problem.reason, problem.description)
    else:
        if size > STATE_BYTES:
            fields.refuse(field, "STATE_TOO_LARGE", "Is larger than 65,536 bytes of JSON.")
    return state.SerializeToString(deterministic=True)


def _object_size(struct: Struct, levels: int) -> int:
    """The bytes of an object as JSON: braces, and for each member a colon and a comma."""
    _check_levels(levels)
    members = struct.fields.items()
    size = sum(_text_size(name) + _value_size(value, levels) + 2 for name, value in members)
    return size + (1 if members else 2)


def _list_size(values: ListValue, levels: int) -> int:
    _check_levels(levels)
    size = sum(_value_size(value, levels) + 1 for value in values.values)
    return size + (1 if values.values else 2)


def _value_size(value: Value, levels: int) -> int:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return _text_size(value.string_value)
    if kind == "number_value":
        return _number_size(value.number_value)
    if kind == "struct_value":
        return _object_size(value.struct_value, levels - 1)
    if kind == "list_value":
        return _list_size(value.list_value, levels - 1)
    if kind == "bool_value":
        return len("true" if value.bool_value else "false")
    return len("null")


def _text_size(text: str) -> int:
    if text.isascii() and not _ESCAPED.search(text):
        return len(text) + 2  # nearly every text; the other way takes three times as long
    return len(json.dumps(text, ensure_ascii=False).encode())


def _number_size(number: float) -> int:
    if not isfinite(number):
        raise _Unfit("STATE_NOT_JSON", "Has a number that JSON cannot express.")
    return len(repr(number).removesuffix(".0"))


def _check_levels(levels: int) -> None:
    if levels <= 0:
        raise _Unfit("STATE_TOO_DEEP", "Has more than 30 objects and lists within each other.")
