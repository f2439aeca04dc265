"""docs/operations.md lists the metrics and the objectives that there are."""

import re

from gateway.envoy import probes
from tests.monitoring.expressions import ROOT, samples
from tests.monitoring.prometheus import Page
from tools.monitoring.objectives import OBJECTIVES

TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
OPTIONAL = {"coditect_breached_password_checks_total"}
"""Shown only where a source of breached passwords is set."""


def test_the_table_lists_all_metrics(pages: list[Page]) -> None:
    """Each metric of ours that a running service shows is in the table with its labels, and no other."""
    shown: dict[str, set[str]] = {}
    for page in pages:
        if page.path == probes.METRICS_PATH:
            for name, labels in samples(page.text()):
                if name.startswith(("coditect_", "grpc_")):
                    family = re.sub("_(bucket|sum|count)$", "", name)
                    shown.setdefault(family, set()).update(set(labels) - {"le"})
    rows = re.findall(r"^\| `((?:coditect|grpc)_\w+)` \| ([^|]*)\|", TEXT, re.MULTILINE)
    listed = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}

    assert {name: labels for name, labels in listed.items() if name not in OPTIONAL} == shown


def test_the_table_lists_all_objectives() -> None:
    """Each objective is in the table, with its budget and its runbook."""
    rows = re.findall(
        r"^\| `(\w+)` \| [^|]* \| ([\d.]+) % \| [^|]*\(runbooks/([\w.-]+)\)", TEXT, re.MULTILINE
    )
    expected = [(one.name, f"{one.budget * 100:g}", one.runbook) for one in OBJECTIVES]

    assert rows == expected
