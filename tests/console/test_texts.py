"""The sentences of the console."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "console" / "src"
_REASON = re.compile(r"`([A-Z][A-Z_]+)`")


def test_every_reason_of_a_field_has_a_sentence_in_each_language() -> None:
    """The reasons that docs/errors.md lists for bad fields, which are no types of the contract."""
    document = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    listed = document.split("## Bad fields")[1].split("\n\n")[1]
    texts = (SOURCE / "texts" / "field_reasons.ts").read_text(encoding="utf-8")
    reasons = set(_REASON.findall(listed))
    assert len(reasons) > 20
    for reason in reasons:
        assert len(re.findall(rf"^  {reason}: ", texts, re.MULTILINE)) == 2, reason


def test_every_text_is_shown_somewhere() -> None:
    """A text whose name no code uses has been left behind. Those of codes, reasons and scopes are chosen by it."""
    chosen = {"error_codes", "field_reasons", "scope_names", "scopes"}
    catalogues = [one for one in (SOURCE / "texts").glob("*.ts") if one.stem not in chosen]
    code = "".join(one.read_text(encoding="utf-8") for one in SOURCE.rglob("*.ts*"))
    used = set(re.findall(r"""(?:\.|["'{,]\s*)(\w+)\b(?!\s*:\s*["`(])""", code))
    left = {
        f"{one.stem}.{name}"
        for one in catalogues
        for name in re.findall(r"^    (\w+):", one.read_text(encoding="utf-8"), re.MULTILINE)
        if name not in used
    }
    assert left == set()
