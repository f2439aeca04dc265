"""The gateway behaves as the published OpenAPI document says."""

from pathlib import Path

import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.end_to_end.person import Person
from tests.support.promises import LONG
from tools.laptop import Laptop

DOCUMENT = yaml.load(
    (Path(__file__).parents[2] / "docs" / "openapi.yaml").read_text(encoding="utf-8"),
    Loader=yaml.CSafeLoader,
)
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)

schema = schemathesis.openapi.from_dict(DOCUMENT)


@schema.parametrize()
@settings(
    max_examples=50 if LONG else 10,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_gateway_conforms(case: schemathesis.Case, laptop: Laptop, person: Person) -> None:
    """The response to any request is documented, and never a 5xx."""
    case.call_and_validate(
        base_url=laptop.settings.url,
        headers={"authorization": f"Bearer {person.tokens['accessToken']}"},
        checks=CHECKS,
    )
