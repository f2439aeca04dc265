"""Bodies are read as strictly as RFC 8259 says, and numbers come back as they were."""

import json
import random
import sys
from typing import Any

import httpx
import pytest
from google.protobuf import json_format

from tests.gateway.environment import Environment

PATH = "/api/v5/sessions"
JSON = {"content-type": "application/json"}

# By what is wrong.
NOT_VALUES = {
    "no value": b"",
    "word in capitals": b"True",
    "word of JavaScript": b"undefined",
    "word cut off": b"tru",
    "word with more": b"nulll",
    "NaN": b"NaN",
    "Infinity": b"Infinity",
    "minus infinity": b"-Infinity",
    "bare word": b"a",
    "single quotes": b"'a'",
    "backquotes": b"`a`",
    "comment": b"/* a */ 1",
    "two values": b"1 2",
    "number with a plus": b"+1",
    "number with two signs": b"--1",
    "only a minus": b"-",
    "minus and a blank": b"- 1",
    "leading zero": b"01",
    "leading zeros": b"-00",
    "hexadecimal": b"0x1F",
    "no digits before the point": b".5",
    "no digits after the point": b"1.",
    "no digits between point and exponent": b"1.e5",
    "no digits in the exponent": b"1e",
    "no digits after the sign": b"1E+",
    "fraction in the exponent": b"1e1.5",
    "two points": b"1.2.3",
    "grouped digits": b"1,000",
    "digits of another script": "\u0661".encode(),
    "unit": b"1f",
    "raw tab": b'"a\tb"',
    "raw line feed": b'"a\nb"',
    "raw NUL": b'"a\0b"',
    "raw escape": b'"a\x1fb"',
    "unknown escape": rb'"\p"',
    "path of Windows": rb'"C:\projects\demo"',
    "escape x": rb'"\x41"',
    "escape of a quote of another kind": rb'"\'"',
    "escape in octal": rb'"\0"',
    "escape of a line end": b'"\\\n"',
    "escape u with three digits": rb'"\u12"',
    "escape u with a wrong digit": rb'"\u00g0"',
    "escape u in capitals": rb'"\U0041"',
    "escape cut off": b'"\\"',
    "high surrogate alone": rb'"\ud800"',
    "high surrogate before a letter": rb'"\ud800a"',
    "high surrogate twice": rb'"\ud800\ud800"',
    "low surrogate alone": rb'"\udc00"',
    "surrogates the wrong way round": rb'"\udc00\ud800"',
    "string without an end": b'"a',
    "string without a beginning": b'a"',
    "byte that is no UTF-8": b'"\xff"',
    "UTF-8 cut off": b'"\xe2\x82"',
    "overlong UTF-8": b'"\xc0\xaf"',
    "overlong UTF-8 of three bytes": b'"\xe0\x80\xaf"',
    "UTF-8 of a surrogate": b'"\xed\xa0\x80"',
    "UTF-8 above U+10FFFF": b'"\xf4\x90\x80\x80"',
    "UTF-8 of five bytes": b'"\xf8\x88\x80\x80\x80"',
    "Latin-1": b'"caf\xe9"',
    "list without an end": b"[1",
    "list with a comma at its end": b"[1,]",
    "list with a comma at its beginning": b"[,1]",
    "list with two commas": b"[1,,2]",
    "list without commas": b"[1 2]",
    "list with semicolons": b"[1;2]",
    "list with colons": b"[1:2]",
    "list closed as an object": b"[1}",
    "object without an end": b'{"a":1',
    "object with a comma at its end": b'{"a":1,}',
    "object with two commas": b'{"a":1,,"b":2}',
    "object without commas": b'{"a":1 "b":2}',
    "object closed as a list": b'{"a":1]',
    "member without a value": b'{"a":}',
    "member without a colon": b'{"a" 1}',
    "member with an equals sign": b'{"a"=1}',
    "member without a name": b"{:1}",
    "only a name": b'{"a"}',
    "name without quotes": b"{a:1}",
    "name that is a number": b"{1:1}",
    "name with a wrong escape": rb'{"\q":1}',
    "name with a raw tab": b'{"\t":1}',
    "same name twice": b'{"a":1,"a":1}',
    "same name twice, escaped": rb'{"a":1,"\u0061":2}',
    "same name twice, as escaped pair": '{"\U0001f600":1,"\\uD83D\\ude00":2}'.encode(),
    "same name twice, of two bytes": '{"\u00e9":1,"\\u00e9":2}'.encode(),
    "same name twice, of three bytes": '{"\u20ac":1,"\\u20AC":2}'.encode(),
    "same name twice, with a slash": rb'{"a/b":1,"a\/b":2}',
    "same name twice, further down": b'[[{"b":{"a":1,"c":2,"a":1}}]]',
    "form feed as a blank": b"\x0c1",
    "no-break space as a blank": "\u00a01".encode(),
    "byte order mark": b"\xef\xbb\xbf1",
}  # fmt: skip
NOT_BODIES = {
    "nothing but blanks": b" \n",
    "text after it": b"{} x",
    "two objects": b"{}{}",
    "comma after it": b"{},",
    "NUL after it": b"{}\0",
    "byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": "{}".encode("utf-16"),
    "UTF-32": "{}".encode("utf-32-be"),
    "list": b"[]",
    "text": b'"text"',
    "number": b"1",
    "null": b"null",
    "member twice": b'{"name":"a","name":"a"}',
    "member twice, escaped": rb'{"name":"a","n\u0061me":"a"}',
}


def refused(answer: httpx.Response) -> bool:
    """Whether an answer is the one to a text that is no JSON, which quotes nothing of it."""
    error = answer.json()["error"] | {"requestId": ""}
    return answer.status_code == 400 and error == {
        "code": "MALFORMED_REQUEST",
        "message": "The request cannot be read.",
        "details": [],
        "requestId": "",
    }


@pytest.mark.parametrize("value", NOT_VALUES.values(), ids=NOT_VALUES)
def test_what_is_no_value_is_refused(gateway: Environment, value: bytes) -> None:
    """What is no JSON value is no text of a field, no member of the state and no item of a list."""
    for body in (
        b'{"name":%s}',
        b'{"state":{"a":%s}}',
        b'{"state":{"a":["b",{"c":%s}]},"name":"d"}',
    ):
        answer = gateway.call("POST", PATH, content=body % value, headers=JSON)
        assert refused(answer), answer.text
    assert gateway.backend.count("CreateSession") == 0


@pytest.mark.parametrize("body", NOT_BODIES.values(), ids=NOT_BODIES)
def test_what_is_no_object_is_refused(gateway: Environment, body: bytes) -> None:
    """A body is one JSON object and nothing else."""
    answer = gateway.call("POST", PATH, content=body, headers=JSON)
    assert refused(answer), answer.text
    assert gateway.backend.count("CreateSession") == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/auth/register", rb'{"email":"a@example.com","password":"five\green laptops"}'),
        ("/auth/login", b'{"email":"a@example.com","password":"five\tgreen laptops"}'),
        ("/auth/refresh", rb'{"refreshToken":"\x"}'),
        ("/tenants", rb'{"name":"Ada \& Co","slug":"ada"}'),
    ],
)
def test_every_route_reads_strictly(gateway: Environment, path: str, body: bytes) -> None:
    """A password is never changed in silence, nor is any other text."""
    answer = gateway.call("POST", f"/api/v5{path}", content=body, headers=JSON)
    assert refused(answer), answer.text
    assert not gateway.backend.client_calls


@pytest.mark.parametrize(
    "state",
    [
        rb'{"a":"\"\\\/\b\f\n\r\t\u0000\u00e9\u20AC\ud83d\uDE00"}',
        '{"a":"\u007f \u0080 \u00e9 \u20ac \ud7ff \ue000 \uffff \U0001f600 \U0010ffff"}'.encode(),
        rb'{"\\u0061":1,"a":2,"\\":3,"\\\\":4}',
        rb'{"":{"":{"":[]}},"a":{"a":{"a":{}}}}',
        b'{"a":[0,-1,1.5,-0.25,1e2,1E-2,2.5e+3,0e0,123456789012345]}',
        b'{"a":[true,false,null,"",[],{},[[]],[{}]]}',
        b' {\t"a"\r\n:\t[ 1 , 2 ] ,\n"b" : { } } ',
        b'{"b":1,"a":[{"a":1},{"a":1}],"c":{"a":1,"b":2}}',
    ],
)  # fmt: skip
def test_json_reaches_the_service(gateway: Environment, state: bytes) -> None:
    """JSON with all that RFC 8259 allows reaches the service as what it says."""
    answer = gateway.call("POST", PATH, content=b'{"state":%s}' % state, headers=JSON)
    assert answer.status_code == 201, answer.text
    found = gateway.backend.last("CreateSession").request.state
    assert json_format.MessageToDict(found) == json.loads(state)


def test_names_of_fields_are_compared_unescaped(gateway: Environment) -> None:
    """An escaped name is the name that it stands for."""
    body = rb'{"n\u0061me":"engine","\u0073t\u0061te":{"a":1}}'
    assert gateway.call("POST", PATH, content=body, headers=JSON).status_code == 201
    request = gateway.backend.last("CreateSession").request
    assert (request.name, dict(request.state)) == ("engine", {"a": 1})


def test_random_json_reaches_the_service(gateway: Environment) -> None:
    """What Python's encoder writes is read, however it is written; cut short it is not."""
    chance = random.Random(14)
    for _ in range(150):
        state = {"": _value(chance, 4)}
        text = json.dumps(
            {"state": state},
            ensure_ascii=chance.random() < 0.5,
            indent=chance.choice([None, 0, 3]),
        ).encode()
        answer = gateway.call("POST", PATH, content=text, headers=JSON)
        assert answer.status_code == 201, text
        found = gateway.backend.last("CreateSession").request.state
        assert json_format.MessageToDict(found) == state
        cut = gateway.call(
            "POST", PATH, content=text[: chance.randrange(1, len(text))], headers=JSON
        )
        assert refused(cut), text


def _value(chance: random.Random, levels: int) -> Any:
    kind = chance.randrange(8 if levels else 6)
    if kind == 6:
        return [_value(chance, levels - 1) for _ in range(chance.randrange(5))]
    if kind == 7:
        return {_text(chance): _value(chance, levels - 1) for _ in range(chance.randrange(5))}
    number = chance.randrange(-(1 << 53), 1 << 53)
    small = chance.uniform(-1, 1) * 10.0 ** chance.randrange(-300, 300)
    return (None, True, False, number, small, _text(chance))[kind]


def _text(chance: random.Random) -> str:
    characters = 'ab"\\/\0\n\t\x7f\u00e9\u20ac\U0001f600u0061'
    return "".join(chance.choices(characters, k=chance.randrange(12)))


LARGEST = int(sys.float_info.max)
LEAST_INFINITE = LARGEST + 2**970
"""The nearest double to it and to all above is infinity."""
EXACT = [
    "0", "-0", "999999999999999", "9007199254740991", "9007199254740992", "9007199254740994",
    "-9007199254740994", "18446744073709551616", "10000000000000000",
    # The shortest digits that mean the double, filled up with zeros, as JavaScript writes it.
    "123456789012345670000", "-123456789012345670000", "12345678901234567000",
    # All digits of the same double.
    "123456789012345667584", "1" + "0" * 22, "1" + "0" * 308,
    # The largest double, in both forms.
    str(LARGEST), "-17976931348623157" + "0" * 292,
]  # fmt: skip


@pytest.mark.parametrize("number", EXACT)
def test_integers_that_doubles_hold_are_accepted(gateway: Environment, number: str) -> None:
    """An integer with the digits of a double comes back as the same number."""
    answer = gateway.call("POST", PATH, content=f'{{"state":{{"n":{number}}}}}', headers=JSON)
    assert answer.status_code == 201, answer.text
    assert gateway.backend.last("CreateSession").request.state["n"] == float(number)


@pytest.mark.parametrize(
    "number",
    [
        "9007199254740993", "-9007199254740993", "9223372036854775807", "18446744073709551615",
        "123456789012345678901234567890", "123456789012345670001", "100000000000000000000001",
        "1" + "0" * 309, "-1" + "0" * 400, "1" + "0" * 5000, "1e309", "-1e400", "1.5E+999", "9e99999",
        # The least that is infinity, as an integer and with a fraction; shorter ones; and with an
        # exponent, zeros or digits of any number.
        str(LEAST_INFINITE), f"{LEAST_INFINITE}.0", f"-0.{LEAST_INFINITE}E0309",
        "1.7976931348623159e308", "0.1e310", "1e+0309", "1e999999999999", "1e" + "9" * 50_000,
        f"0.{'0' * 50_000}1e50310", f"1{'0' * 50_000}e-49691", f"1{'0' * 309}.5",
        # The largest double, short of its last digit, and long ones next to a double.
        str(LARGEST - 1), "17976931348623156" + "0" * 292, "12345678901234567891" + "0" * 280,
    ],
)  # fmt: skip
def test_numbers_that_doubles_do_not_hold_are_refused(gateway: Environment, number: str) -> None:
    """An integer that would come back as another, or a number that is too large, names its field."""
    bodies = {
        "state": '{"name":"x","state":{"a":[{"n":%s}]}}',
        "name": '{"name":%s}',
    }
    for field, body in bodies.items():
        answer = gateway.call("POST", PATH, content=body % number, headers=JSON)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (400, "INVALID_REQUEST")
        ((violation,),) = [detail["fieldViolations"] for detail in error["details"]]
        assert (violation["field"], violation["reason"]) == (field, "NUMBER_NOT_EXACT")
    assert gateway.backend.count("CreateSession") == 0


def test_fractions_are_doubles(gateway: Environment) -> None:
    """A number with a fraction or an exponent is the nearest double, however many digits it has."""
    body = b'{"state":{"a":0.1000000000000000055511151231257827,"b":9007199254740993.0,"c":1e-400}}'
    assert gateway.call("POST", PATH, content=body, headers=JSON).status_code == 201
    found = dict(gateway.backend.last("CreateSession").request.state)
    assert found == {"a": 0.1, "b": 9007199254740992.0, "c": 0.0}


@pytest.mark.parametrize(
    "number",
    [
        "1.7976931348623157e308", "1.7976931348623158e308", "-17.976931348623157E+307",
        f"{LEAST_INFINITE - 1}.9", f"0.{LEAST_INFINITE - 1}e309", f"{LEAST_INFINITE - 1}000e-003",
        "1e308", "0.1e309", "9e307", "0.000001e314", f"1{'0' * 308}.5", f"1{'0' * 309}.5e-1",
        "5e-324", "2e-324", "1e-400", "1e-999999999999", "1e-" + "9" * 50_000,
        "0e309", "-0.0E+999999999999", "0e" + "9" * 50_000, f"0.{'0' * 400}e400",
        f"0.{'0' * 50_000}1e50001", f"1{'0' * 50_000}e-50000", f"1e{'0' * 50_000}5",
    ],
)  # fmt: skip
def test_numbers_that_are_almost_too_large_or_too_small(gateway: Environment, number: str) -> None:
    """A number that is less than infinity in a double is the nearest double, however it is written."""
    answer = gateway.call("POST", PATH, content=f'{{"state":{{"n":{number}}}}}', headers=JSON)
    assert answer.status_code == 201, answer.text
    assert gateway.backend.last("CreateSession").request.state["n"] == float(number)


@pytest.mark.parametrize(
    ("number", "count", "calls"),
    [
        ("9e307", 9999, 1),
        ("1e308", 9999, 1),
        ("0.1e309", 8000, 1),
        ("5e-324", 9000, 1),
        ("17976931348623157" + "0" * 292, 200, 10),
        (str(LARGEST), 200, 10),
    ],
    ids=["large", "border", "shifted border", "small", "filled up with zeros", "all digits"],
)
def test_costly_numbers_are_read_in_no_time(
    gateway: Environment, number: str, count: int, calls: int
) -> None:
    """As many numbers as a body may have, of the kinds that tonumber takes longest for."""
    body = f'{{"state":{{"a":[{",".join([number] * count)}]}}}}'
    began = gateway.processor_seconds()
    for _ in range(calls):
        assert gateway.call("POST", PATH, content=body, headers=JSON).status_code == 201
    assert gateway.processor_seconds() - began < 0.3


def test_random_integers(gateway: Environment) -> None:
    """Exactly those integers are accepted that JavaScript or Python write of a double."""
    chance = random.Random(53)
    for _ in range(150):
        number = float(chance.randrange(1 << 53, 1 << chance.randrange(54, 400)))
        digits = repr(number).partition("e")[0].replace(".", "").rstrip("0")
        padded = digits.ljust(len(str(int(number))), "0")
        other = str(int(number) + chance.choice([-1, 1]))
        expected = {
            str(int(number)): 201,
            padded: 201,
            other: 201 if float(other) == int(other) else 400,
        }
        for text, status in expected.items():
            body = f'{{"state":{{"n":{text}}}}}'
            answer = gateway.call("POST", PATH, content=body, headers=JSON)
            assert answer.status_code == status, text
