"""Endpoints of OAuth: forms, what they ignore, and the errors of the RFCs."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from google.rpc import code_pb2, error_details_pb2

from gateway.oauth_errors import ERRORS
from tests.gateway.backend import failure
from tests.gateway.environment import WHERE, Environment, open_environment
from tests.gateway.trial.contract import TrialService, trial_contract

FORM = "/trial/form"
TYPE = {"content-type": "application/x-www-form-urlencoded"}


def _post(made: Environment, content: str | bytes, **headers: str) -> httpx.Response:
    return made.client.post(FORM, content=content, headers=TYPE | headers)


@pytest.mark.parametrize(
    ("content", "request_"),
    [
        ("grant_type=a+b&code=%22%5c%0A%C3%A9", {"grant_type": "a b", "code": '"\\\né'}),
        ("code=a%2Bb%26c%3Dd", {"code": "a+b&c=d"}),
        ("code=a=b", {"code": "a=b"}),
        ("code=%00", {"code": "\0"}),
        ("c%6Fde=x", {"code": "x"}),
        ("grant_type=&code=x", {"code": "x"}),
        ("code", {}),
        ("&&code=x&", {"code": "x"}),
        ("grantType=x&code=x", {"code": "x"}),
        ("unknown=x&unknown=y&resource[]=z&code=x", {"code": "x"}),
        ("resource=x&resource=&resource=y", {"resource": ["x", "y"]}),
        ("max_age=3600", {"max_age": 3600}),
        ("", {}),
    ],
)
def test_a_form_is_read(
    trial_gateway: Environment, trial: TrialService, content: str, request_: dict[str, Any]
) -> None:
    """Parameters that are unknown or empty are ignored (RFC 6749, section 3.1)."""
    assert _post(trial_gateway, content).status_code == 200
    assert trial.requests["Form"] == request_


def test_a_query_beside_a_form_is_ignored(trial_gateway: Environment, trial: TrialService) -> None:
    """The parameters of a form come from the body alone, so no credential is sent in an address."""
    address = f"{FORM}?code=x&unknown=y"
    assert trial_gateway.client.post(address, data={"grant_type": "a"}).status_code == 200
    assert trial.requests["Form"] == {"grant_type": "a"}


@pytest.mark.parametrize(
    ("content", "status", "description"),
    [
        ("code=x&code=y", 400, "The request cannot be read. (code)"),
        ("code=x&c%6Fde=x", 400, "The request cannot be read. (code)"),
        ("code=&code=x", 400, "The request cannot be read. (code)"),
        ("code=%zz", 400, "The request cannot be read."),
        ("code=%f", 400, "The request cannot be read."),
        ("code=%ff", 400, "The request cannot be read."),
        ("max_age=x", 400, "The request cannot be read."),
        ("&".join(f"resource={n}" for n in range(300)), 400, "The request cannot be read."),
        ("code=" + "x" * 70_000, 413, "The body is too large."),
    ],
)
def test_a_bad_form_is_refused(
    trial_gateway: Environment, trial: TrialService, content: str, status: int, description: str
) -> None:
    """So is one with a parameter twice. The refusal has the form of the RFC."""
    answer = _post(trial_gateway, content)
    assert answer.status_code == status
    assert answer.json() == {"error": "invalid_request", "error_description": description}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert not trial.requests


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {"code": "x"}},
        {"files": {"code": (None, "x")}},
        {"content": "code=x"},
        {"content": "code=x", "headers": TYPE | {"content-encoding": "gzip"}},
    ],
)
def test_only_a_form_is_taken(
    trial_gateway: Environment, trial: TrialService, sent: dict[str, Any]
) -> None:
    """An endpoint that takes a form takes nothing else, and says what it takes."""
    answer = trial_gateway.client.post(FORM, **sent)
    assert answer.status_code == 415
    assert answer.json()["error"] == "invalid_request"
    assert "application/x-www-form-urlencoded" in answer.json()["error_description"]
    assert not trial.requests


def test_the_answer_has_no_envelope(trial_gateway: Environment, trial: TrialService) -> None:
    """A success is the message alone, without what is not set."""
    assert _post(trial_gateway, "").json() == {"active": False}
    trial.answers["Form"] = {"access_token": "x", "active": True}
    assert _post(trial_gateway, "").json() == {"access_token": "x", "active": True}


@pytest.mark.parametrize(
    ("code", "reason", "status", "error"),
    [
        (code_pb2.INVALID_ARGUMENT, "INVALID_GRANT", 400, "invalid_grant"),
        (code_pb2.INVALID_ARGUMENT, "AUTHORIZATION_PENDING", 400, "authorization_pending"),
        (code_pb2.FAILED_PRECONDITION, "SLOW_DOWN", 400, "slow_down"),
        (code_pb2.UNAUTHENTICATED, "INVALID_CLIENT", 401, "invalid_client"),
        (code_pb2.INVALID_ARGUMENT, "INVALID_REQUEST", 400, "invalid_request"),
        (code_pb2.NOT_FOUND, "TENANT_NOT_FOUND", 404, "invalid_request"),
        (code_pb2.INVALID_ARGUMENT, "", 400, "invalid_request"),
        (code_pb2.RESOURCE_EXHAUSTED, "HASHING_BUSY", 429, "temporarily_unavailable"),
        (code_pb2.UNAVAILABLE, "STORAGE_UNAVAILABLE", 503, "temporarily_unavailable"),
        (code_pb2.DEADLINE_EXCEEDED, "", 504, "temporarily_unavailable"),
        (code_pb2.INTERNAL, "INTERNAL", 500, "server_error"),
        (code_pb2.UNKNOWN, "INVALID_GRANT", 500, "server_error"),
    ],
)
def test_errors_of_a_service(
    trial_gateway: Environment, trial: TrialService, code: int, reason: str, status: int, error: str
) -> None:
    """The reason is the error if an RFC has it; any other becomes one that the RFC has."""
    trial.answers["Form"] = failure(code, reason)
    answer = _post(trial_gateway, "code=x")
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert set(answer.json()) == {"error", "error_description"}
    assert ("retry-after" in answer.headers) == (error == "temporarily_unavailable")
    assert "grpc-status-details-bin" not in answer.headers


def test_every_error_has_its_name(trial_gateway: Environment, trial: TrialService) -> None:
    """Each error of the registry passes under its own name."""
    for reason, error in ERRORS.items():
        trial.answers["Form"] = failure(code_pb2.INVALID_ARGUMENT, reason)
        assert _post(trial_gateway, "").json()["error"] == error


def test_a_client_learns_how_to_authenticate(
    trial_gateway: Environment, trial: TrialService
) -> None:
    """A client that is not known gets the challenge of its scheme (RFC 6749, section 5.2)."""
    trial.answers["Form"] = failure(code_pb2.UNAUTHENTICATED, "INVALID_CLIENT")
    answer = _post(trial_gateway, "code=x", authorization="Basic eDp5")
    assert answer.headers["www-authenticate"] == 'Basic realm="coditect"'
    assert trial.received["Form"]["authorization"] == "Basic eDp5"


def test_a_description_is_plain(trial_gateway: Environment, trial: TrialService) -> None:
    """A description has neither quotes nor backslashes, and names the field that is wrong."""
    violation = error_details_pb2.BadRequest.FieldViolation(field="grant_type")
    details = [error_details_pb2.BadRequest(field_violations=[violation])]
    message = 'Say "x" \\ é.'
    trial.answers["Form"] = failure(code_pb2.INVALID_ARGUMENT, "INVALID_REQUEST", details, message)
    description = _post(trial_gateway, "").json()["error_description"]
    assert description == "Say 'x' ' ??. (grant_type)"


@pytest.mark.parametrize(
    ("headers", "challenge"),
    [
        ({}, f"Bearer {WHERE}"),
        ({"authorization": "Basic eDp5"}, f"Bearer {WHERE}"),
        ({"authorization": "Bearer x"}, f'Bearer error="invalid_token", {WHERE}'),
    ],
)
def test_a_token_is_refused(
    trial_gateway: Environment, trial: TrialService, headers: dict[str, str], challenge: str
) -> None:
    """Envoy's own refusal of a token has the form of OAuth, too (RFC 6750, section 3)."""
    answer = trial_gateway.client.post("/trial/claims", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert answer.headers["www-authenticate"] == challenge
    assert not trial.requests


@pytest.mark.parametrize(
    ("code", "reason", "scopes", "error", "challenge"),
    [
        (16, "ACCESS_TOKEN_REVOKED", "", "invalid_token", f'error="invalid_token", {WHERE}'),
        (7, "SCOPE_MISSING", "openid", "insufficient_scope",
         f'error="insufficient_scope", scope="openid", {WHERE}'),
        (7, "SCOPE_MISSING", "login", "insufficient_scope",
         f'error="insufficient_scope", {WHERE}'),
    ],
)  # fmt: skip
def test_a_service_refuses_a_token(
    trial_gateway: Environment,
    trial: TrialService,
    code: int,
    reason: str,
    scopes: str,
    error: str,
    challenge: str,
) -> None:
    """So has the refusal of a service, which names the scope that a program can ask for."""
    info = error_details_pb2.ErrorInfo(reason=reason, metadata={"scopes": scopes})
    trial.answers["Claims"] = failure(code, details=[info])
    answer = trial_gateway.call("POST", "/trial/claims")
    assert answer.json()["error"] == error
    assert answer.headers["www-authenticate"] == f"Bearer {challenge}"


def test_an_unknown_method_has_the_form(trial_gateway: Environment, trial: TrialService) -> None:
    """A verb that the endpoint does not take is refused in the form of OAuth."""
    answer = trial_gateway.client.get(FORM)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json()["error"] == "invalid_request"
    assert not trial.requests


def test_a_limit_has_the_form(tmp_path: Path) -> None:
    """Envoy's own limits answer in the form of OAuth, with the time to wait."""
    served = trial_contract(tmp_path)
    service = TrialService(served)
    with open_environment(
        tmp_path, served=served, extra=[service.handler], credential_rate=1
    ) as made:
        assert _post(made, "code=x").status_code == 200
        answer = _post(made, "code=x")
        assert (answer.status_code, answer.json()["error"]) == (429, "temporarily_unavailable")
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.headers["ratelimit"].startswith('"address";r=0')
        made.backend.stop("auth")
        answer = made.client.post("/trial/json", json={})
        assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")


def test_json_may_have_more(trial_gateway: Environment, trial: TrialService) -> None:
    """Where JSON is taken, members that the request does not have are ignored at every depth."""
    body = {"code": "x", "unknown": {"deep": [1]}, "resource": ["y"], "grant_type": None}
    answer = trial_gateway.client.post("/trial/json", json=body)
    assert answer.status_code == 201
    assert trial.requests["Json"] == {"code": "x", "resource": ["y"]}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"content": "{'code':'x'}", "headers": {"content-type": "application/json"}}, 400),
        ({"content": '{"code":1e999}', "headers": {"content-type": "application/json"}}, 400),
        ({"content": '{"a":1,"a":2}', "headers": {"content-type": "application/json"}}, 400),
        ({"data": {"code": "x"}}, 415),
    ],
)
def test_bad_json_is_refused(
    trial_gateway: Environment, trial: TrialService, sent: dict[str, Any], status: int
) -> None:
    """What is no JSON, or a form instead of it, is refused in the form of OAuth."""
    answer = trial_gateway.client.post("/trial/json", **sent)
    assert (answer.status_code, answer.json()["error"]) == (status, "invalid_request")
    assert not trial.requests
