"""What the desk makes of the answers of the API."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ops.desk.failures import DeskFailed, LoginEnded, Refused
from ops.desk.login import log_out, open_desk
from ops.desk.state import Saved, State

TOKENS = {"tokens": {"accessToken": "access", "refreshToken": "next"}}
STALE = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    "metadata": {"maxAgeSeconds": "300", "proof": "second_factor"},
}
BAD = {
    "@type": "type.googleapis.com/google.rpc.BadRequest",
    "fieldViolations": [
        {"field": "reason", "description": "Must not be empty.", "reason": "REQUIRED"}
    ],
}

Answer = tuple[int, dict[str, Any]]


def good(data: object) -> Answer:
    """An answer with data."""
    return 200, {"success": True, "data": data}


def refusal(status: int, code: str, *details: dict[str, Any]) -> Answer:
    """An answer that refuses a call."""
    error = {"code": code, "message": "No.", "details": [*details], "requestId": "id"}
    return status, {"success": False, "error": error}


@contextmanager
def answering(**answers: list[Answer]) -> Iterator[tuple[str, list[str]]]:
    """A server that gives these answers, by the last part of the path; its URL, and what was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            name = self.path.rpartition("/")[2]
            asked.append(name)
            status, body = answers[name].pop(0)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def state(tmp_path: Path) -> State:
    """Where the login is kept."""
    return State(tmp_path)


def test_a_proof_that_is_too_old(state: State) -> None:
    """The desk asks for a code, and calls again."""
    disable = [refusal(403, "REAUTHENTICATION_REQUIRED", STALE), good({"userId": "x"})]
    again = [good({"tokens": {"accessToken": "newer", "refreshToken": "newest"}})]
    with answering(refresh=[good(TOKENS)], disable=disable, reauthenticate=again) as (url, asked):
        state.write(Saved(url, "first", "device"))
        with open_desk(state, lambda _: "123456") as desk:
            assert desk.call("POST", "/operator/users/x/disable") == {"userId": "x"}
    assert asked == ["refresh", "disable", "reauthenticate", "disable"]
    saved = state.read()
    assert saved is not None
    assert saved.refresh_token == "newest"


def test_what_is_wrong_with_a_request(state: State) -> None:
    """The message names the fields and the figures."""
    disable = [refusal(400, "INVALID_REQUEST", BAD, STALE)]
    with answering(refresh=[good(TOKENS)], disable=disable) as (url, _):
        state.write(Saved(url, "first", "device"))
        with open_desk(state, str) as desk, pytest.raises(Refused) as refused:
            desk.call("POST", "/operator/users/x/disable")
    assert str(refused.value).splitlines()[1:] == [
        "  reason: Must not be empty.",
        "  maxAgeSeconds: 300",
        "  proof: second_factor",
    ]


@pytest.mark.parametrize("status", [429, 503])
def test_a_logout_while_the_service_is_away(state: State, status: int) -> None:
    """It fails, and the login is kept: the server has it, too."""
    with answering(refresh=[refusal(status, "STORAGE_UNAVAILABLE")]) as (url, _):
        state.write(Saved(url, "first", "device"))
        with pytest.raises(DeskFailed) as failed:
            log_out(state)
    assert not isinstance(failed.value, LoginEnded)
    assert state.read() == Saved(url, "first", "device")


def test_a_logout_of_a_login_that_has_ended(state: State) -> None:
    """It is forgotten."""
    with answering(refresh=[refusal(401, "REFRESH_TOKEN_INVALID")]) as (url, _):
        state.write(Saved(url, "first", "device"))
        log_out(state)
    assert state.read() is None
