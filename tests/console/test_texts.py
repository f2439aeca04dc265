"""The sentences of the console."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_REASON = re.compile(r"`([A-Z][A-Z_]+)`")


def test_every_reason_of_a_field_has_a_sentence_in_each_language() -> None:
    """The reasons that docs/errors.md lists for bad fields, which are no types of the contract."""
    document = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    listed = document.split("## Bad fields")[1].split("\n\n")[1]
    texts = (ROOT / "console" / "src" / "texts" / "field_reasons.ts").read_text(encoding="utf-8")
    reasons = set(_REASON.findall(listed))
    assert len(reasons) > 20
    for reason in reasons:
        assert len(re.findall(rf"^  {reason}: ", texts, re.MULTILINE)) == 2, reason
