"""The comparison of responses with the document detects undocumented ones."""

from typing import Any

import httpx
import pytest

from tests.support.openapi import conforms

ID = "6f1c1f3e-52a1-4f0e-9d8e-3d5a3c0e0001"
TIME = "2026-01-15T09:30:00Z"
TENANT = {
    "tenantId": ID, "name": "Acme", "slug": "acme", "kind": "organization", "role": "owner",
    "state": "active", "createTime": TIME,
}  # fmt: skip


def _answered(path: str, status: int, body: Any, verb: str = "GET") -> httpx.Response:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, json=body)

    hooks = {"response": [conforms]}
    transport = httpx.MockTransport(answer)
    with httpx.Client(base_url="http://x", transport=transport, event_hooks=hooks) as client:
        return client.request(verb, path)


def _error(code: str, details: Any = ()) -> dict[str, Any]:
    error = {"code": code, "message": "Words.", "details": list(details), "requestId": "1"}
    return {"success": False, "error": error}


def _success(**changes: Any) -> dict[str, Any]:
    data = {name: value for name, value in (TENANT | changes).items() if value is not None}
    return {"success": True, "data": data}


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        (f"/api/v5/tenants/{ID}", 200, _success()),
        (f"/api/v5/tenants/{ID}?x=1", 404, _error("TENANT_NOT_FOUND")),
        ("/api/v5/nothing", 404, _error("ROUTE_NOT_FOUND")),
        ("/api/v5/health", 405, _error("METHOD_NOT_ALLOWED")),
    ],
)
def test_documented_responses_pass(path: str, status: int, body: Any) -> None:
    """Documented responses pass, and so does the refusal of an unknown operation."""
    verb = "PUT" if status == 405 else "GET"
    assert _answered(path, status, body, verb).status_code == status


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (409, _error("STORAGE_CONFLICT")),
        (404, _error("SESSION_NOT_FOUND")),
        (403, _error("TENANT_NOT_FOUND")),
        (404, _error("TENANT_NOT_FOUND", [{"@type": "x"}])),
        (200, _success(role="king")),
        (200, _success(createTime=None)),
        (200, _success(secret="x")),
        (200, TENANT),
    ],
)
def test_undocumented_responses_are_detected(status: int, body: Any) -> None:
    """It detects an undocumented status, code, detail, value and member, and a missing member."""
    with pytest.raises(AssertionError, match="getTenant"):
        _answered(f"/api/v5/tenants/{ID}", status, body)


def test_other_codes_at_other_addresses() -> None:
    """An undocumented address must not return an operation's code."""
    with pytest.raises(AssertionError, match="is not documented and answered TENANT_NOT_FOUND"):
        _answered("/api/v5/nothing", 404, _error("TENANT_NOT_FOUND"))
