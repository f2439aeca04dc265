"""The examples in the OpenAPI document."""

from typing import Any

import jsonschema_rs
import pytest

from gateway import contract
from gateway.openapi import document as openapi
from tests.gateway.environment import CONTRACT
from tests.support.openapi import validator
from tools.docs.errors import service_reasons

DOCUMENT: dict[str, Any] = openapi.document(contract.load(CONTRACT), service_reasons())
OPERATIONS: dict[str, dict[str, Any]] = {
    operation["operationId"]: operation
    for methods in DOCUMENT["paths"].values()
    for operation in methods.values()
}


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_examples_are_valid(name: str) -> None:
    """Each operation has examples of its body, path and response, which fit the schemas."""
    operation = OPERATIONS[name]
    shown = [
        (parameter["schema"], parameter["example"])
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "path"
    ]
    successes = (value for status, value in operation["responses"].items() if int(status) < 400)
    bodies = [
        next(successes),
        *([operation["requestBody"]] if "requestBody" in operation else []),
    ]
    shown += [
        (content["schema"], content["example"])
        for body in bodies
        for content in body["content"].values()
    ]
    for schema, example in shown:
        validator(DOCUMENT, schema).validate(example)


def test_the_validator_detects_a_bad_example() -> None:
    """The validator checks formats, values and undocumented members."""
    valid = {"tenantId": "x", "extra": 1}
    with pytest.raises(jsonschema_rs.ValidationError):
        validator(DOCUMENT, {"$ref": "#/components/schemas/tenants.Tenant"}).validate(valid)
