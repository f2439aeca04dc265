"""Reads the fields of the contract that hold any JSON object of the client, and their limits."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from google.protobuf import descriptor_pb2

from coditect.field.v1 import field_pb2

_STRUCT = ".google.protobuf.Struct"


@dataclass(frozen=True)
class ObjectField:
    """A member of a body that holds any JSON object of the client.

    Attributes:
        name: Its JSON name.
        max_bytes: The limit of its JSON.
        max_levels: The limit of objects and lists within each other, itself included.
        max_values: The limit of the values in it, at all levels.
    """

    name: str
    max_bytes: int
    max_levels: int
    max_values: int

    @property
    def limited(self) -> bool:
        """Whether it has every limit."""
        return bool(self.max_bytes and self.max_levels and self.max_values)


def objects_of(fields: Iterable[descriptor_pb2.FieldDescriptorProto]) -> list[ObjectField]:
    """Returns those of the fields that hold an object of the client."""
    return [_object(field) for field in fields if field.type_name == _STRUCT]


def _object(field: descriptor_pb2.FieldDescriptorProto) -> ObjectField:
    options: Any = field.options
    limits = options.Extensions[field_pb2.rules].object
    return ObjectField(field.json_name, limits.max_bytes, limits.max_levels, limits.max_values)
