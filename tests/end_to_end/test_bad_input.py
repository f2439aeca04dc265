"""Bad input gets a clear error in the envelope that reveals no internals."""

import gzip
import json
import re
import socket
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.end_to_end.person import Person, error_of, registration
from tools.laptop import Laptop

REGISTER = "/api/v5/auth/register"
JSON = {"content-type": "application/json"}

# Signs of internals: modules, traces, upstreams, parser texts.
INTERNAL = re.compile(
    r"Traceback|\.py\b|grpc|upstream|proto|127\.0\.0\.1|lmdb|envoy|Exception|\bjwt\b", re.IGNORECASE
)


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b'{"email":', JSON, 400, None),
        (b"[1,2]", JSON, 400, None),
        (b"", JSON, 400, None),
        (b"{}", JSON, 400, "INVALID_REQUEST"),
        (b'{"email":5,"password":["x"]}', JSON, 400, None),
        (b'{"email":"a@b.de","admin":true}', JSON, 400, "UNKNOWN_FIELD"),
        (b'{"email":"a@b.de","firstName,lastName":"x"}', JSON, 400, "UNKNOWN_FIELD"),
        (b'{"email":"\xff\xfe@example.com"}', JSON, 400, None),
        (b'{"email":"a\\u0000@example.com"}', JSON, 400, "INVALID_REQUEST"),
        (b"x" * 2_000_000, JSON, 413, "BODY_TOO_LARGE"),
        (b"email=a", {"content-type": "application/x-www-form-urlencoded"}, 415, None),
        (b"[" * 50_000, JSON, 400, None),
    ],
    ids=[
        "malformed", "array", "empty", "nothing given", "wrong types", "unknown field", "joined fields",
        "invalid UTF-8", "NUL", "2 MB", "content type", "deep nesting",
    ],
)  # fmt: skip
def test_bad_bodies(
    http: httpx.Client, body: bytes, headers: dict[str, str], status: int, code: str | None
) -> None:
    """An invalid body is rejected with a stable code."""
    answer = http.post(REGISTER, content=body, headers=headers)

    assert answer.status_code == status
    error = error_of(answer)
    assert re.fullmatch("[A-Z][A-Z_]+", error["code"])
    assert code is None or error["code"] == code
    assert not INTERNAL.search(error["message"] + str(error["details"]).replace("@type", ""))
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("method", "path", "body", "missing"),
    [
        ("DELETE", "auth/me", None, ["password"]),
        ("DELETE", "auth/me", {"password": ""}, ["password"]),
        ("POST", "auth/login", {"email": "ada@example.com"}, ["password"]),
        ("POST", "auth/login", {"password": None}, ["email", "password"]),
        ("POST", "auth/refresh", {}, ["refreshToken"]),
        ("POST", "auth/password", {}, ["currentPassword", "newPassword"]),
        ("POST", "auth/switch-tenant", {}, ["tenantId"]),
        ("POST", "invitations/accept", {}, ["token"]),
        ("POST", "tenants", {"name": "\u200b"}, ["name"]),
    ],
    ids=str,
)
def test_a_missing_field_is_named(
    person: Person, method: str, path: str, body: dict[str, Any] | None, missing: list[str]
) -> None:
    """A required field that is not given is REQUIRED, also a password or a token."""
    answer = person.call(method, f"/{path}", body)

    error = error_of(answer)
    assert (answer.status_code, error["code"]) == (400, "INVALID_REQUEST")
    assert _bad_fields(error) == dict.fromkeys(missing, "REQUIRED")


@pytest.mark.parametrize("name", ["Ada \U0001fa77", "\u0378", "\ue000", "❤\ufe0f"], ids=ascii)
def test_a_name_can_hold_any_character(person: Person, name: str) -> None:
    """Emoji and code points that this interpreter does not know come back as they were sent."""
    answer = person.call("PATCH", "/auth/me", {"firstName": name})

    assert (answer.status_code, answer.json()["data"]["firstName"]) == (200, name)


def test_a_name_turns_no_text_around_it(person: Person) -> None:
    """Characters that change the direction of the text behind them are left out."""
    answer = person.call("PATCH", "/auth/me", {"firstName": "\u202eAda\u2066"})

    assert (answer.status_code, answer.json()["data"]["firstName"]) == (200, "Ada")


def test_every_bad_field_is_named(http: httpx.Client) -> None:
    """One answer names all bad fields, by the contract's rules and the service's, without values."""
    body = {"email": "nonsense", "password": "short", "firstName": "", "lastName": "x" * 101}

    error = error_of(http.post(REGISTER, json=body))

    assert _bad_fields(error) == {
        "email": "NOT_AN_EMAIL",
        "password": "TOO_SHORT",
        "firstName": "REQUIRED",
        "lastName": "TOO_LONG",
    }
    assert "nonsense" not in str(error)


def _bad_fields(error: dict[str, Any]) -> dict[str, str]:
    (bad,) = [d for d in error["details"] if d["@type"].endswith("BadRequest")]
    return {v["field"]: v["reason"] for v in bad["fieldViolations"]}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("PUT", "/api/v5/sessions", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/api/v5/nothing", 404, "ROUTE_NOT_FOUND"),
        ("GET", "/", 404, "ROUTE_NOT_FOUND"),
        ("GET", "/api/v5/sessions/not-a-uuid", 400, "INVALID_REQUEST"),
        ("GET", "/api/v5/sessions?pageToken=%00", 400, "PAGE_TOKEN_INVALID"),
        ("GET", "/api/v5/sessions?pageToken=garbage", 400, "PAGE_TOKEN_INVALID"),
        ("GET", "/api/v5/sessions?pageSize=-1", 400, "INVALID_REQUEST"),
        ("GET", "/api/v5/sessions?pageSize=lots", 400, None),
        ("GET", "/api/v5/sessions?colour=red", 400, None),
        ("GET", "/api/v5/sessions?scope=galaxy", 400, "INVALID_REQUEST"),
        ("DELETE", "/api/v5/auth/logins/1", 400, "INVALID_REQUEST"),
        ("POST", "/coditect.auth.v5.AccountsService/GetMe", 404, "ROUTE_NOT_FOUND"),
        ("POST", "/coditect.tenants.internal.v1.TenantsInternalService/EraseUser", 404, None),
    ],
)
def test_bad_addresses(
    person: Person, method: str, path: str, status: int, code: str | None
) -> None:
    """An unknown address, method or parameter is rejected with a stable code."""
    token = {"authorization": f"Bearer {person.tokens['accessToken']}"}

    answer = person.http.request(method, path, headers=token)

    assert answer.status_code == status, answer.text
    error = error_of(answer)
    assert code is None or error["code"] == code
    assert not INTERNAL.search(error["message"])


def test_method_not_allowed_lists_the_allowed_ones(http: httpx.Client) -> None:
    """A 405 carries the Allow header (RFC 9110, section 15.5.6)."""
    allow = http.put("/api/v5/sessions").headers["allow"]

    assert {"GET", "POST", "DELETE"} <= {method.strip() for method in allow.split(",")}


def test_large_header(http: httpx.Client) -> None:
    """A header of 100 kB is rejected."""
    answer = http.get("/api/v5/health", headers={"x-large": "x" * 100_000})

    assert (answer.status_code, error_of(answer)["code"]) == (431, "HEADERS_TOO_LARGE")


@pytest.mark.parametrize("scheme", ["bearer ", "BEARER ", "Bearer  "])
def test_the_scheme_of_a_token_is_read_leniently(person: Person, scheme: str) -> None:
    """The case of `Bearer`, and the spaces behind it, do not matter, as RFC 9110 says."""
    header = {"authorization": scheme + person.tokens["accessToken"]}

    assert person.http.get("/api/v5/auth/me", headers=header).status_code == 200


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "ACCESS_TOKEN_MISSING"),
        ("Bearer nonsense", "ACCESS_TOKEN_INVALID"),
        ("Basic YTpi", "ACCESS_TOKEN_MISSING"),
        (
            # {"alg":"none"} with plausible claims and no signature
            "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4IiwiaXNzIjoiaHR0cHM6Ly9jb2RpdGVjdC5sb2NhbCJ9.",
            "ACCESS_TOKEN_INVALID",
        ),
    ],
)
def test_bad_access_tokens(http: httpx.Client, header: str | None, code: str) -> None:
    """A call without a valid token is rejected."""
    headers = {} if header is None else {"authorization": header}

    answer = http.get("/api/v5/auth/me", headers=headers)

    assert (answer.status_code, error_of(answer)["code"]) == (401, code)


def test_token_in_the_address_does_not_count(http: httpx.Client, person: Person) -> None:
    """Only a token in the Authorization header counts, because addresses end up in logs."""
    token = person.tokens["accessToken"]

    answer = http.get("/api/v5/auth/me", params={"access_token": token})

    assert answer.status_code == 401


def test_unknown_account_and_wrong_password_look_the_same(
    http: httpx.Client, person: Person
) -> None:
    """The response to a login does not reveal whether an account exists."""
    answers = [
        http.post("/api/v5/auth/login", json={"email": email, "password": "wrong " * 4})
        for email in (person.email, f"{uuid4()}@example.com")
    ]

    errors = [error_of(answer) for answer in answers]
    assert [answer.status_code for answer in answers] == [401, 401]
    for error in errors:
        del error["requestId"]
    assert errors[0] == errors[1]


def test_email_is_unique_after_folding(http: httpx.Client, person: Person) -> None:
    """Another spelling of an address is the same account."""
    answer = http.post(REGISTER, json=registration(person.email.upper()))

    assert (answer.status_code, error_of(answer)["code"]) == (409, "EMAIL_TAKEN")


def test_a_text_is_never_changed_in_silence(person: Person) -> None:
    """What RFC 8259 does not allow in strings and numbers is refused, wherever it stands."""
    token = {"authorization": f"Bearer {person.tokens['accessToken']}"}
    register = b'{"email":"%s@example.com","password":"five\\green laptops","firstName":"A","lastName":"B"}'
    for path, body in (
        ("/api/v5/sessions", rb'{"workspacePath":"C:\projects\demo"}'),
        ("/api/v5/sessions", b'{"state":{"n":1.}}'),
        ("/api/v5/sessions", b'{"name":"a\tb"}'),
        (REGISTER, register % uuid4().hex.encode()),
    ):
        answer = person.http.post(path, content=body, headers=JSON | token)
        assert (answer.status_code, error_of(answer)["code"]) == (400, "MALFORMED_REQUEST")
    assert not list(person.sessions())


def test_state_of_a_session_is_bounded(person: Person) -> None:
    """A state over 64 kB, 10,000 values or 30 levels is refused; the largest ones come back."""
    deep: dict[str, Any] = {}
    for _ in range(29):
        deep = {"in": deep}
    for most, over, reason in (
        ({"text": "x" * 65_525}, {"text": "x" * 65_526}, "STATE_TOO_LARGE"),
        ({"a": [0] * 9_999}, {"a": [0] * 10_000}, "STATE_TOO_LARGE"),
        (deep, {"in": deep}, "STATE_TOO_DEEP"),
    ):
        headers = JSON | {"authorization": f"Bearer {person.tokens['accessToken']}"}
        answers = [
            person.http.post(
                "/api/v5/sessions",
                content=json.dumps({"state": state}, separators=(",", ":")),
                headers=headers,
            )
            for state in (most, over)
        ]
        assert answers[0].status_code == 201
        assert answers[0].json()["data"]["state"] == most
        assert (answers[1].status_code, error_of(answers[1])["code"]) == (400, "INVALID_REQUEST")
        assert _bad_fields(error_of(answers[1])) == {"state": reason}


def test_a_large_state_is_no_reason_to_wait(person: Person) -> None:
    """192 kB of zeros are refused by their length, and the client is not told to repeat."""
    answer = person.call("POST", "/sessions", {"state": {"a": [0] * 96_000}})

    assert (answer.status_code, error_of(answer)["code"]) == (413, "BODY_TOO_LARGE")
    assert "retry-after" not in answer.headers


@pytest.mark.parametrize(
    ("number", "accepted"),
    [
        ("9007199254740993", False),
        ("123456789012345678901", False),
        ("1e400", False),
        ("9007199254740992", True),
        ("-9007199254740991", True),
        ("123456789012345670000", True),
        ("1e21", True),
        ("0.1", True),
    ],
)
def test_numbers_come_back_as_they_were(person: Person, number: str, accepted: bool) -> None:
    """A number that would come back as another one is refused, and its field is named."""
    headers = JSON | {"authorization": f"Bearer {person.tokens['accessToken']}"}
    body = f'{{"state":{{"id":{number}}}}}'
    answer = person.http.post("/api/v5/sessions", content=body, headers=headers)

    if accepted:
        path = f"/sessions/{answer.json()['data']['sessionId']}"
        found = person.call("GET", path).json()["data"]["state"]["id"]
        assert float(found) == float(number)
    else:
        assert answer.status_code == 400
        assert _bad_fields(error_of(answer)) == {"state": "NUMBER_NOT_EXACT"}


def test_what_is_unknown_is_named(person: Person) -> None:
    """An unknown field and an unknown parameter are named; their values are not quoted."""
    field = person.call("POST", "/sessions", {"nmae": "confidential"})
    parameter = person.call("GET", "/sessions?colour=confidential")

    assert _bad_fields(error_of(field)) == {"nmae": "UNKNOWN_FIELD"}
    assert _bad_fields(error_of(parameter)) == {"colour": "UNKNOWN_PARAMETER"}
    assert "confidential" not in field.text + parameter.text


def test_a_content_type_counts_only_with_a_body(person: Person) -> None:
    """Calls without a body may carry any type; a body without a type, or compressed, is refused."""
    token = {"authorization": f"Bearer {person.tokens['accessToken']}"}
    plain = token | {"content-type": "text/plain"}
    assert person.http.get("/api/v5/sessions", headers=plain).status_code == 200
    assert person.http.post("/api/v5/sessions", headers=plain).status_code == 201
    assert person.http.delete("/api/v5/sessions", headers=plain).status_code == 200

    zipped = token | JSON | {"content-encoding": "gzip"}
    for headers, content in ((plain, b"{}"), (token, b"{}"), (zipped, gzip.compress(b"{}"))):
        answer = person.http.post("/api/v5/sessions", headers=headers, content=content)
        assert (answer.status_code, error_of(answer)["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


# Two contradicting lengths: the next hop could take the rest for a second request.
SMUGGLED = (
    b"POST /api/v5/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n"
    b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n"
)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /api/v5/health HTTP/1.1\r\nhost: x\r\nbad header\x00: y\r\n\r\n",
        b"NONSENSE\r\n\r\n",
        b"GET /api/v5/sessions/%00 HTTP/1.1\r\nhost: x\r\n\r\n",
        SMUGGLED,
        b"GET /../../etc/passwd HTTP/1.1\r\nhost: x\r\n\r\n",
    ],
    ids=["NUL in header", "no HTTP", "NUL in path", "smuggling", "dots"],
)
def test_raw_garbage(laptop: Laptop, request_bytes: bytes) -> None:
    """Bytes that are not a valid request get a 4xx, or the connection is closed."""
    with socket.create_connection(("127.0.0.1", laptop.settings.port), timeout=30) as raw:
        raw.sendall(request_bytes)
        raw.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: raw.recv(65536), b""))

    assert answer == b"" or re.match(rb"HTTP/1\.1 4\d\d ", answer)
    assert not INTERNAL.search(answer.partition(b"\r\n\r\n")[2].decode())


def test_health_and_ready_have_exact_bodies(http: httpx.Client) -> None:
    """The two probes return exactly the specified bodies."""
    health, ready = http.get("/api/v5/health"), http.get("/api/v5/ready")

    assert health.text == (
        '{"success":true,"data":{"service":"coditect-v5-api","status":"healthy"}}'
    )
    assert ready.text == '{"success":true,"data":{"status":"ready"}}'


@pytest.mark.parametrize("key", ["", "x" * 129, "caf\u00e9"])
def test_bad_idempotency_keys(person: Person, key: str) -> None:
    """An idempotency key is 1 to 128 printable ASCII characters."""
    answer = person.call("POST", "/sessions", {}, headers={"idempotency-key": key.encode()})

    assert answer.status_code == 400
    assert error_of(answer)["code"] in {"IDEMPOTENCY_KEY_INVALID", "MALFORMED_REQUEST"}
