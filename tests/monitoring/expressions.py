"""The rules and dashboards of the chart, and what their expressions select."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
CHART = ROOT / "charts" / "coditect"
FILES = (CHART / "alerts.yaml", CHART / "objectives.yaml")
DASHBOARDS = sorted((CHART / "dashboards").glob("*.json"))
RULES: list[dict[str, Any]] = [
    rule
    for file in FILES
    for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]

OURS = ("grpc_", "coditect_", "envoy_", "process_")
"""Prefixes of the metrics that our running programs expose."""
ELSEWHERE: Mapping[str, Mapping[str, set[str]]] = {
    # docs/metrics of kube-state-metrics.
    "kube-state-metrics": {
        "kube_deployment_status_replicas_available": {"deployment"},
        "kube_pod_container_status_waiting_reason": {"reason"},
        "kube_pod_init_container_status_waiting_reason": {"reason"},
        "kube_pod_container_status_restarts_total": set(),
        "kube_pod_init_container_status_restarts_total": set(),
        "kube_pod_container_status_last_terminated_exitcode": set(),
        "kube_pod_init_container_status_last_terminated_exitcode": set(),
        "kube_horizontalpodautoscaler_status_current_replicas": set(),
        "kube_horizontalpodautoscaler_spec_max_replicas": set(),
    },
    # The kubelet's /metrics.
    "kubelet": {
        "kubelet_volume_stats_available_bytes": set(),
        "kubelet_volume_stats_capacity_bytes": set(),
    },
    # internal/collectors of cert-manager.
    "cert-manager": {
        "certmanager_certificate_expiration_timestamp_seconds": {"name"},
        "certmanager_certificate_ready_status": {"condition"},
    },
    # internal/metrics of FoundationDB's operator.
    "fdb-kubernetes-operator": {"fdb_operator_cluster_status": {"status_type"}},
}
KNOWN = {name: labels for each in ELSEWHERE.values() for name, labels in each.items()}
ADDED = {"namespace", "job"}
"""Labels that Prometheus adds when it scrapes metrics."""
FAILURES = {"grpc_code", "reason"}
"""Labels whose values of failures do not occur where nothing fails."""

SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}")
_MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')


class Matcher(NamedTuple):
    """What a selector says of a label."""

    kind: str
    pattern: re.Pattern[str]

    def matches(self, value: str) -> bool:
        """Whether a value of the label is selected."""
        return (self.pattern.fullmatch(value) is not None) == (self.kind in {"=", "=~"})


class Selector(NamedTuple):
    """A metric in an expression, and what it says of labels."""

    metric: str
    labels: Mapping[str, Matcher]

    @property
    def is_recorded(self) -> bool:
        """Whether a rule of ours records it."""
        return ":" in self.metric

    def finds(self, metric: str, labels: Mapping[str, str]) -> bool:
        """Whether it matches a sample, ignoring added labels and the values of failures."""
        return self.metric == metric and all(
            label in ADDED
            or (label in FAILURES and label in labels)
            or matcher.matches(labels.get(label, ""))
            for label, matcher in self.labels.items()
        )


class PanelQuery(NamedTuple):
    """A query of a dashboard."""

    name: str
    """The dashboard, the panel and the letter of the query."""
    expression: str


def selectors(expression: str) -> Iterator[Selector]:
    """The selectors of an expression."""
    for metric, matchers in SELECTOR.findall(expression):
        yield Selector(
            metric,
            {
                label: Matcher(kind, re.compile(value if "~" in kind else re.escape(value)))
                for label, kind, value in _MATCHER.findall(matchers)
            },
        )


def panel_queries() -> Iterator[PanelQuery]:
    """Each query of each dashboard, for the namespace that tests use."""
    for file in DASHBOARDS:
        for panel in json.loads(file.read_text(encoding="utf-8"))["panels"]:
            for target in panel["targets"]:
                name = f"{file.stem}: {panel['title']} {target['refId']}"
                text = target["expr"].replace("$namespace", "coditect-app")
                yield PanelQuery(name, text)


def samples(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each sample of a page in Prometheus' text format: its name and its labels."""
    for line in page.splitlines():
        if found := re.match(r"([a-zA-Z_:][\w:]*)(?:\{([^}]*)\})? ", line):
            yield found[1], dict(re.findall(r'(\w+)="([^"]*)"', found[2] or ""))
