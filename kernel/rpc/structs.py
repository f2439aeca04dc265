"""Objects of clients: a `google.protobuf.Struct` as a mapping, and back."""

from collections.abc import Mapping
from typing import Any

from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct

from kernel.errors import InvalidRequest


def mapping_of(struct: Struct) -> dict[str, Any]:
    """The members of an object. Raises `InvalidRequest` for numbers that JSON does not have."""
    try:
        found: dict[str, Any] = json_format.MessageToDict(struct)
    except (json_format.Error, ValueError):
        text = "Holds a number that JSON does not have."
        raise InvalidRequest.of("", "MALFORMED", text) from None
    return found


def struct_of(mapping: Mapping[str, Any]) -> Struct:
    """The object with these members."""
    struct = Struct()
    struct.update(mapping)
    return struct
