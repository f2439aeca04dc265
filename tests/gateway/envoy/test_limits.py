"""Requests that are too large, too many or malformed."""

import socket
import time
from pathlib import Path

import pytest

from tests.gateway.environment import SESSION_ID, Environment, open_environment
from tests.support.promises import within

PATH = "/api/v5/sessions"
JSON = {"content-type": "application/json"}
ONE, OTHER = SESSION_ID, "7" * 8 + SESSION_ID[8:]


@pytest.mark.parametrize(
    "content",
    [
        b'{"name":',
        b'{"name":"\xff\xfe"}',
        b'{"name":{}}',
        b'{"name":[1]}',
        b'{"state":"text"}',
        b"[" * 60_000,
        b'{"name":' + b"[" * 60_000,
        b'{"name":' + b"[" * 200 + b"]" * 200 + b"}",
        b'{"name":[' + b"0," * 20_000 + b"0]}",
        b'"text"',
        b"[]",
        b"{} {}",
        b'{"name":"a"} trailing',
        b"name=a",
        b"\x00\x01\x02",
        b'{"name":"\\ud800"}',
        b"{'name':'a'}",
        b'{name:"a"}',
        b'{"name":"a",}',
        b'{"name":a}',
        b'{"name":"a","name":"b"}',
    ],
)
def test_malformed_bodies_are_refused(gateway: Environment, content: bytes) -> None:
    """A body that is not the message in JSON gets a 400 that quotes no input."""
    answer = gateway.call("POST", PATH, content=content, headers=JSON)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] | {"requestId": ""} == {
        "code": "MALFORMED_REQUEST",
        "message": "The request cannot be read.",
        "details": [],
        "requestId": "",
    }
    assert gateway.backend.count("CreateSession") == 0


@pytest.mark.parametrize("blank", ["%20", "+"])
def test_a_blank_in_a_query_is_read_in_both_forms(gateway: Environment, blank: str) -> None:
    """The order of a list has a blank, which browsers and other clients write differently."""
    answer = gateway.call("GET", f"{PATH}?orderBy=lastActiveTime{blank}desc&pageToken=a%2Bb")
    assert answer.status_code == 200
    request = gateway.backend.last("ListSessions").request
    assert (request.order_by, request.page_token) == ("lastActiveTime desc", "a+b")


@pytest.mark.parametrize(
    "text",
    [
        "%ff", "%80", "%C3", "%E2%82",
        "%C0%AF", "%C1%BF", "%E0%80%AF", "%E0%9F%BF", "%F0%80%80%AF", "%F0%8F%BF%BF",  # overlong
        "%ED%A0%80", "%ED%BF%BF",  # surrogates
        "%F4%90%80%80", "%F5%80%80%80",  # beyond U+10FFFF
    ],
)  # fmt: skip
def test_addresses_are_utf8(gateway: Environment, text: str) -> None:
    """An address that is not UTF-8 gets a 400, in the path and in the query."""
    for path in (f"{PATH}/{text}", f"{PATH}?scope={text}"):
        answer = gateway.call("GET", path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "MALFORMED_REQUEST")


@pytest.mark.parametrize(
    "text",
    ["a", "\x80", "é", "\u07ff", "\u0800", "€", "\ud7ff", "\ue000", "\uffff", "\U00010000", "😀",
     "\U0010ffff", "a%b"],
)  # fmt: skip
def test_any_text_is_accepted(gateway: Environment, text: str) -> None:
    """Any UTF-8 text reaches the service unchanged."""
    gateway.call("GET", PATH, params={"scope": text})
    assert gateway.backend.last("ListSessions").request.scope == text


def test_queries_reach_the_service(gateway: Environment) -> None:
    """Query parameters in lowerCamelCase become fields."""
    gateway.call("GET", f"{PATH}?pageSize=7&pageToken=a%2Bb&scope=tenant")
    request = gateway.backend.last("ListSessions").request
    assert (request.page_size, request.page_token, request.scope) == (7, "a+b", "tenant")


def test_a_path_variable_cannot_be_overruled(gateway: Environment) -> None:
    """The body cannot set an id that is in the path."""
    answer = gateway.call("PATCH", f"{PATH}/{SESSION_ID}", json={"sessionId": "other"})
    assert answer.status_code == 400


def test_large_bodies_are_refused(gateway: Environment) -> None:
    """A body over 96 KiB gets a 413, however it is sent; a smaller one passes."""
    big = b'{"name":"' + b"a" * 98_294 + b'"}'
    for content in (big, iter([big[:50_000], big[50_000:]])):
        answer = gateway.call("POST", PATH, content=content, headers=JSON)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "BODY_TOO_LARGE")
        assert "retry-after" not in answer.headers
    assert gateway.backend.count("CreateSession") == 0
    fits = big.replace(b"aa", b"a", 1)
    assert gateway.call("POST", PATH, content=fits, headers=JSON).status_code == 201


def test_bodies_without_a_state_are_small(gateway: Environment) -> None:
    """Routes without an object of the client have a smaller limit, bodies of a GET too."""
    big = b'{"email":"' + b"a" * 70_000 + b'"}'
    answer = gateway.client.post("/api/v5/auth/login", content=big, headers=JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "BODY_TOO_LARGE")
    assert gateway.backend.count("Login") == 0
    answer = gateway.client.post("/api/v5/auth/login", content=big[:60_000] + b'"}', headers=JSON)
    assert answer.status_code == 200
    answer = gateway.call("GET", PATH, content=big, headers=JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "BODY_TOO_LARGE")


def test_large_headers_are_refused(gateway: Environment) -> None:
    """Headers over 60 kB get a 431."""
    answer = gateway.call("GET", PATH, headers={"x-big": "a" * 100_000})
    assert (answer.status_code, answer.json()["error"]["code"]) == (431, "HEADERS_TOO_LARGE")


def test_many_headers_are_refused(gateway: Environment) -> None:
    """More than 100 headers get a 431 that names this limit, however small they are."""
    for count in (101, 99):
        answer = gateway.call("GET", PATH, headers={f"x-{n}": "a" for n in range(count)})
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (431, "TOO_MANY_HEADERS")
        assert error["message"] == "There are more headers than the limit of 100."
    assert gateway.call("GET", PATH, headers={f"x-{n}": "a" for n in range(90)}).is_success


@pytest.mark.parametrize(
    "text",
    [
        b"garbage\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /api/v5/health HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n",
        b"GET /api/v5/health HTTP/1.1\r\nhost: a\r\nx: \x01\r\n\r\n",
        b"GET http:// HTTP/1.1\r\nhost: a\r\n\r\n",
        b"POST /api/v5/auth/login HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n",
        b"POST /api/v5/auth/login HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}",
        b'GET /a%2Fb HTTP/1.1\r\nhost: a\r\nx-request-id: a"b\\\r\n\r\n',
    ],
)
def test_malformed_requests_get_the_envelope(gateway: Environment, text: bytes) -> None:
    """Bytes that are not a request also get the envelope, as valid JSON."""
    answer = gateway.raw(text)
    assert answer.status == 400
    assert answer.json["error"]["code"] == "MALFORMED_REQUEST"
    assert answer.headers["content-type"] == "application/json"
    assert answer.json["error"]["requestId"]


def test_a_request_without_an_id_is_found_by_its_connection(gateway: Environment) -> None:
    """The envelope of an unparsed request names its connection, and so does the log."""
    answer = gateway.call("GET", PATH, headers={"x-big": "a" * 100_000})
    name = answer.json()["error"]["requestId"]
    assert name.startswith("connection-")
    assert gateway.logged(f'"{name}"')["connection"] == name


def test_connect_is_refused(gateway: Environment) -> None:
    """The gateway does not act as a proxy."""
    answer = gateway.raw("CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n")
    assert (answer.status, answer.json["error"]["code"]) == (403, "FORBIDDEN")


def test_upgrades_are_refused(gateway: Environment) -> None:
    """A request for another protocol is refused."""
    answer = gateway.raw(
        f"GET {PATH} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
        f"authorization: {gateway.bearer['authorization']}\r\n\r\n"
    )
    assert (answer.status, answer.json["error"]["code"]) == (403, "FORBIDDEN")


def test_calls_with_credentials_are_limited(tmp_path: Path) -> None:
    """Each address has its own number of logins per minute; other calls are not counted."""
    with open_environment(tmp_path, credential_rate=3, trusted_proxies=1) as made:

        def login(address: str) -> int:
            headers = {"x-forwarded-for": f"1.1.1.1, {address}"}
            return made.client.post("/api/v5/auth/login", json={}, headers=headers).status_code

        assert [login("203.0.113.1") for _ in range(4)] == [200, 200, 200, 429]
        assert login("203.0.113.2") == 200
        answer = made.client.post(
            "/api/v5/auth/login", json={}, headers={"x-forwarded-for": "203.0.113.1"}
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "RATE_LIMITED")
        assert answer.headers["retry-after"] == "20"
        # An IPv6 customer owns a whole /64, which counts as one address.
        assert [login(f"2001:db8::{n}") for n in range(1, 5)] == [200, 200, 200, 429]
        assert all(made.call("GET", PATH).status_code == 200 for _ in range(10))


def test_an_untrusted_forwarded_address_is_not_believed(tmp_path: Path) -> None:
    """Without a trusted proxy, a client cannot choose the address that the limit counts."""
    with open_environment(tmp_path, credential_rate=2) as made:
        statuses = [
            made.client.post(
                "/api/v5/auth/login", json={}, headers={"x-forwarded-for": f"203.0.113.{n}"}
            ).status_code
            for n in range(4)
        ]
        assert statuses == [200, 200, 429, 429]


def test_a_slow_sender_is_cut_off(gateway: Environment) -> None:
    """A connection with unfinished headers is closed after ten seconds."""
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=60) as connection:
        began = time.monotonic()
        connection.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n")
        answer = connection.recv(4000)
        assert 5 < time.monotonic() - began < within(14)
    assert b"408" in answer
    assert b"GATEWAY_TIMEOUT" in answer
