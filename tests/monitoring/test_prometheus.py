"""A real Prometheus over a real run: every panel has data, and every rule can be evaluated."""

import httpx

from tests.monitoring.conftest import use
from tests.monitoring.expressions import KNOWN, RULES, panel_queries, selectors
from tests.monitoring.prometheus import Prometheus, needs_prometheus
from tests.support.mesh import Mesh

_SECONDS = 60
_INTERVAL = "10s"
"""Stands for Grafana's `$__rate_interval`, of pages that are read each second."""


@needs_prometheus
def test_every_panel_has_data(prometheus: Prometheus, mesh: tuple[Mesh, httpx.Client]) -> None:
    """Each query of each dashboard has numbers, but for those on FoundationDB and on volumes.

    Those come from exporters that only a cluster has; another test compares their names.
    """
    queries = {
        name: text.replace("$__rate_interval", _INTERVAL)
        for name, text in panel_queries()
        if not any(one.metric in KNOWN for one in selectors(text)) and "fdb_" not in text
    }

    assert len(queries) > 40
    assert prometheus.without_data(queries, lambda: use(mesh[1]), _SECONDS) == []


@needs_prometheus
def test_every_rule_is_evaluated(prometheus: Prometheus, mesh: tuple[Mesh, httpx.Client]) -> None:
    """Each objective has a ratio, each selector of an alert on our metrics finds series, none fails."""
    recorded = {
        f"{rule['record']} {rule['labels'].get('slo', '')}": _recorded(rule)
        for rule in RULES
        if "record" in rule
    }

    assert prometheus.without_data(recorded, lambda: use(mesh[1]), _SECONDS) == []
    assert prometheus.rule_errors() == {}
    for rule in RULES:
        if "alert" in rule:
            prometheus.query(rule["expr"])


def _recorded(rule: dict[str, dict[str, str]]) -> str:
    labels = ",".join(f'{label}="{value}"' for label, value in rule["labels"].items())
    return f"{rule['record']}{{{labels}}}"
