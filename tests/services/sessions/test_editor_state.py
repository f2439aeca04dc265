"""The editor's state: its limits, and its packed form."""

import json
import random
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct, Value

from coditect.field.v1 import field_pb2
from coditect.sessions.v5 import sessions_pb2
from kernel.errors import InvalidRequest
from kernel.fields import Fields
from services.sessions import editor_state


def struct(value: dict[str, Any]) -> Struct:
    """A JSON object as a message."""
    message = Struct()
    json_format.ParseDict(value, message)
    return message


def packed(message: Struct) -> bytes:
    """The packed state, after its checks."""
    fields = Fields()
    result = editor_state.pack(fields, "state", message)
    fields.check()
    return result


def size(message: Struct) -> int:
    """The measured size of a state."""
    return editor_state._Measure(10_000).object(message, 30)


def refusal(message: Struct) -> str:
    """The reason with which a state is refused."""
    with pytest.raises(InvalidRequest) as error:
        packed(message)
    (violation,) = error.value.violations
    assert violation.field == "state"
    return violation.reason


def nested(levels: int) -> dict[str, Any]:
    """An object nested to the given number of levels."""
    value: dict[str, Any] = {}
    for _ in range(levels - 1):
        value = {"in": value}
    return value


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"": ""},
        {"a": 1, "b": 1.5, "c": -0.1, "d": True, "e": False, "f": None},
        {"text": 'zwölf Boxkämpfer\n\t"\\ \u0000 🎉', "é": {}},
        {"list": [], "lists": [[], [1], [1, [2, "x"]]], "object": {"a": {"b": {}}}},
        {"files": [{"path": f"src/{n}.py", "line": n, "column": 0} for n in range(50)]},
    ],
)
def test_size_is_that_of_compact_json(value: dict[str, Any]) -> None:
    """The size is the number of UTF-8 bytes of the compact JSON."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    assert size(struct(value)) == len(text.encode())


def test_a_packed_state_parses_to_the_same_object() -> None:
    """Packing loses no member of the state."""
    value = {"open": ["a.py", "b.py"], "cursor": {"line": 3.0}, "dirty": None}
    assert json_format.MessageToDict(Struct.FromString(packed(struct(value)))) == value


def test_equal_states_have_equal_bytes() -> None:
    """The order of members does not matter."""
    members = [(f"member{n}", n) for n in range(100)]
    shuffled = random.Random(1).sample(members, len(members))
    assert packed(struct(dict(members))) == packed(struct(dict(shuffled)))


def test_empty_state_has_no_bytes() -> None:
    """An empty object packs to no bytes."""
    assert packed(Struct()) == b""


def test_exactly_the_limit_fits() -> None:
    """65,536 bytes of JSON are accepted, one more is refused."""
    frame = len('{"a":""}')
    assert packed(struct({"a": "x" * (65_536 - frame)}))
    assert refusal(struct({"a": "x" * (65_537 - frame)})) == "STATE_TOO_LARGE"


def test_a_state_far_over_the_limit_is_refused() -> None:
    """A state far over the limit is refused like one just over it."""
    assert refusal(struct({"a": "x" * 900_000})) == "STATE_TOO_LARGE"
    assert refusal(struct({"a": [1] * 60_000})) == "STATE_TOO_LARGE"


@pytest.mark.parametrize("item", [1, None, "", [], {}, {"a": 1}])
def test_the_number_of_values_is_limited(item: Any) -> None:
    """10,000 values at all levels are accepted, one more is refused."""
    each = 2 if item == {"a": 1} else 1
    most = {"a": [item] * (9_998 // each), "b": None}
    assert packed(struct(most))
    assert refusal(struct(most | {"c": None})) == "STATE_TOO_LARGE"


@pytest.mark.parametrize(
    ("number", "shortest"),
    [
        (0.0, "0"),
        (-0.0, "-0"),
        (5.0, "5"),
        (100.0, "100"),
        (1000.0, "1e3"),
        (-120000.0, "-12e4"),
        (1e21, "1e21"),
        (1.5e300, "15e299"),
        (5e-324, "5e-324"),
        (0.1, "0.1"),
        (0.01, "0.01"),
        (0.001, "1e-3"),
        (-0.00025, "-25e-5"),
        (123.456, "123.456"),
        (1.7976931348623157e308, "17976931348623157e292"),
    ],
)
def test_a_number_counts_in_its_shortest_form(number: float, shortest: str) -> None:
    """No JSON of the same double is shorter than what is counted."""
    assert float(shortest) == number
    assert size(Struct(fields={"a": Value(number_value=number)})) == len('{"a":}') + len(shortest)


def test_the_size_is_never_above_what_was_sent() -> None:
    """A state that the gateway accepts by its bytes is not refused by the service."""
    chance = random.Random(64)
    for _ in range(2000):
        digits = str(chance.randrange(10 ** chance.randrange(1, 18)))
        point = chance.choice(["", ".0", ".5", ".001", f".{chance.randrange(10**9)}"])
        exponent = chance.choice(
            ["", "e0", f"e{chance.randrange(280)}", f"e-{chance.randrange(330)}"]
        )
        text = f'{{"a":{chance.choice(["", "-"])}{digits}{point}{exponent}}}'
        assert size(struct(json.loads(text))) <= len(text), text


def test_the_limits_are_those_of_the_contract() -> None:
    """The gateway measures by the same limits, which it reads from the contract."""
    for message in (sessions_pb2.CreateSessionRequest, sessions_pb2.UpdateSessionRequest):
        extensions: Any = message.DESCRIPTOR.fields_by_name["state"].GetOptions().Extensions
        limits = extensions[field_pb2.rules].object
        assert (limits.max_bytes, limits.max_levels, limits.max_values) == (
            editor_state.STATE_BYTES,
            editor_state.STATE_LEVELS,
            editor_state.STATE_VALUES,
        )


def test_size_counts_bytes_not_characters() -> None:
    """A text counts with its UTF-8 bytes."""
    assert refusal(struct({"a": "é" * 33_000})) == "STATE_TOO_LARGE"


def test_depth_is_bounded() -> None:
    """30 nested objects are accepted, one more is refused."""
    assert packed(struct(nested(30)))
    assert refusal(struct(nested(31))) == "STATE_TOO_DEEP"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_lacks_are_refused(number: float) -> None:
    """NaN and infinities are refused, because JSON cannot represent them."""
    message = Struct(fields={"a": Value(number_value=number)})
    assert refusal(message) == "STATE_NOT_JSON"


def test_unknown_fields_are_dropped() -> None:
    """Unknown fields of a Struct are not JSON, and are dropped."""
    assert packed(Struct.FromString(b"\x78\x01")) == b""
