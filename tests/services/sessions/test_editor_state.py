"""The editor's state: its limits, and its packed form."""

import json
import random
import struct as structs
import time
from collections.abc import Callable, Iterable
from decimal import Decimal
from math import isfinite
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


def by_decimal(number: float) -> int:
    """The size of a number in decimal arithmetic, which is simple and slow."""
    text = repr(number).removesuffix(".0")
    sign, digits, exponent = Decimal(text).normalize().as_tuple()
    assert isinstance(exponent, int)
    power = exponent if exponent in {0, 1, 2} else len(f"e{exponent}")
    return min(len(text), sign + len(digits) + power)


def by_dumps(text: str) -> int:
    """The size of a text by the library's own function."""
    return len(json.dumps(text, ensure_ascii=False).encode())


def doubles() -> list[float]:
    """Doubles of all kinds: powers of ten, whole numbers, short fractions and any bits."""
    chance = random.Random(5)
    found = [
        float(f"{mantissa}e{power}")
        for mantissa in ("1", "-1", "12", "-1.5", "9.999999999999999", "100")
        for power in range(-324, 308)
    ]
    for _ in range(5_000):
        found.append(structs.unpack("d", chance.randbytes(8))[0])
        found.append(float(chance.randrange(-(10**20), 10 ** chance.randrange(1, 20))))
        found.append(round(chance.uniform(-1, 1), chance.randrange(1, 12)) * 0.01)
    return [number for number in found if isfinite(number)]


def test_numbers_and_texts_have_the_sizes_of_the_simple_way() -> None:
    """For doubles of all kinds, every short character, and texts that mix them."""
    for number in doubles():
        assert editor_state._number_size(number) == by_decimal(number), number
    chance = random.Random(6)
    texts = [chr(code) for code in (*range(0xD800), 0xE000, 0xFFFF, 0x10000, 0x10FFFF)]
    mixed = 'ab"\\\n\t\x00\x1f\x7fé中🎉\u2028'
    texts += ("".join(chance.choices(mixed, k=20)) for _ in range(1_000))
    for text in texts:
        assert editor_state._text_size(text) == by_dumps(text), text


@pytest.mark.parametrize(
    ("measure", "simple", "values"),
    [
        (editor_state._number_size, by_decimal, [1000.0, 1e22, 1e-7, 1.2345678901234567e-7]),
        (editor_state._text_size, by_dumps, ["é", "\n", '"', "中"]),
    ],
    ids=["numbers", "texts"],
)
def test_the_measure_takes_less_time_than_the_simple_way(
    measure: Callable[[Any], int], simple: Callable[[Any], int], values: list[Any]
) -> None:
    """A state can have 10,000 of them, and other calls wait while it is measured."""
    assert fastest(measure, values * 500) < 0.9 * fastest(simple, values * 500)


def fastest(use: Callable[[Any], int], values: Iterable[Any]) -> float:
    """The processor time that all the values take, at the best of some attempts."""
    spent = []
    for _ in range(7):
        started = time.thread_time()
        for value in values:
            use(value)
        spent.append(time.thread_time() - started)
    return min(spent)


@pytest.mark.parametrize("item", [1e-7, 1.2345678901234567e-7, 1e22, "é", "\n"], ids=ascii)
def test_the_most_values_cost_little(item: Any) -> None:
    """9,999 numbers in an exponent's form, or texts that are not plain, take some 20 milliseconds."""
    message = struct({"a": [item] * 9_999})
    assert fastest(editor_size, [message]) < 0.2


def editor_size(message: Struct) -> int:
    """The length of what the check gives; a bad state is noted, and has a length, too."""
    return len(editor_state.pack(Fields(), "state", message))


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
