"""JSON objects in tokens: one reading only."""

import pytest

from kernel.identity.strict_json import parse_object


def test_an_object_is_parsed() -> None:
    """Text, whole numbers, truth values, lists and objects are read as they are."""
    data = '{"a":"é","b":-1,"c":[true,null],"d":{"a":2}}'.encode()
    assert parse_object(data) == {"a": "é", "b": -1, "c": [True, None], "d": {"a": 2}}


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[]", b"1", b'"a"', b"null", b"{} {}", b"{}x", b"\xef\xbb\xbf{}", b"\xff",
        b"{'a':1}", b'{"a":1,}', b"{a:1}", '{"a":1}'.encode("utf-16"),
        b'{"a":1,"a":1}', b'{"a":{"b":1,"b":2}}', b'{"a":1,"\\u0061":2}',
        b'{"a":1.0}', b'{"a":1e3}', b'{"a":1E0}', b'{"a":-0.0}', b'{"a":NaN}', b'{"a":Infinity}',
        b'{"a":' + b"9" * 5000 + b"}",
    ],
    ids=lambda data: ascii(data)[:24],
)  # fmt: skip
def test_what_two_readers_may_read_differently_is_refused(data: bytes) -> None:
    """Other values, other encodings, members given twice and numbers with fractions are errors."""
    with pytest.raises(ValueError, match=r".*"):
        parse_object(data)
