"""What the command prints, whatever a server sends."""

from collections import deque
from typing import Any

import pytest

from tests.clients.cli.command import Command
from tests.clients.cli.small_server import SmallServer, envelope_error

NAME = "a\x1b]0;owned\x07b\u202ec\nd"
SESSION = {
    "sessionId": "84df8412-f3c6-57b0-a6fd-8e6103af76ee",
    "name": NAME,
    "workspacePath": "",
    "createTime": "2026-01-15T09:30:00Z",
    "lastActiveTime": "2026-01-15T09:30:00Z",
    "expireTime": "2026-01-22T09:30:00Z",
}


def test_a_name_cannot_move_the_cursor(logged_in: Command, server: SmallServer) -> None:
    """Text has no control characters, even those of a server; JSON has them escaped."""
    page = {"sessions": [SESSION], "nextPageToken": ""}
    server.scripted["/api/v5/sessions"] = deque([(200, {"success": True, "data": page})] * 2)
    lines = logged_in("sessions", "list").out.splitlines()
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)
    assert logged_in("sessions", "list", "--json").json["sessions"][0]["name"] == NAME


def test_a_message_cannot_move_the_cursor(logged_in: Command, server: SmallServer) -> None:
    """An error stays one line of text."""
    server.scripted["/api/v5/auth/me"] = deque([(409, envelope_error("X", "a\x1b[2Jb\r\nc"))])
    done = logged_in("whoami")
    assert done.code == 1
    assert done.err.rstrip("\n").isprintable()


def test_an_error_names_what_is_missing(logged_in: Command, server: SmallServer) -> None:
    """The fields, and what else the API says of the error, such as a scope or a limit."""
    refused = {"fieldViolations": [{"field": "name", "reason": "TOO_LONG"}]}
    missing = {"reason": "SCOPE_MISSING", "metadata": {"scopes": "account:read"}}
    answer = envelope_error("SCOPE_MISSING", "No.", refused, missing)
    server.scripted["/api/v5/auth/me"] = deque([(403, answer)])
    done = logged_in("whoami")
    assert done.code == 1
    assert "No. (name: TOO_LONG, scopes: account:read) [SCOPE_MISSING" in done.err


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((500, envelope_error("INTERNAL", "It failed.")), "INTERNAL"),
        ((503, envelope_error("AUTH_UNAVAILABLE", "Later.")), "AUTH_UNAVAILABLE"),
        ((302, {}), "UNAVAILABLE"),
        ((200, {"hello": "world"}), "UNAVAILABLE"),
        ((200, ["hello"]), "UNAVAILABLE"),
        ((200, None), "UNAVAILABLE"),
    ],
)
def test_an_answer_that_cannot_be_used(
    logged_in: Command, server: SmallServer, answer: tuple[int, Any], code: str
) -> None:
    """Whatever comes back, the command ends with a code and no traceback, and follows nothing."""
    server.scripted["/api/v5/auth/me"] = deque([answer])
    done = logged_in("whoami", "--json")
    assert done.error["code"] == code
    assert done.code == 4
    assert len(done.err.splitlines()) == 1
