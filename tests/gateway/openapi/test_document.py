"""The OpenAPI document."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml

from gateway import contract
from gateway.contract import ContractError
from gateway.openapi import document as openapi
from kernel.export import CONTENT_TYPE
from kernel.identity import scopes
from tests.gateway.environment import CONTRACT
from tools.docs import openapi as command
from tools.docs.errors import service_reasons

LOADED = contract.load(CONTRACT)
REASONS = service_reasons()
DOCUMENT: dict[str, Any] = openapi.document(LOADED, REASONS)


def _operations() -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
    }


def _schema(name: str) -> dict[str, Any]:
    return dict(DOCUMENT["components"]["schemas"][name])


def _success(operation: dict[str, Any]) -> dict[str, Any]:
    successes = (value for status, value in operation["responses"].items() if int(status) < 400)
    return dict(next(successes))


def _codes(operation: str, status: int) -> list[str]:
    """The codes that an operation documents at a status."""
    responses = _operations()[operation]["responses"]
    if str(status) not in responses:
        return []
    name = responses[str(status)]["$ref"].rpartition("/")[2]
    response = DOCUMENT["components"]["responses"][name]
    _, narrow = response["content"]["application/json"]["schema"]["allOf"]
    return list(narrow["properties"]["error"]["properties"]["code"]["enum"])


def test_the_document_is_up_to_date() -> None:
    """docs/openapi.yaml equals the document rendered from contract and errors (`make openapi`)."""
    path = Path(__file__).parents[3] / command.DOCUMENT
    assert command.main(["--check", "--output", str(path), "--contract", str(CONTRACT)]) == 0


def test_drift_is_rejected(tmp_path: Path) -> None:
    """The check fails on a different document, and passes after writing; a bad contract is an error."""
    given = ["--output", str(tmp_path / "openapi.yaml"), "--contract", str(CONTRACT)]
    assert command.main(["--check", *given]) == 1
    assert command.main(given) == 0
    assert command.main(["--check", *given]) == 0
    assert command.main(["--contract", str(tmp_path / "none")]) == 1


def test_the_document_is_valid() -> None:
    """Schemathesis reads it, and finds every public method and both probes."""
    schema = schemathesis.openapi.from_dict(yaml.safe_load(openapi.render(LOADED, REASONS)))
    schema.validate()
    assert len(list(schema.get_all_operations())) == len(LOADED.routes) + 2


def test_every_method_says_who_may_call_it() -> None:
    """A method asks for a token if it is for users, and offers it if the user is optional."""
    operations = _operations()
    for route in LOADED.routes:
        name = openapi.operation_id(route.method.name)
        rule = route.method.rule
        programs = [{"oauth2": [scope]} for scope in sorted(rule.scopes - {"login"})]
        ways = [{"bearer": []}, *programs] if rule.takes_token else []
        assert operations[name]["security"] == ([{}, *ways] if rule.optional_user else ways)


def test_scopes_have_the_text_of_their_consent() -> None:
    """Every scope that a program can get is listed; operations that no program may call say so."""
    flows = DOCUMENT["components"]["securitySchemes"]["oauth2"]["flows"]
    assert flows["authorizationCode"]["scopes"] == {
        scope: scopes.consent(scope) for scope in sorted(scopes.GRANTABLE)
    }
    assert set(flows["clientCredentials"]["scopes"]) == scopes.OF_SERVICE_ACCOUNTS
    operations = _operations()
    assert operations["changePassword"]["security"] == [{"bearer": []}]
    assert operations["changePassword"]["description"].endswith("and no program.")
    assert operations["getMe"]["description"].endswith("needs the scope `account:read`.")


def test_operations_are_titled_and_grouped() -> None:
    """Summary and description differ; each operation has one tag, and each tag a description."""
    tags = {tag["name"]: tag["description"] for tag in DOCUMENT["tags"]}
    used = {tag for operation in _operations().values() for tag in operation["tags"]}
    assert used | {"Gateway"} == set(tags)
    assert len(tags) == len(DOCUMENT["tags"])
    assert all(tags.values())
    for operation in _operations().values():
        assert operation["summary"] != operation["description"].rstrip(".")
        assert len(operation["summary"]) < 40
        assert len(operation["tags"]) == 1


def test_the_document_names_licence_and_contact() -> None:
    """It has a licence and a contact."""
    assert DOCUMENT["info"]["license"] == {"name": "MIT", "identifier": "MIT"}
    assert DOCUMENT["info"]["contact"]["name"]


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (
            "register",
            {
                400: [
                    "IDEMPOTENCY_KEY_INVALID", "INVALID_REQUEST", "MALFORMED_REQUEST",
                    "UNKNOWN_FIELD",
                ],
                401: [],
                403: ["ORIGIN_NOT_ALLOWED"],
                404: [],
                409: ["EMAIL_TAKEN", "STORAGE_CONFLICT"],
                422: ["IDEMPOTENCY_KEY_REUSED"],
                429: ["IDEMPOTENCY_LIMIT_REACHED", "RATE_LIMITED", "TOO_MANY_EMAILS"],
                503: [
                    "HASHING_BUSY", "STORAGE_FULL", "STORAGE_UNAVAILABLE", "UPSTREAM_UNAVAILABLE",
                ],
            },
        ),
        (
            "login",
            {
                400: ["INVALID_REQUEST", "MALFORMED_REQUEST", "UNKNOWN_FIELD"],
                401: ["BAD_CREDENTIALS"],
                409: ["STORAGE_CONFLICT"],
                422: [],
            },
        ),
        (
            "getSession",
            {
                400: ["INVALID_REQUEST", "MALFORMED_REQUEST", "UNKNOWN_FIELD"],
                401: [
                    "ACCESS_TOKEN_EXPIRED", "ACCESS_TOKEN_INVALID", "ACCESS_TOKEN_MISSING",
                    "ACCESS_TOKEN_REVOKED",
                ],
                403: ["SCOPE_MISSING", "SECOND_FACTOR_REQUIRED", "TENANT_SUSPENDED"],
                404: ["SESSION_NOT_FOUND"],
                409: [],
                413: ["BODY_TOO_LARGE"],
                422: [],
                429: ["RATE_LIMITED"],
            },
        ),
        (
            "listMembers",
            {
                400: ["INVALID_REQUEST", "MALFORMED_REQUEST", "PAGE_TOKEN_INVALID", "UNKNOWN_FIELD"],
                403: ["SCOPE_MISSING", "SECOND_FACTOR_REQUIRED", "TENANT_SUSPENDED"],
                404: ["TENANT_NOT_FOUND"],
                409: ["TENANT_NOT_ACTIVE"],
            },
        ),
        (
            "exportAudit",
            {
                403: [
                    "ROLE_MISSING", "SCOPE_MISSING", "SECOND_FACTOR_REQUIRED", "TENANT_SUSPENDED",
                ],
                409: ["TENANT_NOT_ACTIVE"],
                429: ["DOWNLOAD_LIMIT_REACHED", "RATE_LIMITED"],
            },
        ),
        (
            "updatePolicy",
            {
                400: [
                    "IDEMPOTENCY_KEY_INVALID", "INVALID_REQUEST", "MALFORMED_REQUEST",
                    "SELF_TENANT_IMMUTABLE", "UNKNOWN_FIELD",
                ],
                403: [
                    "REAUTHENTICATION_REQUIRED", "ROLE_MISSING", "SCOPE_MISSING",
                    "SECOND_FACTOR_REQUIRED", "TENANT_SUSPENDED",
                ],
                404: ["TENANT_NOT_FOUND"],
                409: ["STORAGE_CONFLICT", "TENANT_NOT_ACTIVE"],
            },
        ),
        ("getReady", {429: ["RATE_LIMITED"], 503: ["NOT_READY"], 404: [], 500: []}),
    ],
)  # fmt: skip
def test_errors_are_exact(operation: str, expected: dict[int, list[str]]) -> None:
    """An operation documents exactly the codes that it can return at each status."""
    assert {status: _codes(operation, status) for status in expected} == expected


def test_errors_document_retry_after() -> None:
    """Each 429, 503 and 504 has the Retry-After header."""
    for name, response in DOCUMENT["components"]["responses"].items():
        retry = name.startswith(("Error429", "Error503", "Error504"))
        assert ("Retry-After" in response.get("headers", {})) == retry


def test_errors_document_the_limits() -> None:
    """Every operation can be refused by a limit, and each 429 has the headers of the limits."""
    plain = {
        openapi.operation_id(route.method.name)
        for route in LOADED.routes
        if route.method.edge.oauth or route.method.edge.page
    }
    for name, operation in _operations().items():
        assert "429" in operation["responses"]
        assert name in plain or "RATE_LIMITED" in _codes(name, 429)
    for name, response in DOCUMENT["components"]["responses"].items():
        documented = {"RateLimit", "RateLimit-Policy"} <= set(response.get("headers", {}))
        assert documented == name.startswith("Error429")


def test_an_unknown_reason_is_refused() -> None:
    """A method cannot declare a reason that no service defines."""
    known = {reason: value for reason, value in REASONS.items() if reason != "EMAIL_TAKEN"}
    with pytest.raises(ContractError, match=r"Register declares unknown reasons.*EMAIL_TAKEN"):
        openapi.document(LOADED, known)


def test_requests_document_required_fields() -> None:
    """Required fields, lengths and closed bodies come from the contract."""
    schema = _schema("auth.RegisterRequest")
    assert schema["required"] == ["email", "password", "firstName", "lastName"]
    assert schema["additionalProperties"] is False
    fields = schema["properties"]
    assert (fields["password"]["minLength"], fields["password"]["maxLength"]) == (8, 256)
    assert (fields["firstName"]["minLength"], fields["email"]["format"]) == (1, "email")
    assert fields["company"]["type"] == ["string", "null"]


def test_a_part_of_a_request_requires_no_optional_field() -> None:
    """A program says in an authorization request what it has to say, and leaves the rest out."""
    parameters = DOCUMENT["components"]["schemas"]["auth.AuthorizationParameters"]
    assert "clientId" in parameters["properties"]
    assert "required" not in parameters


def test_the_header_of_browser_mode_is_documented() -> None:
    """With its one value, at the operations about the tokens of a login; no other has it."""
    given = {
        name
        for name, operation in _operations().items()
        for parameter in operation.get("parameters", ())
        if parameter["name"] == "X-Coditect-Tokens"
    }
    assert given == {
        "register", "deleteMe", "login", "loginWithSecondFactor", "loginWithPasskey", "refresh",
        "reauthenticate", "switchTenant", "logout", "logoutAll", "confirmTotp", "createPasskey",
    }  # fmt: skip


def test_response_fields_are_required_or_optional() -> None:
    """All fields of a response are required, except those that the contract marks as optional."""
    begun = ["user", "tenant", "tokens"]
    assert _schema("auth.RegisterResponse")["required"] == begun
    # The secret of the device is absent in browser mode.
    assert _schema("auth.LoginWithPasskeyResponse")["required"] == begun
    assert "required" not in _schema("auth.LoginResponse")  # a challenge instead
    assert _schema("auth.SwitchTenantResponse")["required"] == ["user", "tenant", "tokens"]
    assert _schema("auth.Tokens")["required"] == ["accessToken", "tokenType", "expiresIn"]
    session = _schema("sessions.Session")
    assert session["required"] == list(session["properties"])
    invitation = _schema("tenants.Invitation")
    assert set(invitation["properties"]) - set(invitation["required"]) == {"token"}


def test_values_are_listed() -> None:
    """A text with a fixed set of values is documented with them."""
    tenant, entry = _schema("tenants.Tenant")["properties"], _schema("tenants.AuditEntry")
    assert tenant["role"]["enum"] == ["owner", "admin", "member"]
    assert tenant["kind"]["enum"] == ["self", "organization"]
    assert tenant["state"]["enum"] == ["active", "suspended"]
    assert "tenant.created" in entry["properties"]["action"]["enum"]
    change = _schema("tenants.UpdateTenantRequest")["properties"]["state"]
    assert change["enum"] == ["active", "suspended", None]


def test_a_list_that_may_be_absent() -> None:
    """A request can leave it out, or be null; an answer always has it."""
    given = _schema("tenants.UpdatePolicyRequest")["properties"]["emailDomains"]
    answer = _schema("tenants.Policy")["properties"]["emailDomains"]
    assert (given["type"], given["items"]) == (["array", "null"], {"type": "string"})
    assert (answer["type"], answer["items"]) == ("array", {"type": "string"})


def test_parameters_are_in_json_spelling() -> None:
    """Path and query parameters are lowerCamelCase; ids in paths are UUIDs."""
    listing = {p["name"]: p for p in _operations()["listSessions"]["parameters"]}
    assert set(listing) == {"pageSize", "pageToken", "scope", "tenantId", "orderBy"}
    assert listing["pageSize"]["schema"] == {"type": "integer", "format": "int32"}
    assert listing["scope"]["schema"]["enum"] == ["mine", "tenant", ""]
    assert listing["orderBy"]["schema"]["enum"] == ["lastActiveTime desc", "sessionId", ""]
    (session,) = _operations()["getSession"]["parameters"]
    assert (session["name"], session["in"], session["schema"]["format"]) == (
        "sessionId",
        "path",
        "uuid",
    )
    assert "/api/v5/sessions/{sessionId}" in DOCUMENT["paths"]


def test_only_idempotent_methods_document_the_key() -> None:
    """The header is a parameter of exactly the methods that the contract calls idempotent."""
    takes = {
        name
        for name, operation in _operations().items()
        if any(p["name"] == "Idempotency-Key" for p in operation.get("parameters", ()))
    }
    marked = {openapi.operation_id(r.method.name) for r in LOADED.routes if r.method.idempotent}
    assert takes == marked >= {"register", "updateMe", "createSession", "acceptInvitation"}
    assert not takes & {"login", "changePassword", "getSession"}


@pytest.mark.parametrize(
    ("name", "status", "data"),
    [
        ("createSession", "201", "sessions.Session"),
        ("register", "201", "auth.RegisterResponse"),
        ("getMe", "200", "auth.User"),
        ("listLogins", "200", "auth.ListLoginsResponse"),
    ],
)
def test_answers_are_enveloped(name: str, status: str, data: str) -> None:
    """The success response of a method is documented with its envelope."""
    responses = _operations()[name]["responses"]
    assert next(s for s in responses if int(s) < 400) == status
    schema = responses[status]["content"]["application/json"]["schema"]
    assert schema["properties"]["data"] == {"$ref": f"#/components/schemas/{data}"}


def test_an_answer_that_may_be_empty_has_two_statuses() -> None:
    """A registration is documented with 201 and with 202; each other method has one answer."""
    found = {
        name: [status for status in operation["responses"] if int(status) < 300]
        for name, operation in _operations().items()
    }
    assert found.pop("register") == ["201", "202"]
    assert {len(statuses) for statuses in found.values()} == {1}


@pytest.mark.parametrize("name", ["exportMe", "exportAudit"])
def test_downloads_are_text(name: str) -> None:
    """A download is documented as text."""
    content = _success(_operations()[name])["content"]
    assert content[CONTENT_TYPE]["schema"]["type"] == "string"
    assert list(content) == [CONTENT_TYPE]


def test_an_id_that_can_be_empty() -> None:
    """An id is a UUID, or empty where the contract allows it."""
    entry = _schema("tenants.AuditEntry")["properties"]
    uuid, empty = entry["loginId"]["anyOf"]
    assert (uuid["format"], empty) == ("uuid", {"const": ""})
    assert _schema("tenants.Tenant")["properties"]["tenantId"]["format"] == "uuid"


def test_keys_are_bare() -> None:
    """The key set is documented without an envelope."""
    response = _operations()["getJwks"]["responses"]["200"]
    assert response["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/auth.GetJwksResponse"
    }
