"""The envelope of responses."""

import asyncio
import json
import re
from typing import Any

import grpc
import pytest
import yaml
from google.protobuf import any_pb2, struct_pb2, timestamp_pb2
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from coditect.auth.v5 import accounts_pb2, user_pb2
from coditect.sessions.v5 import sessions_pb2, sessions_pb2_grpc
from coditect.tenants.v5 import tenants_pb2
from tests.gateway.backend import failure
from tests.gateway.environment import SESSION_ID, Environment
from tests.support import openapi

PATH = f"/api/v5/sessions/{SESSION_ID}"


def _session() -> sessions_pb2.Session:
    state = struct_pb2.Struct()
    state.update({"tabs": ["a", 1, None, {"deep": True}]})
    return sessions_pb2.Session(
        session_id=SESSION_ID,
        name='quotes " and \\ and ü and \u2028',
        state=state,
        create_time=timestamp_pb2.Timestamp(seconds=1_700_000_000),
    )


def test_success_is_wrapped(gateway: Environment) -> None:
    """A message becomes `data`, with every field in lowerCamelCase, defaults included."""
    gateway.backend.answers["ListTenants"] = tenants_pb2.ListTenantsResponse(
        tenants=[tenants_pb2.Tenant(tenant_id="1", kind="self")]
    )
    answer = gateway.call("GET", "/api/v5/tenants")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json() == {
        "success": True,
        "data": {
            "tenants": [
                {"tenantId": "1", "name": "", "slug": "", "kind": "self", "role": "", "state": ""}
            ],
            "nextPageToken": "",
        },
    }


def test_errors_have_one_form(gateway: Environment) -> None:
    """Errors of the gateway and of services have the same members in the same order."""
    gateway.backend.answers["GetSession"] = failure(code_pb2.NOT_FOUND, "SESSION_NOT_FOUND")
    answers = [
        gateway.call("GET", PATH),
        gateway.call("GET", "/nothing"),
        gateway.client.get(PATH),
        gateway.call("GET", f"{PATH}?nope=1"),
        gateway.call("POST", "/api/v5/sessions", json={"nope": 1}),
        gateway.call("GET", PATH, headers={"x-big": "a" * 100_000}),
    ]
    form = re.compile(
        r'\{"success":false,"error":\{"code":"[A-Z_]+","message":"[^"]+","details":\[.*\],'
        r'"requestId":"[0-9a-z-]+"\}\}'
    )
    assert [answer.text for answer in answers if not form.fullmatch(answer.text)] == []


def test_response_body_is_unwrapped(gateway: Environment) -> None:
    """A method with a `response_body` responds with that field."""
    session = _session()
    gateway.backend.answers["GetSession"] = sessions_pb2.GetSessionResponse(session=session)
    data = gateway.call("GET", PATH).json()["data"]
    assert data["name"] == session.name
    assert data["state"] == {"tabs": ["a", 1, None, {"deep": True}]}
    assert data["createTime"] == "2023-11-14T22:13:20Z"
    assert data["revision"] == 0


def test_a_response_without_its_field_is_an_error(gateway: Environment) -> None:
    """A service that omits its `response_body` field causes an internal error."""
    gateway.backend.answers["GetSession"] = sessions_pb2.GetSessionResponse()
    answer = gateway.call("GET", PATH)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "INTERNAL")


def test_large_answers_arrive(gateway: Environment) -> None:
    """A response of several megabytes is wrapped like a small one."""
    big = sessions_pb2.Session(name="x" * 3_000_000)
    gateway.backend.answers["GetSession"] = sessions_pb2.GetSessionResponse(session=big)
    answer = gateway.call("GET", PATH)
    assert answer.json()["data"]["name"] == big.name


def test_create_answers_201(gateway: Environment) -> None:
    """A method marked as creating responds with 201, unless it fails."""
    answer = gateway.call("POST", "/api/v5/sessions", json={"name": "n", "state": {"a": [1]}})
    assert answer.status_code == 201
    request = gateway.backend.last("CreateSession").request
    assert (request.name, dict(request.state)["a"][0]) == ("n", 1)
    gateway.backend.answers["CreateSession"] = failure(
        code_pb2.RESOURCE_EXHAUSTED, "SESSION_LIMIT_REACHED"
    )
    assert gateway.call("POST", "/api/v5/sessions", json={}).status_code == 429


def test_keys_are_bare(gateway: Environment) -> None:
    """The key set has no envelope; its errors have one."""
    answer = gateway.client.get("/.well-known/jwks.json")
    assert answer.json()["keys"][0]["kid"] == gateway.key.kid
    assert "grpc-status" not in answer.headers
    gateway.backend.answers["GetJwks"] = failure(code_pb2.UNAVAILABLE, "STORAGE_UNAVAILABLE")
    answer = gateway.client.get("/.well-known/jwks.json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "STORAGE_UNAVAILABLE")


@pytest.mark.parametrize(
    ("code", "reason", "status"),
    [
        (code_pb2.INVALID_ARGUMENT, "INVALID_REQUEST", 400),
        (code_pb2.UNAUTHENTICATED, "BAD_CREDENTIALS", 401),
        (code_pb2.PERMISSION_DENIED, "ROLE_MISSING", 403),
        (code_pb2.NOT_FOUND, "SESSION_NOT_FOUND", 404),
        (code_pb2.ALREADY_EXISTS, "EMAIL_TAKEN", 409),
        (code_pb2.ABORTED, "STORAGE_CONFLICT", 409),
        (code_pb2.FAILED_PRECONDITION, "TENANT_NOT_ACTIVE", 400),
        (code_pb2.FAILED_PRECONDITION, "IDEMPOTENCY_KEY_REUSED", 422),
        (code_pb2.RESOURCE_EXHAUSTED, "SESSION_LIMIT_REACHED", 429),
        (code_pb2.UNAVAILABLE, "REVOCATIONS_STALE", 503),
        (code_pb2.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", 504),
        (code_pb2.OUT_OF_RANGE, "X", 400),
    ],
)
def test_reasons_become_codes(gateway: Environment, code: int, reason: str, status: int) -> None:
    """The reason of a service's error is the code, its message the message."""
    gateway.backend.answers["UpdateSession"] = failure(
        code, reason, message='With "quotes" \\ and ü.'
    )
    answer = gateway.call("PATCH", PATH, json={})
    assert answer.status_code == status
    assert answer.json() == {
        "success": False,
        "error": {
            "code": reason,
            "message": 'With "quotes" \\ and ü.',
            "details": [],
            "requestId": answer.headers["x-request-id"],
        },
    }
    assert not {"grpc-status", "grpc-message", "grpc-status-details-bin"} & set(answer.headers)
    if status in {429, 503, 504}:
        assert answer.headers["retry-after"] == "1"
    else:
        assert "retry-after" not in answer.headers


@pytest.mark.parametrize(
    ("code", "expected", "status"),
    [
        (code_pb2.CANCELLED, "UPSTREAM_UNAVAILABLE", 503),
        (code_pb2.UNKNOWN, "INTERNAL", 500),
        (code_pb2.INVALID_ARGUMENT, "MALFORMED_REQUEST", 400),
        (code_pb2.DEADLINE_EXCEEDED, "GATEWAY_TIMEOUT", 504),
        (code_pb2.NOT_FOUND, "NOT_FOUND", 404),
        (code_pb2.PERMISSION_DENIED, "FORBIDDEN", 403),
        (code_pb2.RESOURCE_EXHAUSTED, "UPSTREAM_UNAVAILABLE", 503),
        (code_pb2.UNIMPLEMENTED, "NOT_IMPLEMENTED", 501),
        (code_pb2.INTERNAL, "INTERNAL", 500),
        (code_pb2.UNAVAILABLE, "UPSTREAM_UNAVAILABLE", 503),
        (code_pb2.DATA_LOSS, "INTERNAL", 500),
        (code_pb2.UNAUTHENTICATED, "ACCESS_TOKEN_INVALID", 401),
    ],
)
def test_a_status_without_reason_says_nothing(
    gateway: Environment, code: int, expected: str, status: int
) -> None:
    """A status without a reason of ours gets a constant code and message."""
    gateway.backend.answers["UpdateSession"] = failure(code, message="secret 10.0.0.1")
    answer = gateway.call("PATCH", PATH, json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, expected)
    assert "secret" not in answer.text + str(answer.headers)


def test_a_message_over_a_limit_is_no_reason_to_wait(gateway: Environment) -> None:
    """What gRPC itself finds too large is too large, not too often."""

    def large(_: Any) -> Any:
        return failure(
            code_pb2.RESOURCE_EXHAUSTED,
            message="SERVER: Received message larger than max (5000000 vs. 4194304)",
        )

    gateway.backend.answers["UpdateSession"] = large
    answer = gateway.call("PATCH", PATH, json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "BODY_TOO_LARGE")
    assert answer.json()["error"]["message"] == "The body is too large."
    assert "retry-after" not in answer.headers


def test_a_real_server_refuses_a_message_over_its_limit(gateway: Environment) -> None:
    """The words of a real gRPC server are recognized; bodies that become so large do not exist."""
    request = sessions_pb2.CreateSessionRequest(name="x" * (5 << 20))
    with grpc.insecure_channel(f"127.0.0.1:{gateway.backend.ports['sessions']}") as channel:
        stub = sessions_pb2_grpc.SessionsServiceStub(channel)
        with pytest.raises(grpc.RpcError) as error:
            stub.CreateSession(request)
    assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "larger than max" in (error.value.details() or "")


def test_an_answer_over_the_limit_is_an_error(gateway: Environment) -> None:
    """A response of more than 8 MiB is the product's fault, not the client's."""
    big = sessions_pb2.Session(name="x" * (9 << 20))
    gateway.backend.answers["GetSession"] = sessions_pb2.GetSessionResponse(session=big)
    answer = gateway.call("GET", PATH)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "INTERNAL")
    assert "retry-after" not in answer.headers


def test_internal_errors_reveal_nothing(gateway: Environment) -> None:
    """The text and details of an internal error stay hidden, even if it has a reason."""
    gateway.backend.answers["GetSession"] = failure(
        code_pb2.INTERNAL,
        "SOMETHING",
        [error_details_pb2.Help(links=[{"url": "secret"}])],
        "secret",
    )
    answer = gateway.call("GET", PATH)
    assert answer.json()["error"] | {"requestId": ""} == {
        "code": "INTERNAL",
        "message": "Something went wrong on our side.",
        "details": [],
        "requestId": "",
    }


def test_exceptions_reveal_nothing(gateway: Environment) -> None:
    """The text of an exception that escapes a service stays inside."""

    def fail(_: object) -> Message:
        raise RuntimeError("secret")

    gateway.backend.answers["GetSession"] = fail
    answer = gateway.call("GET", PATH)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "INTERNAL")
    assert "secret" not in answer.text + str(answer.headers)


def test_details_for_clients_are_kept(gateway: Environment) -> None:
    """Field violations and metadata reach the client; internal details do not."""
    violation = {"field": "name", "description": 'Too "long" ].}', "reason": "TOO_LONG"}
    gateway.backend.answers["GetSession"] = failure(
        code_pb2.INVALID_ARGUMENT,
        "",
        [
            error_details_pb2.DebugInfo(detail="secret", stack_entries=["secret"]),
            error_details_pb2.RequestInfo(request_id="secret"),
            error_details_pb2.ErrorInfo(
                reason="INVALID_REQUEST", domain="x", metadata={"limit": "5"}
            ),
            error_details_pb2.BadRequest(field_violations=[violation]),
        ],
    )
    error = gateway.call("GET", PATH).json()["error"]
    assert error["code"] == "INVALID_REQUEST"
    kinds = {detail["@type"].rpartition(".")[2]: detail for detail in error["details"]}
    assert set(kinds) == {"ErrorInfo", "BadRequest"}
    assert kinds["ErrorInfo"]["metadata"] == {"limit": "5"}
    assert (
        kinds["BadRequest"]["fieldViolations"][0] | violation
        == kinds["BadRequest"]["fieldViolations"][0]
    )
    assert "secret" not in json.dumps(error)


def test_details_are_documented(gateway: Environment) -> None:
    """Each kind of detail has the form that the OpenAPI document defines."""
    details = [
        error_details_pb2.ErrorInfo(reason="X", domain="x", metadata={"limit": "5"}),
        error_details_pb2.BadRequest(
            field_violations=[{"field": "name", "description": "Words.", "reason": "TOO_LONG"}]
        ),
        error_details_pb2.RetryInfo(retry_delay={"seconds": 2, "nanos": 5_000_000}),
    ]
    gateway.backend.answers["GetSession"] = failure(code_pb2.INVALID_ARGUMENT, "", details)
    shown = gateway.call("GET", PATH).json()["error"]["details"]
    assert len(shown) == len(details)
    document = yaml.safe_load(openapi.PATH.read_text(encoding="utf-8"))
    schema = {"$ref": "#/components/schemas/ErrorDetail"}
    for detail in shown:
        openapi.validator(document, schema).validate(detail)


@pytest.mark.parametrize(
    ("delay", "seconds"),
    [({"seconds": 2, "nanos": 5}, "3"), ({"nanos": 1}, "1"), ({"seconds": 60}, "60"), ({}, "1")],
)
def test_retry_after_comes_from_retry_info(
    gateway: Environment, delay: dict[str, int], seconds: str
) -> None:
    """The Retry-After header is the service's delay, rounded up to whole seconds."""
    info = error_details_pb2.RetryInfo(retry_delay=delay)
    gateway.backend.answers["UpdateSession"] = failure(
        code_pb2.RESOURCE_EXHAUSTED, "HASHING_BUSY", [info]
    )
    assert gateway.call("PATCH", PATH, json={}).headers["retry-after"] == seconds


def test_details_of_an_unknown_type_do_no_harm(gateway: Environment) -> None:
    """With a detail that Envoy cannot print, the error still has its envelope."""
    status = status_pb2.Status(code=code_pb2.NOT_FOUND, message="secret")
    status.details.append(any_pb2.Any(type_url="type.googleapis.com/x.Y", value=b"z"))
    gateway.backend.answers["GetSession"] = status
    answer = gateway.call("GET", PATH)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "INTERNAL")
    assert not {"grpc-status", "grpc-message", "grpc-status-details-bin"} & set(answer.headers)


def test_a_slow_service_is_given_up(gateway: Environment) -> None:
    """A service that does not respond in time causes a 504; it received the caller's deadline."""

    async def sleep() -> Any:
        await asyncio.sleep(30)

    gateway.backend.answers["GetSession"] = lambda _: sleep()
    answer = gateway.call("GET", PATH)
    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "GATEWAY_TIMEOUT")
    assert answer.headers["retry-after"] == "1"
    left = gateway.backend.last("GetSession").seconds_left
    assert left is not None
    assert 0.5 < left < 2


def test_http2_clients_see_no_trailers(gateway: Environment) -> None:
    """Over HTTP/2, too, a response has no trailers."""
    answer = gateway.curl(
        "--http2-prior-knowledge",
        "-H",
        f"authorization: {gateway.bearer['authorization']}",
        gateway.url + PATH,
    )
    assert "HTTP/2 200" in answer
    assert "grpc-" not in answer
    assert '"success":true' in answer


def test_an_empty_answer_of_a_registration_is_202(gateway: Environment) -> None:
    """A registration that waits for the proof of its address is accepted; one with a user is 201."""
    for answer, status in (
        (accounts_pb2.RegisterResponse(), 202),
        (accounts_pb2.RegisterResponse(user=user_pb2.User(user_id="x")), 201),
    ):
        gateway.backend.answers["Register"] = answer
        response = gateway.call("POST", "/api/v5/auth/register", json={})
        assert response.status_code == status
        assert response.json()["success"] is True
        assert ("user" in response.json()["data"]) == (status == 201)
