"""What reaches the gateway: bodies, forms, addresses and headers, through the real Envoy with its scripts in Lua.

One Envoy runs as long as the fuzzer. Python's reader of JSON is the second opinion on each body.
"""

import atexit
import http.client
import json
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NoReturn

from google.protobuf import json_format

from tests.fuzz.target import target
from tests.gateway.environment import Environment, Raw, open_environment

_PATH = "/api/v5/sessions"
_LIMITS = {"UNKNOWN_FIELD", "INVALID_REQUEST"}
"""What is said of JSON that is good, and is not what the method takes."""
_OURS = frozenset(range(200, 500)) | {501, 505}
_LINE = b"POST /api/v5/sessions HTTP/1.1"


@cache
def _gateway() -> Environment:
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(open_environment(Path(mkdtemp(prefix="coditect-fuzz-"))))


@cache
def _bearer() -> str:
    """A token that is good for as long as the fuzzer runs."""
    return f"Bearer {_gateway().key.token(exp=4_000_000_000)}"


@target
def json_bodies(data: bytes) -> None:
    """JSON in Lua: what is taken is JSON to Python, too, and reaches the service as the same values."""
    for body, is_value in ((data, False), (b'{"state":{"a":' + data + b"}}", True)):
        _check_body(body, is_value=is_value)


def _check_body(body: bytes, *, is_value: bool) -> None:
    gateway = _gateway()
    gateway.backend.calls.clear()
    answer = gateway.client.post(
        _PATH,
        content=body,
        headers={"authorization": _bearer(), "content-type": "application/json"},
    )
    if answer.status_code == 201:
        if body:
            said = _read(body)
            assert said is not None, "Python reads no JSON in what is taken"
            _check_state(said, gateway)
        return
    assert answer.status_code == 400, answer.text
    code = answer.json()["error"]["code"]
    if is_value and code not in _LIMITS:
        assert code == "MALFORMED_REQUEST", code
        assert _read(body) is None, "what Python reads as JSON is refused as none"


def _check_state(said: dict[str, Any], gateway: Environment) -> None:
    """That the service has got the state that Python reads."""
    (call,) = gateway.backend.client_calls
    got = json_format.MessageToDict(call.request.state)
    assert got == (said.get("state") or {}), "the service gets another state"


def _read(body: bytes) -> dict[str, Any] | None:
    """A body that is one object by RFC 8259, with each name once; None for any other one."""

    def refuse(_: str) -> NoReturn:
        raise ValueError

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError
        return found

    with suppress(ValueError, RecursionError):
        text = body.decode()
        found = json.loads(text, parse_constant=refuse, object_pairs_hook=once, parse_int=float)
        json.dumps(found, ensure_ascii=False).encode()  # raises for half a character
        return found if isinstance(found, dict) and not text.startswith("\ufeff") else None
    return None


@target
def raw_requests(data: bytes) -> None:
    """Whole requests, of any bytes: each gets an answer of ours, or the connection is closed."""
    gateway = _gateway()
    head, _, body = data.partition(b"\n\n")
    first, *headers = head.split(b"\n")
    lines = [
        first or _LINE,
        b"host: localhost",
        b"connection: close",
        b"authorization: " + _bearer().encode(),
        *headers,
        b"content-length: %d" % len(body),
    ]
    try:
        answer = gateway.raw(b"\r\n".join(lines) + b"\r\n\r\n" + body)
    except (http.client.HTTPException, ConnectionError, TimeoutError):
        assert gateway.process.poll() is None, "Envoy has died"
        return
    _check_answer(answer)


def _check_answer(answer: Raw) -> None:
    assert answer.status in _OURS, f"{answer.status} {answer.body[:500]!r}"
    kind = {name.lower(): value for name, value in answer.headers.items()}.get("content-type", "")
    if answer.status >= 400 and kind.startswith("application/json"):
        said = answer.json
        assert ("success" in said) != ("error" in said and isinstance(said["error"], str))
