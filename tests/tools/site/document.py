"""A small OpenAPI document."""

import json
from typing import Any


def document(text: str = "A text.") -> str:
    """Returns a document with one operation, in JSON, all of whose texts are one."""
    operation: dict[str, Any] = {
        "operationId": "read",
        "tags": ["Things"],
        "summary": text,
        "description": text,
        "responses": {"200": {"description": text}},
    }
    return json.dumps(
        {
            "info": {"title": text, "version": "1", "description": text},
            "tags": [{"name": "Things", "description": text}],
            "paths": {"/things": {"get": operation}},
            "components": {"securitySchemes": {}, "responses": {}, "schemas": {}},
        }
    )
