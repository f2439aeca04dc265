"""Forms, which one method ignores and all others refuse."""

from typing import Any

import pytest

from tests.gateway.environment import Environment

PATH = "/api/v5/sessions"
CLICK = "/api/v5/invitations/emails/opt-out/one-click?token=x"


@pytest.mark.parametrize(
    "form",
    [
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"content": b"", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        {"content": b"\xff{", "headers": {"content-type": "Multipart/Form-Data ; boundary=x"}},
        {},
    ],
)
def test_a_form_is_ignored_where_one_is_expected(
    gateway: Environment, form: dict[str, Any]
) -> None:
    """Whatever it holds: a mail program posts one when its user stops the emails (RFC 8058)."""
    answer = gateway.call("POST", CLICK, **form)
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    assert gateway.backend.last("OptOutByOneClick").request.token == "x"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (PATH, {"data": {"name": "x"}}, 415),
        (CLICK, {"content": b"x", "headers": {"content-type": "text/plain"}}, 415),
        (CLICK, {"json": {"token": "y"}}, 400),
    ],
)
def test_a_form_is_refused_elsewhere(
    gateway: Environment, path: str, body: dict[str, Any], status: int
) -> None:
    """So is anything else where a form is expected: the token comes from the address alone."""
    assert gateway.call("POST", path, **body).status_code == status
    assert gateway.backend.client_calls == []
