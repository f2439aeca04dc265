"""Checks of a request by the rules of its fields (`coditect/field/v1`), before the method runs.

All bad fields are named in one `InvalidRequest`. Lines and email addresses reach the method in the
form in which they were measured.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from google.api import field_behavior_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from coditect.field.v1 import field_pb2
from kernel.emails import checked_email
from kernel.fields import Fields

Check: TypeAlias = Callable[[Message, Fields], None]


def check_request(
    checks: tuple[Check, ...], request: Message, own_check: Check | None = None
) -> None:
    """Checks a request. Raises `InvalidRequest`, which names all bad fields.

    Args:
        checks: What the contract says of its fields.
        request: The request.
        own_check: What the method checks itself. It is used only where the request is bad anyway,
            so that what it finds is named together with the rest.
    """
    if checks:
        fields = Fields()
        for check in checks:
            check(request, fields)
        if fields.bad:
            if own_check is not None:
                own_check(request, fields)
            fields.check()


def checks_of(message: Descriptor) -> tuple[Check, ...]:
    """The checks of the fields of a request message, in the order of the fields."""
    return tuple(check for field in message.fields for check in _checks(field))


def _checks(field: FieldDescriptor) -> Iterator[Check]:
    extensions: Any = field.GetOptions().Extensions
    rules = extensions[field_pb2.rules]
    required = field_behavior_pb2.REQUIRED in extensions[field_behavior_pb2.field_behavior]
    if required:
        yield _given(field)  # the first, so that its reason counts
    value = _value_check(field, rules)
    if value is not None:
        yield _where_given(field, value, ignore_empty=rules.ignore_empty)


def _given(field: FieldDescriptor) -> Check:
    """That a required field is set, and not to an empty text."""
    name, json_name = field.name, field.json_name
    is_message = field.type == FieldDescriptor.TYPE_MESSAGE

    def check(request: Message, fields: Fields) -> None:
        if not (request.HasField(name) if is_message else getattr(request, name)):
            fields.refuse(json_name, "REQUIRED", "Must not be empty.")

    return check


def _where_given(field: FieldDescriptor, check: Check, *, ignore_empty: bool) -> Check:
    name = field.name

    def check_if_present(request: Message, fields: Fields) -> None:
        if request.HasField(name):
            check(request, fields)

    def check_if_not_empty(request: Message, fields: Fields) -> None:
        if getattr(request, name):
            check(request, fields)

    if field.has_presence:
        return check_if_present
    return check_if_not_empty if ignore_empty else check


def _value_check(field: FieldDescriptor, rules: Any) -> Check | None:
    if rules.HasField("gte"):
        return _number(field, rules.gte)
    if getattr(rules, "in"):
        return _one_of(field, tuple(getattr(rules, "in")))
    make = _FORMATS.get(rules.format)
    return None if make is None else make(field, rules)


def _number(field: FieldDescriptor, least: int) -> Check:
    name, json_name = field.name, field.json_name
    reason = "NOT_POSITIVE" if least == 1 else "TOO_SMALL"
    description = f"Must be {least} or more."

    def check(request: Message, fields: Fields) -> None:
        if getattr(request, name) < least:
            fields.refuse(json_name, reason, description)

    return check


def _one_of(field: FieldDescriptor, values: tuple[str, ...]) -> Check:
    name, json_name, allowed = field.name, field.json_name, frozenset(values)
    *others, last = values
    description = f"Must be {', '.join(others)} or {last}." if others else f"Must be {last}."

    def check(request: Message, fields: Fields) -> None:
        if getattr(request, name) not in allowed:
            fields.refuse(json_name, "UNKNOWN", description)

    def check_each(request: Message, fields: Fields) -> None:
        if not allowed.issuperset(getattr(request, name)):
            fields.refuse(json_name, "UNKNOWN", f"Each of them: {description}")

    return check_each if field.is_repeated else check


def _uuid(field: FieldDescriptor, _: Any) -> Check:
    name, json_name = field.name, field.json_name

    def check(request: Message, fields: Fields) -> None:
        fields.is_uuid(json_name, getattr(request, name))

    return check


def _line(field: FieldDescriptor, rules: Any) -> Check:
    name, json_name = field.name, field.json_name
    min_length, max_length = rules.min_len, rules.max_len

    def check(request: Message, fields: Fields) -> None:
        given = getattr(request, name)
        text = fields.text(json_name, given, min_length=min_length, max_length=max_length)
        if text != given:
            setattr(request, name, text)

    return check


def _path(field: FieldDescriptor, rules: Any) -> Check:
    name, json_name, max_length = field.name, field.json_name, rules.max_len

    def check(request: Message, fields: Fields) -> None:
        fields.path(json_name, getattr(request, name), max_length=max_length)

    return check


def _email(field: FieldDescriptor, _: Any) -> Check:
    name, json_name = field.name, field.json_name

    def check(request: Message, fields: Fields) -> None:
        setattr(request, name, checked_email(fields, getattr(request, name), json_name))

    return check


_FORMATS: dict[int, Callable[[FieldDescriptor, Any], Check]] = {
    field_pb2.FORMAT_LINE: _line,
    field_pb2.FORMAT_PATH: _path,
    field_pb2.FORMAT_UUID: _uuid,
    field_pb2.FORMAT_EMAIL: _email,
}
