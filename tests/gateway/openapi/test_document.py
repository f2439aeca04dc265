"""The OpenAPI document."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml

from gateway import contract
from gateway.openapi import document as openapi
from kernel.export import CONTENT_TYPE
from tests.gateway.environment import CONTRACT

LOADED = contract.load(CONTRACT)
DOCUMENT: dict[str, Any] = openapi.document(LOADED)


def _operations() -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
    }


def _schema(name: str) -> dict[str, Any]:
    return dict(DOCUMENT["components"]["schemas"][name])


def test_the_document_is_up_to_date() -> None:
    """docs/openapi.yaml is what the contract renders to (`python -m gateway openapi`)."""
    path = Path(__file__).parents[3] / openapi_path()
    assert path.read_text() == openapi.render(LOADED)


def openapi_path() -> str:
    """Where the document is kept."""
    return "docs/openapi.yaml"


def test_the_document_is_valid() -> None:
    """Schemathesis reads it, and finds every public method and both probes."""
    schema = schemathesis.openapi.from_dict(yaml.safe_load(openapi.render(LOADED)))
    schema.validate()
    assert len(list(schema.get_all_operations())) == len(LOADED.routes) + 2


def test_every_method_says_who_may_call_it() -> None:
    """A method asks for the bearer token exactly if it is not public."""
    operations = _operations()
    for route in LOADED.routes:
        name = route.method.name[0].lower() + route.method.name[1:]
        public = route.method.rule.public
        assert operations[name]["security"] == ([] if public else [{"bearer": []}])


def test_every_operation_documents_its_failures() -> None:
    """Each failure is in the envelope; 429 and 503 say when to come back."""
    for operation in _operations().values():
        errors = {s: r for s, r in operation["responses"].items() if int(s) >= 400}
        assert {"400", "405", "500", "503"} <= set(errors)
        for status, response in errors.items():
            assert response == {"$ref": f"#/components/responses/Error{status}"}
    for status in (429, 503):
        assert "Retry-After" in DOCUMENT["components"]["responses"][f"Error{status}"]["headers"]


def test_requests_say_what_they_need() -> None:
    """Required fields, lengths and closed bodies come from the contract."""
    schema = _schema("auth.RegisterRequest")
    assert schema["required"] == ["email", "password", "firstName", "lastName"]
    assert schema["additionalProperties"] is False
    assert (
        schema["properties"]["password"]["minLength"],
        schema["properties"]["email"]["format"],
    ) == (15, "email")
    assert schema["properties"]["company"]["type"] == ["string", "null"]


def test_parameters_are_in_json_spelling() -> None:
    """Path and query parameters are lowerCamelCase; ids in paths are UUIDs."""
    listing = {p["name"]: p for p in _operations()["listSessions"]["parameters"]}
    assert set(listing) == {"pageSize", "pageToken", "scope"}
    assert listing["pageSize"]["schema"] == {"type": "integer", "format": "int32"}
    (session,) = _operations()["getSession"]["parameters"]
    assert (session["name"], session["in"], session["schema"]["format"]) == (
        "sessionId",
        "path",
        "uuid",
    )
    assert "/api/v5/sessions/{sessionId}" in DOCUMENT["paths"]


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
    """The success of a method is documented as it is sent."""
    responses = _operations()[name]["responses"]
    assert [s for s in responses if int(s) < 400] == [status]
    schema = responses[status]["content"]["application/json"]["schema"]
    assert schema["properties"]["data"] == {"$ref": f"#/components/schemas/{data}"}


@pytest.mark.parametrize("name", ["exportMe", "exportAudit"])
def test_downloads_are_text(name: str) -> None:
    """A download is documented as the text that it is; its errors are as anybody's."""
    responses = _operations()[name]["responses"]
    assert responses["200"]["content"][CONTENT_TYPE]["schema"]["type"] == "string"
    assert list(responses["200"]["content"]) == [CONTENT_TYPE]
    assert {"401", "403", "404", "503", "504"} <= set(responses)


def test_an_id_that_may_be_empty_is_no_uuid() -> None:
    """An id is a UUID, unless the contract says that it can be missing."""
    entry = _schema("tenants.AuditEntry")["properties"]
    assert "format" not in entry["loginId"]
    assert _schema("tenants.Tenant")["properties"]["tenantId"]["format"] == "uuid"


def test_keys_are_bare() -> None:
    """The key set is documented without an envelope."""
    response = _operations()["getJwks"]["responses"]["200"]
    assert response["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/auth.GetJwksResponse"
    }
