"""Bodies and queries with what a call does not have, and the limits of the editor's state."""

import gzip
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.gateway.environment import SESSION_ID, WHERE, Environment

PATH = "/api/v5/sessions"
JSON = {"content-type": "application/json"}
ONE, OTHER = SESSION_ID, "7" * 8 + SESSION_ID[8:]


def violation(answer: httpx.Response, code: str) -> tuple[str, str] | None:
    """The field and the reason that an error names, after the usual checks of its envelope."""
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, code), answer.text
    assert error["requestId"] == answer.headers["x-request-id"]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    if not error["details"]:
        return None
    ((only,),) = [detail["fieldViolations"] for detail in error["details"]]
    assert only["description"]
    return only["field"], only["reason"]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"nme": "x"}, "nme"),
        ({"name": "x", "extra": {"a": [1, "]}"]}}, "extra"),
        ({"session": {}}, "session"),
        ({"workspace_path": "x"}, "workspace_path"),
        ({"name,state": 1}, "name,state"),
        ({'a"b\\c': 1}, 'a"b\\c'),
        ({"</script>": 1}, "</script>"),
        ({"x" * 64: 1}, "x" * 64),
        ({"x" * 65: 1}, None),
        ({"": 1}, None),
        ({"n\u00e4me": 1}, None),
        ({"\u0000": 1}, None),
        ({"a\nb": 1}, None),
        ({"nme": 9007199254740993}, "nme"),
    ],
)
def test_unknown_fields_are_refused(
    gateway: Environment, body: dict[str, Any], name: str | None
) -> None:
    """A body with an unknown field is refused; a name of printable ASCII is in the answer."""
    answer = gateway.call("POST", PATH, json=body)
    expected = None if name is None else (name, "UNKNOWN_FIELD")
    assert violation(answer, "UNKNOWN_FIELD") == expected
    assert gateway.backend.count("CreateSession") == 0


def test_values_of_unknown_fields_are_not_quoted(gateway: Environment) -> None:
    """The answer names the field, and nothing of what is in it."""
    answer = gateway.call("POST", "/api/v5/auth/login", json={"pasword": "five green laptops"})
    assert violation(answer, "UNKNOWN_FIELD") == ("pasword", "UNKNOWN_FIELD")
    assert "laptops" not in answer.text


def test_the_editors_state_is_free(gateway: Environment) -> None:
    """Inside the editor's state, any field name is allowed."""
    state = {"nme": {"x": [1, {"y": "]}"}]}, "\u00e9": None}
    assert gateway.call("POST", PATH, json={"state": state}).status_code == 201


@pytest.mark.parametrize(
    ("verb", "path", "query", "name"),
    [
        ("GET", PATH, "nope=1", "nope"),
        ("GET", PATH, "page_sise=1", "page_sise"),
        ("GET", PATH, "a.b=1", "a.b"),
        ("GET", PATH, "pageSize=1&nope", "nope"),
        ("GET", PATH, "page%53ize=1", "page%53ize"),
        ("GET", PATH, "pageSize,page_size=1", "pageSize,page_size"),
        ("GET", PATH, "pageSize=1&,=2", ","),
        ("GET", PATH, "=1", None),
        ("GET", PATH, "x" * 65 + "=1", None),
        ("GET", PATH, "access_token=secret", "access_token"),
        ("GET", f"{PATH}/{ONE}", f"sessionId={OTHER}", "sessionId"),
        ("GET", f"{PATH}/{ONE}", f"session_id={OTHER}", "session_id"),
        ("GET", f"{PATH}/{ONE}", f"session%49d={OTHER}", "session%49d"),
        ("DELETE", f"{PATH}/{ONE}", f"pageSize=1&sessionId={OTHER}", "pageSize"),
        ("PATCH", f"{PATH}/{ONE}", f"sessionId={OTHER}", "sessionId"),
        ("PATCH", f"{PATH}/{ONE}", "name=other", "name"),
        ("POST", PATH, "name=other", "name"),
        ("POST", "/api/v5/auth/login", "email=ada@example.com&password=secret", "email"),
    ],
)
def test_unknown_parameters_are_refused(
    gateway: Environment, verb: str, path: str, query: str, name: str | None
) -> None:
    """A query has only parameters of the call, no field of the path or the body in any spelling.

    The answer names the parameter.
    """
    body = {"json": {}} if verb in {"POST", "PATCH"} else {}
    answer = gateway.call(verb, f"{path}?{query}", **body)
    expected = None if name is None else (name, "UNKNOWN_PARAMETER")
    assert violation(answer, "MALFORMED_REQUEST") == expected
    assert "secret" not in answer.text
    assert not gateway.backend.client_calls


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("pageSize=1&pageSize=1", "pageSize"),
        ("scope=mine&pageSize=1&scope=tenant", "scope"),
        ("page_size=1&pageSize=2", "pageSize"),
        ("pageToken=&pageToken", "pageToken"),
    ],
)
def test_repeated_parameters_are_refused(gateway: Environment, query: str, name: str) -> None:
    """A parameter that is given twice, in whatever spelling, is refused by name."""
    answer = gateway.call("GET", f"{PATH}?{query}")
    assert violation(answer, "MALFORMED_REQUEST") == (name, "REPEATED_PARAMETER")
    assert not gateway.backend.client_calls


@pytest.mark.parametrize("query", ["pageSize=x", "pageSize=99999999999"])
def test_parameters_that_are_no_numbers_are_refused(gateway: Environment, query: str) -> None:
    """A parameter that does not fit its type gets a 400."""
    answer = gateway.call("GET", f"{PATH}?{query}")
    assert violation(answer, "MALFORMED_REQUEST") is None


def test_a_raw_quote_in_a_parameter_is_escaped(gateway: Environment) -> None:
    """The answer is valid JSON, whatever the name of the parameter has in it."""
    answer = gateway.raw(
        f'GET {PATH}?a"\\b=1 HTTP/1.1\r\nhost: x\r\n'
        f"authorization: {gateway.bearer['authorization']}\r\n\r\n"
    )
    assert answer.status == 400
    assert answer.json["error"]["details"][0]["fieldViolations"][0]["field"] == 'a"\\b'


def test_valid_queries_are_accepted(gateway: Environment) -> None:
    """Both spellings are accepted; an empty query and empty parts of it are ignored."""
    for query in ("pageSize=2&scope=tenant", "page_size=2", "", "&", "pageSize=2&"):
        assert gateway.call("GET", f"{PATH}?{query}").status_code == 200


def test_calls_without_a_body_work(gateway: Environment) -> None:
    """A POST with no body at all is an empty message, and a DELETE may have a body."""
    assert gateway.call("POST", "/api/v5/auth/logout").status_code == 200
    assert gateway.call("POST", PATH).status_code == 201
    assert gateway.call("DELETE", "/api/v5/auth/me", json={"password": "p"}).status_code == 200
    assert gateway.backend.last("DeleteMe").request.password == "p"


def test_a_body_of_a_get_has_no_fields(gateway: Environment) -> None:
    """A method without a body takes an empty object, and names what else it gets."""
    assert gateway.call("GET", PATH, json={}).status_code == 200
    answer = gateway.call("GET", PATH, json={"pageSize": 1})
    assert violation(answer, "UNKNOWN_FIELD") == ("pageSize", "UNKNOWN_FIELD")


KINDS = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/jsonp",
    "application/json-seq",
    "application/json/x",
    "application/grpc",
    "application/grpc+proto",
    "application/grpc-web",
    "multipart/form-data; boundary=x",
    "nonsense",
]


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", *KINDS])
@pytest.mark.parametrize(
    ("verb", "path"),
    [("GET", PATH), ("POST", PATH), ("POST", "/api/v5/auth/logout"), ("DELETE", f"{PATH}/{ONE}")],
)
def test_a_type_counts_only_with_a_body(
    gateway: Environment, verb: str, path: str, kind: str
) -> None:
    """A call without a body answers, whatever type it claims; with one, only JSON is read."""
    created = 201 if (verb, path) == ("POST", PATH) else 200
    headers = {"content-type": kind}
    bare = gateway.call(verb, path, headers=headers)
    assert bare.status_code == created, bare.text
    assert bare.headers["content-type"] == "application/json"
    assert bare.json()["success"] is True

    for content in (b"{}", iter([b"{", b"}"])):
        answer = gateway.call(verb, path, headers=headers, content=content)
        assert answer.status_code == (415 if kind in KINDS else created)
        assert "grpc-status" not in answer.headers
        if kind in KINDS:
            assert answer.json()["error"]["code"] == "UNSUPPORTED_MEDIA_TYPE"


def test_no_type_is_no_json(gateway: Environment) -> None:
    """A body without a content type is not read."""
    for verb, path in (("POST", PATH), ("PATCH", f"{PATH}/{ONE}"), ("GET", PATH)):
        answer = gateway.call(verb, path, content=b"{}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        )
    assert not gateway.backend.client_calls


def test_chunks_without_content_are_no_body(gateway: Environment) -> None:
    """A body that is announced and then empty has no type."""
    answer = gateway.call("POST", PATH, content=iter([b""]), headers={"content-type": "text/plain"})
    assert answer.status_code == 201


def test_http2_knows_a_body_by_its_bytes(gateway: Environment) -> None:
    """In HTTP/2 a body needs no length; it counts like any other."""
    common = ["--http2-prior-knowledge", "-H", f"authorization: {gateway.bearer['authorization']}"]
    url = f"{gateway.url}{PATH}"
    kind = ["-H", "content-type: text/plain"]
    assert gateway.curl(*common, *kind, "-X", "POST", url).startswith("HTTP/2 201")
    assert gateway.curl(*common, *kind, "-d", "{}", url).startswith("HTTP/2 415")
    assert gateway.curl(*common, *kind, "-T", "/dev/null", "-X", "POST", url).startswith(
        "HTTP/2 201"
    )


def test_the_token_comes_before_the_type(gateway: Environment) -> None:
    """A caller who claims to speak gRPC gets the same refusals as any other, in the envelope."""
    headers = {"content-type": "application/grpc"}
    for content in (None, b"{}"):
        answer = gateway.client.post(PATH, headers=headers, content=content)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "ACCESS_TOKEN_MISSING")
        assert answer.headers["www-authenticate"] == f"Bearer {WHERE}"
        assert answer.headers["content-type"] == "application/json"
    big = gateway.call("POST", PATH, headers=headers, content=b"x" * 100_000)
    assert (big.status_code, big.json()["error"]["code"]) == (413, "BODY_TOO_LARGE")
    for path in ("/api/v5/health", "/api/v5/ready"):
        answer = gateway.client.get(path, headers=headers)
        assert (answer.status_code, answer.json()["success"]) == (200, True)


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "deflate", "br", "x-unknown", "identity, gzip"])
def test_compressed_bodies_are_refused(gateway: Environment, coding: str) -> None:
    """A body with a content coding is not read; without a body the coding does not count."""
    headers = {"content-encoding": coding}
    for content in (gzip.compress(b"{}"), b"{}"):
        answer = gateway.call("POST", PATH, headers=JSON | headers, content=content)
        assert answer.status_code == 415
        assert answer.json()["error"]["code"] == "UNSUPPORTED_MEDIA_TYPE"
    assert gateway.backend.count("CreateSession") == 0
    assert gateway.call("GET", PATH, headers=headers).status_code == 200


def test_the_identity_coding_is_none(gateway: Environment) -> None:
    """`identity` means no coding (RFC 9110, section 8.4.1), and does not reach the service."""
    headers = JSON | {"content-encoding": "Identity"}
    assert gateway.call("POST", PATH, headers=headers, content=b"{}").status_code == 201
    assert "content-encoding" not in gateway.backend.last("CreateSession").metadata


def nested(levels: int, kind: str) -> str:
    """An object with other objects or lists in it, one in the other."""
    inner = levels - 1
    if kind == "lists":
        return '{"a":' + "[" * inner + "]" * inner + "}" if inner else "{}"
    return '{"a":' * inner + "{}" + "}" * inner


@pytest.mark.parametrize("kind", ["objects", "lists"])
@pytest.mark.parametrize("levels", [31, 33, 40, 100, 2000])
def test_the_depth_of_a_state_is_limited(gateway: Environment, kind: str, levels: int) -> None:
    """30 objects and lists within each other pass, more are refused by the service's own name."""
    for count, accepted in ((30, True), (levels, False)):
        body = f'{{"name":"x","state":{nested(count, kind)}}}'
        answer = gateway.call("POST", PATH, content=body, headers=JSON)
        if accepted:
            assert answer.status_code == 201
        else:
            assert violation(answer, "INVALID_REQUEST") == ("state", "STATE_TOO_DEEP")


@pytest.mark.parametrize("item", ["0", "[]", "{}", '""', "null", '{"a":1}'])
def test_the_values_of_a_state_are_limited(gateway: Environment, item: str) -> None:
    """10,000 values pass, one more is refused; the object itself is none."""
    each = 2 if ":" in item else 1
    for values, accepted in ((10_000, True), (10_001, False)):
        items = [item] * ((values - 1) // each) + ["0"] * ((values - 1) % each)
        body = f'{{"state":{{"a":[{",".join(items)}]}},"name":"x","workspacePath":"/"}}'
        assert len(body) < 65_536
        answer = gateway.call("POST", PATH, content=body, headers=JSON)
        if accepted:
            assert answer.status_code == 201, answer.text
        else:
            assert violation(answer, "INVALID_REQUEST") == ("state", "STATE_TOO_LARGE")


@pytest.mark.parametrize(
    ("begin", "fill", "end"),
    [
        ('{"a":"', "x", '"}'),
        ('{"a":"\u00e9\u20ac', "x", '"}'),
        (r'{"a":"\n\u0061', "x", '"}'),
        ('{"a":1', " ", "}"),
        ('{"a":0.5', "0", "}"),
    ],
)
def test_the_bytes_of_a_state_are_counted_as_sent(
    gateway: Environment, begin: str, fill: str, end: str
) -> None:
    """The state alone is measured, from its first to its last byte, blanks and escapes included."""
    room = 65_536 - len((begin + end).encode())
    for length, accepted in ((room, True), (room + 1, False)):
        body = f'{{"name":"{"n" * 800}", "state": {begin}{fill * length}{end} }}'
        answer = gateway.call("POST", PATH, content=body.encode(), headers=JSON)
        if accepted:
            assert answer.status_code == 201
        else:
            assert violation(answer, "INVALID_REQUEST") == ("state", "STATE_TOO_LARGE")


def test_a_state_with_long_texts_beside_it_fits(gateway: Environment) -> None:
    """The largest state passes together with the longest name and path, all escaped."""
    pair = "\\ud83d\\ude00"
    state = '{"a":"' + "x" * (65_536 - 8) + '"}'
    body = f'{{"name":"{pair * 200}","workspacePath":"{pair * 1024}","state":{state}}}'
    assert gateway.call("POST", PATH, content=body, headers=JSON).status_code == 201
    assert gateway.backend.last("CreateSession").request.name == "\U0001f600" * 200


def test_a_large_state_is_refused_before_it_is_read(gateway: Environment) -> None:
    """192 kB of zeros get a 413 without a time to wait, and so does what is not even JSON."""
    for content in (json.dumps({"state": {"a": [0] * 96_000}}), "[" * 192_000):
        answer = gateway.call("POST", PATH, content=content, headers=JSON)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "BODY_TOO_LARGE")
        assert "retry-after" not in answer.headers


WORST = {
    "zeros": "[" + ",".join(["0"] * 9_999) + "]",
    "objects": "[" + ",".join(["{}"] * 9_999) + "]",
    "deep": "[" + ",".join(['{"a":' * 28 + "0" + "}" * 28] * 340) + "]",
    "long integers": "[" + ",".join(["1" + "0" * 308] * 200) + "]",
    "members": "{" + ",".join(f'"{n}":0' for n in range(7_000)) + "}",
    "refused": "[" + ",".join(["0"] * 32_700) + "]",
}


@pytest.mark.parametrize("value", WORST.values(), ids=WORST)
def test_no_state_holds_up_other_calls(gateway: Environment, value: str) -> None:
    """The gateway has one thread for all calls; the worst state takes it for a moment only.

    20 ms of computing time are usual, and the states that were possible without limits took more
    than a hundred.
    """
    times = []
    for _ in range(5):
        before = _computing_seconds(gateway.process.pid)
        answer = gateway.call("POST", PATH, content=f'{{"state":{{"a":{value}}}}}', headers=JSON)
        times.append(_computing_seconds(gateway.process.pid) - before)
        assert answer.status_code in {201, 400}
    assert min(times) < 0.06


def _computing_seconds(pid: int) -> float:
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


POLICY = f"/api/v5/tenants/{SESSION_ID}/policy"


@pytest.mark.parametrize(
    "domains", [[], ["example.com"], [f"d{n}.example.com" for n in range(101)]]
)
def test_a_list_of_texts_reaches_the_service(gateway: Environment, domains: list[str]) -> None:
    """An empty list is told from none, and one of more than 100 is the service's to refuse."""
    for body in ({"emailDomains": domains, "loginIdleSeconds": 0}, {"loginIdleSeconds": 0},
                 {"emailDomains": None}):  # fmt: skip
        assert gateway.call("PATCH", POLICY, json=body).status_code == 200
        request = gateway.backend.last("UpdatePolicy").request
        assert request.HasField("email_domains") == (body.get("emailDomains") is not None)
        given = [item.string_value for item in request.email_domains.values]
        assert given == (body.get("emailDomains") or [])


def test_the_values_of_a_body_are_limited(gateway: Environment) -> None:
    """200 values pass, the list itself is one of them; one more is refused."""
    for values, status in ((200, 200), (201, 400)):
        body = {"emailDomains": ["example.com"] * (values - 1)}
        assert gateway.call("PATCH", POLICY, json=body).status_code == status
