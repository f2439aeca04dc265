"""Examples of requests and responses, from the fields' types and rules in the contract."""

import json
from collections.abc import Iterable
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from coditect.field.v1 import field_pb2
from gateway.contract import Contract, Route
from gateway.openapi.schemas import Field, rules_of

_WELL_KNOWN: dict[str, Any] = {
    "google.protobuf.Timestamp": "2026-01-15T09:30:00Z",
    "google.protobuf.Struct": {},
    "google.protobuf.ListValue": [],
}
_PLAIN: dict[int, Any] = {
    Field.TYPE_STRING: "",
    Field.TYPE_BOOL: True,
    Field.TYPE_INT32: 0,
    Field.TYPE_UINT32: 0,
}
_EMAIL = "ada@example.com"


class Examples:
    """Makes deterministic examples of the contract's messages."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def body(self, route: Route) -> Any:
        """Returns the body of a request with all its fields."""
        return self._message(route.method.input, without=route.http.variables)

    def data(self, route: Route) -> Any:
        """Returns the `data` of a response."""
        whole = self._message(route.method.output)
        return whole[route.response_name] if route.response_name else whole

    def value(self, field: Field) -> Any:
        """Returns an example value of a field."""
        rules = rules_of(field)
        if rules.example:
            text = field.type == Field.TYPE_STRING
            return rules.example if text else json.loads(rules.example)
        if field.type == Field.TYPE_MESSAGE:
            return self._message(field.type_name.removeprefix("."))
        values = list(getattr(rules, "in"))
        return values[0] if values else _plain(field)

    def _message(self, message: str, without: Iterable[str] = ()) -> Any:
        if message in _WELL_KNOWN:
            return _WELL_KNOWN[message]
        return {
            field.json_name: (
                [self.value(field)] if field.label == Field.LABEL_REPEATED else self.value(field)
            )
            for field in self._contract.messages[message].field
            if field.name not in without
        }


def _plain(field: Field) -> Any:
    rules = rules_of(field)
    if rules.format == field_pb2.FORMAT_UUID:
        return str(uuid5(NAMESPACE_URL, field.name))
    if rules.format == field_pb2.FORMAT_EMAIL:
        return _EMAIL
    return rules.gte if rules.HasField("gte") else _PLAIN[field.type]
