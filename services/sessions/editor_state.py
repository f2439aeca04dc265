"""The editor's own state of a session: a JSON object, and how large it may be.

It is kept as it comes over the wire, a serialised `google.protobuf.Struct`, and looked into only
when it is written. The contract has the limits too (`coditect.field.v1.ObjectLimits`), and the
gateway measures the JSON as it was sent by them; here the size is that of the shortest JSON with the
same meaning, which is never larger.
"""

import json
import re
from math import isfinite

from google.protobuf.struct_pb2 import ListValue, Struct, Value

from kernel.fields import Fields

STATE_BYTES = 65_536
"""The most bytes, as the shortest JSON in UTF-8."""
STATE_LEVELS = 30
"""The most objects and lists within each other: protobuf parsers stop at 100 messages within each
other, and an object takes three."""
STATE_VALUES = 10_000
"""The most values of members and items of lists: each takes a microsecond of every process that the
state passes through."""

# What grows most from JSON to a message is a number of one digit: from 2 bytes to 11.
_MOST_BYTES = 6 * STATE_BYTES
_ESCAPED = re.compile(r'["\\\x00-\x1f]')  # in JSON (RFC 8259, section 7)
_to_json = json.JSONEncoder(ensure_ascii=False).encode  # once: `dumps` makes one for each text


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
            size = _Measure(STATE_VALUES).object(state, STATE_LEVELS)
    except _Unfit as problem:
        fields.refuse(field, problem.reason, problem.description)
    else:
        if size > STATE_BYTES:
            fields.refuse(field, "STATE_TOO_LARGE", f"Is larger than {STATE_BYTES} bytes of JSON.")
    return state.SerializeToString(deterministic=True)


class _Measure:
    """Measures one state, and raises `_Unfit` if it has too many levels or values."""

    def __init__(self, values: int) -> None:
        self._values_left = values

    def object(self, struct: Struct, levels: int) -> int:
        """The bytes of an object as JSON: braces, and for each member a colon and a comma."""
        self._enter(levels, len(struct.fields))
        members = struct.fields.items()
        size = sum(_text_size(name) + self._value(value, levels) + 2 for name, value in members)
        return size + (1 if members else 2)

    def _list(self, values: ListValue, levels: int) -> int:
        self._enter(levels, len(values.values))
        size = sum(self._value(value, levels) + 1 for value in values.values)
        return size + (1 if values.values else 2)

    def _value(self, value: Value, levels: int) -> int:
        kind = value.WhichOneof("kind")
        if kind == "string_value":
            return _text_size(value.string_value)
        if kind == "number_value":
            return _number_size(value.number_value)
        if kind == "struct_value":
            return self.object(value.struct_value, levels - 1)
        if kind == "list_value":
            return self._list(value.list_value, levels - 1)
        if kind == "bool_value":
            return len("true" if value.bool_value else "false")
        return len("null")

    def _enter(self, levels: int, values: int) -> None:
        if levels <= 0:
            description = f"Has more than {STATE_LEVELS} objects and lists within each other."
            raise _Unfit("STATE_TOO_DEEP", description)
        self._values_left -= values
        if self._values_left < 0:
            raise _Unfit("STATE_TOO_LARGE", f"Has more than {STATE_VALUES} values.")


def _text_size(text: str) -> int:
    if _ESCAPED.search(text):
        text = _to_json(text)
        return len(text) if text.isascii() else len(text.encode())
    return (len(text) if text.isascii() else len(text.encode())) + 2


def _number_size(number: float) -> int:
    if not isfinite(number):
        raise _Unfit("STATE_NOT_JSON", "Has a number that JSON cannot express.")
    text = repr(number).removesuffix(".0")
    # Digits count with the sign. `repr` gives no more of them than are needed.
    if "e" in text:
        mantissa, _, power = text.partition("e")
        fraction = mantissa.partition(".")[2]
        digits, exponent = len(mantissa.replace(".", "")), int(power) - len(fraction)
    elif text.endswith("000"):
        digits = len(text.rstrip("0"))
        exponent = len(text) - digits
    elif text.startswith(("0.00", "-0.00")):
        fraction = text.partition(".")[2]
        digits, exponent = len(fraction.lstrip("0")) + (number < 0), -len(fraction)
    else:
        return len(text)
    zeros = exponent if exponent in {0, 1, 2} else len(f"e{exponent}")  # if those are shorter
    return min(len(text), digits + zeros)
