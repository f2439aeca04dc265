"""docs/errors.md lists every reason of an invalid field, and docs/import.md those of an import."""

import re
from collections.abc import Iterable
from pathlib import Path

from ops.importing.lines import _REASONS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
REFUSALS = re.compile(
    r'(?:refuse\(\s*f?"?[\w{}.]+"?|refusal\(\s*(?:field|"\w*")|Refused\(number, "", ""|FieldViolation\(\s*"\w*"|_Unfit\(|Fault\(\s*"\w+",)\s*,?\s*"([A-Z_]+)"'
)

OF_THE_GATEWAY = re.compile(r'(?:bad_request|invalid)\([^)]*?"([A-Z_]+)"')


def test_every_reason_of_a_field_is_listed() -> None:
    """The document lists every field reason in the code."""
    sources = [*ROOT.glob("kernel/**/*.py"), *ROOT.glob("services/**/*.py")]
    found = reasons(path for path in sources if "importing" not in path.parts)

    assert {"TOO_SHORT", "PAGE_SIZE_NEGATIVE", "STATE_TOO_LARGE"} <= found
    assert {reason for reason in found if f"`{reason}`" not in TEXT} == set()


def test_every_reason_of_a_refused_line_is_listed() -> None:
    """Callers of the API never get those, only the operator who imports."""
    sources = [*ROOT.glob("services/*/importing/*.py"), *ROOT.glob("ops/importing/*.py")]
    found = reasons(sources) | set(_REASONS.values())
    text = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")

    assert {"UNKNOWN_HASH", "DUPLICATE", "SLUG_TAKEN", "LINE_TOO_LONG", "NOT_JSON"} <= found
    assert {reason for reason in found if f"`{reason}`" not in text} == set()


def reasons(sources: Iterable[Path]) -> set[str]:
    """The reasons in source files."""
    return {
        reason for path in sources for reason in REFUSALS.findall(path.read_text(encoding="utf-8"))
    }


def test_every_reason_of_the_gateway_is_listed() -> None:
    """The document lists what the gateway says of fields and parameters."""
    source = (ROOT / "gateway" / "envoy" / "fields.lua").read_text(encoding="utf-8")
    found = set(OF_THE_GATEWAY.findall(source)) - {"_TOO_LARGE", "_TOO_DEEP"}

    assert {"UNKNOWN_FIELD", "REPEATED_PARAMETER", "NUMBER_NOT_EXACT"} <= found
    assert {reason for reason in found if f"`{reason}`" not in TEXT} == set()
