"""JSON schemas of the contract's messages in their proto JSON form."""

from collections.abc import Iterable
from typing import Any

from google.api import field_behavior_pb2
from google.protobuf import descriptor_pb2

from coditect.field.v1 import field_pb2
from gateway.contract import Contract

Field = descriptor_pb2.FieldDescriptorProto
_SCALARS: dict[int, dict[str, Any]] = {
    Field.TYPE_STRING: {"type": "string"},
    Field.TYPE_BOOL: {"type": "boolean"},
    Field.TYPE_INT32: {"type": "integer", "format": "int32"},
    Field.TYPE_UINT32: {"type": "integer", "format": "int64", "minimum": 0},
    # Proto JSON writes 64-bit integers as strings, because JavaScript cannot hold them.
    Field.TYPE_INT64: {"type": "string", "format": "int64"},
    Field.TYPE_UINT64: {"type": "string", "format": "uint64"},
    Field.TYPE_DOUBLE: {"type": "number", "format": "double"},
    Field.TYPE_FLOAT: {"type": "number", "format": "float"},
    Field.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
}
_WELL_KNOWN: dict[str, dict[str, Any]] = {
    "google.protobuf.Timestamp": {
        "type": "string",
        "format": "date-time",
        # Milliseconds; proto JSON leaves the fraction of a whole second out.
        "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$",
    },
    "google.protobuf.Struct": {"type": "object", "additionalProperties": True},
    # The contract takes it for a list of texts that may be absent.
    "google.protobuf.ListValue": {"type": "array", "items": {"type": "string"}},
}
_FORMATS = {
    field_pb2.FORMAT_UUID: "uuid",
    field_pb2.FORMAT_EMAIL: "email",
    field_pb2.FORMAT_SECRET: "password",
}
_NEVER_EMPTY = (field_pb2.FORMAT_UUID, field_pb2.FORMAT_EMAIL)


class Schemas:
    """Makes schemas, and collects those that others refer to.

    Attributes:
        components: The schemas made so far by name.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self.components: dict[str, dict[str, Any]] = {}

    def answer(self, message: str) -> dict[str, Any]:
        """Returns a reference to the schema of a response message, or of part of one.

        The gateway prints every field, and services set every message; a field that can be absent is
        `optional` in the contract. In a part of a request it has the behavior OPTIONAL.
        """
        if message in _WELL_KNOWN:
            return dict(_WELL_KNOWN[message])
        name = component_name(message)
        if name not in self.components:
            self.components[name] = {}  # Ends the recursion of a message that contains itself.
            fields = self._contract.messages[message].field
            always = [field.json_name for field in fields if not _can_be_absent(field)]
            self.components[name] |= self._object(message, fields, always)
        return {"$ref": f"#/components/schemas/{name}"}

    def body(self, message: str, without: Iterable[str], *, open_: bool = False) -> dict[str, Any]:
        """Returns a reference to the schema of a request body.

        Args:
            message: The full name of the request message.
            without: The fields that are in the path, in proto spelling.
            open_: Whether other members are ignored, as in OAuth.
        """
        name = component_name(message)
        fields = [f for f in self._contract.messages[message].field if f.name not in set(without)]
        required = [field.json_name for field in fields if is_required(field)]
        schema = self._object(message, fields, required) | {"additionalProperties": open_}
        for key in () if open_ else set(schema["properties"]) - set(required):
            # Proto JSON takes null for "not given".
            schema["properties"][key] = _nullable(schema["properties"][key])
        self.components[name] = schema
        return {"$ref": f"#/components/schemas/{name}"}

    def field(self, message: str, field: Field) -> dict[str, Any]:
        """Returns the schema of one field of a message."""
        comment = self._contract.comments.get(f"{message}.{field.name}", "")
        schema = _with_rules(self._value(field), field)
        if field.label == Field.LABEL_REPEATED:
            schema = {"type": "array", "items": schema}
        return schema | ({"description": comment} if comment else {})

    def _value(self, field: Field) -> dict[str, Any]:
        if field.type == Field.TYPE_MESSAGE:
            return self.answer(field.type_name.removeprefix("."))
        if field.type not in _SCALARS:
            raise NotImplementedError(f"no schema for the type of field {field.name}")
        return dict(_SCALARS[field.type])

    def _object(self, message: str, fields: Iterable[Field], required: list[str]) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "object"}
        if comment := self._contract.comments.get(message, ""):
            schema["description"] = comment
        schema["properties"] = {field.json_name: self.field(message, field) for field in fields}
        if required:
            schema["required"] = required
        return schema


def component_name(message: str) -> str:
    """Returns the name of a message's schema: `auth.User` for `coditect.auth.v5.User`."""
    _, context, _, *rest = message.split(".")
    return ".".join((context, *rest))


def _can_be_absent(field: Field) -> bool:
    behavior = field.options.Extensions[field_behavior_pb2.field_behavior]
    return field.proto3_optional or field_behavior_pb2.OPTIONAL in behavior


def is_required(field: Field) -> bool:
    """Whether a request must set the field (google.api.field_behavior)."""
    return (
        field_behavior_pb2.REQUIRED in field.options.Extensions[field_behavior_pb2.field_behavior]
    )


def rules_of(field: Field) -> Any:
    """Returns the rules of a field in the contract (`coditect/field/v1`)."""
    extensions: Any = field.options.Extensions
    return extensions[field_pb2.rules]


def _with_rules(schema: dict[str, Any], field: Field) -> dict[str, Any]:
    """Returns the schema, narrowed to the values that the field's rules allow."""
    rules = rules_of(field)
    values = list(getattr(rules, "in"))
    if values:
        return schema | {"enum": [*values, ""] if rules.ignore_empty else values}
    narrow: dict[str, Any] = {}
    if rules.format in _FORMATS:
        narrow["format"] = _FORMATS[rules.format]
    if rules.min_len:
        narrow["minLength"] = rules.min_len
    elif (
        field.type == Field.TYPE_STRING and is_required(field) and rules.format not in _NEVER_EMPTY
    ):
        narrow["minLength"] = 1
    if rules.max_len:
        narrow["maxLength"] = rules.max_len
    if rules.HasField("gte"):
        narrow["minimum"] = rules.gte
    if narrow and rules.ignore_empty:
        return {"anyOf": [schema | narrow, {"const": ""}]}
    return schema | narrow


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if "type" not in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    nullable = schema | {"type": [schema["type"], "null"]}
    if "enum" in schema:
        nullable["enum"] = [*schema["enum"], None]
    return nullable
