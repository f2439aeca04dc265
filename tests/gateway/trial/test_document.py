"""The OpenAPI document of endpoints of OAuth, pages, and answers that may be cached."""

from collections.abc import Mapping
from typing import Any

import pytest
import schemathesis

from gateway.contract import Contract, ContractError
from gateway.openapi import document as openapi
from gateway.openapi.errors import ServiceReason
from tests.gateway.trial.contract import trial_contract
from tools.docs.errors import service_reasons

# Of a reason of the trial contract, whatever the product has.
REASONS = {**service_reasons(), "INVALID_GRANT": ServiceReason(400, "The grant is not valid.")}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """The trial contract."""
    return trial_contract(tmp_path_factory.mktemp("document"))


@pytest.fixture(scope="module")
def document(served: Contract) -> Mapping[str, Any]:
    """Its document."""
    return openapi.document(served, REASONS)


def _responses(document: Mapping[str, Any], verb: str, path: str) -> dict[str, Any]:
    return dict(document["paths"][path][verb]["responses"])


def test_it_is_valid(document: Mapping[str, Any]) -> None:
    """Schemathesis reads it."""
    schemathesis.openapi.from_dict(dict(document)).validate()


def test_a_form_is_open(document: Mapping[str, Any]) -> None:
    """A form has its media type, and may have parameters that the document does not name."""
    content = document["paths"]["/trial/form"]["post"]["requestBody"]["content"]
    assert list(content) == ["application/x-www-form-urlencoded"]
    schema = document["components"]["schemas"]["trial.FormRequest"]
    assert schema["additionalProperties"] is True
    assert schema["properties"]["grant_type"] == {"type": "string", "description": "A text."}
    body = document["paths"]["/trial/json"]["post"]["requestBody"]
    assert list(body["content"]) == ["application/json"]


def test_errors_of_oauth_have_no_envelope(document: Mapping[str, Any]) -> None:
    """Each status lists the errors of the RFCs, instead of our codes."""
    found = _responses(document, "post", "/trial/form")
    errors = {
        status: response["content"]["application/json"]["schema"]["allOf"][1]["properties"]["error"]
        for status, response in found.items()
        if int(status) >= 400
    }
    assert errors["400"] == {"enum": ["invalid_grant", "invalid_request"]}
    assert errors["429"] == errors["503"] == {"enum": ["temporarily_unavailable"]}
    assert errors["500"] == {"enum": ["server_error"]}
    assert "Retry-After" in found["429"]["headers"]
    assert "The grant is not valid." in found["400"]["description"]
    claims = _responses(document, "post", "/trial/claims")["403"]
    assert "insufficient_scope" in claims["description"]


def test_an_answer_of_oauth_has_its_status(document: Mapping[str, Any]) -> None:
    """A success has the status of the contract and the message alone."""
    success = _responses(document, "post", "/trial/json")["201"]
    reference = {"$ref": "#/components/schemas/trial.FormResponse"}
    assert success["content"]["application/json"]["schema"] == reference
    assert document["components"]["schemas"]["trial.FormResponse"]["required"] == ["active"]


def test_pages_are_html(document: Mapping[str, Any]) -> None:
    """A page, and each error of it, is HTML; it can also lead elsewhere."""
    found = _responses(document, "get", "/trial/page")
    assert "Location" in found.pop("303")["headers"]
    assert {kind for response in found.values() for kind in response["content"]} == {"text/html"}
    parameters = document["paths"]["/trial/page"]["get"]["parameters"]
    assert [one["name"] for one in parameters] == ["grant_type", "code", "resource", "max_age"]


def test_answers_that_may_be_cached(document: Mapping[str, Any]) -> None:
    """Such an answer has its headers, and 304 for a client that has it."""
    found = _responses(document, "get", "/trial/document")
    assert {"ETag", "Cache-Control"} <= set(found["200"]["headers"])
    assert {"ETag", "Cache-Control"} == set(found["304"]["headers"])
    (parameter,) = document["paths"]["/trial/document"]["get"]["parameters"]
    assert (parameter["name"], parameter["in"]) == ("If-None-Match", "header")


@pytest.mark.parametrize("status", [401, 404, 429])
def test_an_error_of_an_rfc_has_its_status(served: Contract, status: int) -> None:
    """A service cannot give an error of OAuth another status than the RFC does."""
    wrong = {**REASONS, "INVALID_GRANT": ServiceReason(status, "Words.")}
    with pytest.raises(ContractError, match="declares INVALID_GRANT with the status"):
        openapi.document(served, wrong)
