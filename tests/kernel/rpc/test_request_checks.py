"""Requests are checked by the rules of their fields in the contract."""

from typing import Any

import pytest
from google.api import annotations_pb2, field_behavior_pb2
from google.protobuf import message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message

from coditect.field.v1 import field_pb2
from kernel.errors import InvalidRequest
from kernel.rpc.request_checks import check_request, checks_of

assert annotations_pb2  # registers its options
ID = "11111111-1111-4111-8111-aaaaaaaaaaaa"


def request(
    rules: dict[str, Any],
    *,
    kind: int = 9,
    optional: bool = False,
    required: bool = False,
    value: Any = None,
) -> Any:
    """A request with one field with those rules; without a value, the field is not set."""
    file = FileDescriptorProto(name="test.proto", package="test", syntax="proto3")
    message = file.message_type.add(name="M")
    field = message.field.add(name="some_field", number=1, label=1, type=kind)
    if optional:
        message.oneof_decl.add(name="_some_field")
        field.proto3_optional, field.oneof_index = True, 0
    _rules(field).CopyFrom(field_pb2.Rules(**rules))
    if required:
        behaviors: Any = field.options.Extensions
        behaviors[field_behavior_pb2.field_behavior].append(field_behavior_pb2.REQUIRED)
    pool = DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    make = message_factory.GetMessageClass(pool.FindMessageTypeByName("test.M"))
    return make() if value is None else make(some_field=value)


def _rules(field: FieldDescriptorProto) -> Any:
    extensions: Any = field.options.Extensions
    return extensions[field_pb2.rules]


def refused(message: Message) -> list[tuple[str, str]]:
    """The bad fields, each with its reason."""
    try:
        check_request(checks_of(message.DESCRIPTOR), message)
    except InvalidRequest as error:
        return [(violation.field, violation.reason) for violation in error.violations]
    return []


LINE = {"format": field_pb2.FORMAT_LINE, "min_len": 2, "max_len": 4}


@pytest.mark.parametrize(
    ("rules", "value", "reason"),
    [
        (LINE, "four", ""),
        (LINE, "a", "TOO_SHORT"),
        (LINE, "", "REQUIRED"),
        (LINE, "fives", "TOO_LONG"),
        (LINE, "a\nb", "UNPRINTABLE"),
        ({"format": field_pb2.FORMAT_PATH, "max_len": 4}, " /a ", ""),
        ({"format": field_pb2.FORMAT_PATH, "max_len": 4}, "/long", "TOO_LONG"),
        ({"format": field_pb2.FORMAT_UUID}, ID, ""),
        ({"format": field_pb2.FORMAT_UUID}, ID.upper(), ""),
        ({"format": field_pb2.FORMAT_UUID}, ID.replace("-", ""), "NOT_A_UUID"),
        ({"format": field_pb2.FORMAT_UUID}, "", "REQUIRED"),
        ({"format": field_pb2.FORMAT_UUID, "ignore_empty": True}, "", ""),
        ({"format": field_pb2.FORMAT_EMAIL}, "ada@example.com", ""),
        ({"format": field_pb2.FORMAT_EMAIL}, "ada", "NOT_AN_EMAIL"),
        ({"format": field_pb2.FORMAT_SECRET, "min_len": 9}, "short", ""),
        ({"in": ["mine", "tenant"]}, "mine", ""),
        ({"in": ["mine", "tenant"]}, "", "UNKNOWN"),
        ({"in": ["mine", "tenant"], "ignore_empty": True}, "", ""),
        ({}, "anything\n", ""),
    ],
)
def test_texts(rules: dict[str, Any], value: str, reason: str) -> None:
    """Each rule names the field by its JSON name, and why it is bad."""
    assert refused(request(rules, value=value)) == ([("someField", reason)] if reason else [])


@pytest.mark.parametrize(("least", "reason"), [(1, "NOT_POSITIVE"), (2, "TOO_SMALL")])
def test_numbers(least: int, reason: str) -> None:
    """A number has a minimum."""
    assert refused(request({"gte": least}, kind=5, value=least)) == []
    assert refused(request({"gte": least}, kind=5, value=least - 1)) == [("someField", reason)]


def test_an_unset_field_is_not_checked() -> None:
    """An unset field is skipped only if it distinguishes unset from empty."""
    assert refused(request(LINE, optional=True)) == []
    assert refused(request(LINE, optional=True, value="")) == [("someField", "REQUIRED")]
    assert refused(request(LINE)) == [("someField", "REQUIRED")]


@pytest.mark.parametrize("format_", [field_pb2.FORMAT_LINE, field_pb2.FORMAT_EMAIL])
def test_the_method_gets_the_normalized_text(format_: int) -> None:
    """Lines and addresses reach the method in NFC, without surrounding blanks; a path unchanged."""
    rules = {"format": format_, "max_len": 20, "min_len": 1}
    given = request(rules, value=" e\u0301va@example.com ")
    assert refused(given) == []
    assert given.some_field == "\u00e9va@example.com"
    path = request({"format": field_pb2.FORMAT_PATH, "max_len": 20}, value=" e\u0301 ")
    assert refused(path) == []
    assert path.some_field == " e\u0301 "


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"format": field_pb2.FORMAT_SECRET},
        {"format": field_pb2.FORMAT_LINE, "max_len": 4},
        {"format": field_pb2.FORMAT_PATH, "max_len": 4},
        {"format": field_pb2.FORMAT_UUID},
        {"format": field_pb2.FORMAT_EMAIL},
        {"in": ["mine", "tenant"]},
    ],
    ids=str,
)
@pytest.mark.parametrize("optional", [False, True])
def test_a_required_text(rules: dict[str, Any], optional: bool) -> None:
    """A required text that is missing or empty is a bad field, whatever its other rules."""
    missing = [("someField", "REQUIRED")]
    assert refused(request(rules, required=True, optional=optional)) == missing
    assert refused(request(rules, required=True, optional=optional, value="")) == missing


def test_a_required_secret_has_no_other_rule() -> None:
    """A secret of any form reaches the method, which compares it."""
    rules = {"format": field_pb2.FORMAT_SECRET, "min_len": 15, "max_len": 20}
    for value in (" ", "x", "x" * 10_000, "\n\u200b"):
        assert refused(request(rules, required=True, value=value)) == []


def test_a_required_message() -> None:
    """A required message that is missing is a bad field."""
    file = FileDescriptorProto(name="test.proto", package="test", syntax="proto3")
    message = file.message_type.add(name="M")
    field = message.field.add(name="a_time", number=1, label=1, type=11, type_name=".test.M")
    behaviors: Any = field.options.Extensions
    behaviors[field_behavior_pb2.field_behavior].append(field_behavior_pb2.REQUIRED)
    pool = DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    make = message_factory.GetMessageClass(pool.FindMessageTypeByName("test.M"))
    assert refused(make()) == [("aTime", "REQUIRED")]
    assert refused(make(a_time=make())) == []


def test_the_checks_of_a_method_add_to_the_bad_fields() -> None:
    """The method's own check adds to the bad fields; a valid request is not checked twice."""
    calls = []

    def own(_: Message, fields: Any) -> None:
        calls.append(fields)
        fields.refuse("state", "STATE_TOO_LARGE", "Is too large.")

    good, bad = request(LINE, value="fine"), request(LINE, value="")
    check_request(checks_of(good.DESCRIPTOR), good, own)
    assert calls == []
    with pytest.raises(InvalidRequest) as error:
        check_request(checks_of(bad.DESCRIPTOR), bad, own)
    assert [one.field for one in error.value.violations] == ["someField", "state"]
