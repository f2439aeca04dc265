"""The pages of metrics: well formed, bounded, and with all that rules and dashboards select."""

import re
import subprocess

import httpx

from gateway.envoy import probes
from tests.monitoring.conftest import use
from tests.monitoring.expressions import (
    KNOWN,
    OURS,
    RULES,
    panel_queries,
    samples,
    selectors,
)
from tests.monitoring.prometheus import Page, needs_promtool
from tests.support.mesh import Mesh

EXPRESSIONS = [rule["expr"] for rule in RULES] + [each.expression for each in panel_queries()]
SELECTORS = [selector for text in EXPRESSIONS for selector in selectors(text)]
LABELS = {
    *("grpc_service", "grpc_method", "grpc_type", "grpc_code", "le"),
    *("method", "outcome", "event", "against", "queue", "reason", "source"),
    *("version", "revision", "python", "implementation", "major", "minor", "patchlevel"),
}
"""All labels of our own metrics: none has a value for each user, organization or address."""
ENVOY_SERIES = 6_000
"""More than an Envoy has, whatever it is asked for."""


@needs_promtool
def test_pages_follow_the_conventions(pages: list[Page]) -> None:
    """Prometheus' own linter finds nothing wrong with the page of a service."""
    for page in pages:
        if page.path == probes.METRICS_PATH:
            done = subprocess.run(
                ["promtool", "check", "metrics"],
                input=page.text(),
                capture_output=True,
                text=True,
                check=False,
            )
            assert (page.job, done.returncode, done.stdout + done.stderr) == (page.job, 0, "")


def test_names_of_services_have_a_prefix(pages: list[Page]) -> None:
    """A service has metrics of its calls, of ours, of its process and of Python, and no `_created`."""
    for page in pages:
        if page.path == probes.METRICS_PATH:
            names = {name for name, _ in samples(page.text())}
            prefixes = ("grpc_server_handling_seconds_", "coditect_", "process_", "python_info")
            assert {name for name in names if not name.startswith(prefixes)} == set()
            assert {name for name in names if name.endswith("_created")} == set()


def test_our_metrics_exist(pages: list[Page]) -> None:
    """Every selector on a metric of our programs matches in a running system."""
    shown = [sample for page in pages for sample in samples(page.text())]
    missing = [
        selector
        for selector in SELECTORS
        if selector.metric.startswith(OURS) and not any(selector.finds(*sample) for sample in shown)
    ]

    assert missing == []


def test_metrics_of_others_are_known() -> None:
    """Every other metric and label exists in its exporter, and every known one is used."""
    asked = [one for one in SELECTORS if not one.metric.startswith(OURS) and not one.is_recorded]
    wrong = [
        one for one in asked if not set(one.labels) <= KNOWN[one.metric] | {"namespace", "job"}
    ]

    assert {one.metric for one in asked} | {"fdb_operator_cluster_status"} == set(KNOWN)
    assert wrong == []


def test_no_label_is_about_a_user(pages: list[Page], mesh: tuple[Mesh, httpx.Client]) -> None:
    """More users and more paths make no more series, and only known labels are on our metrics."""
    before = {page: _series(page) for page in pages}
    for number in range(3):
        use(mesh[1])
        mesh[1].get(f"/api/v5/sessions/{number}", headers={"user-agent": f"program {number}"})
    after = {page: _series(page) for page in pages}

    for page in pages:
        if page.path == probes.METRICS_PATH:
            assert {label for _, labels in samples(page.text()) for label in labels} <= LABELS
        assert (
            len(after[page]) - len(before[page]) < 100
        )  # methods and codes seen for the first time
        assert len(after[page]) < ENVOY_SERIES
        assert not [one for one in after[page] if re.search(r"\w@\w|[0-9a-f]{8}-[0-9a-f]{4}", one)]


def _series(page: Page) -> set[str]:
    """The series of a page, without their values."""
    return {line.rpartition(" ")[0] for line in page.text().splitlines() if line[:1] != "#"}


def test_an_expression_names_its_namespace() -> None:
    """A rule selects in one namespace, so that two installations on one Prometheus do not mix."""
    loose = [
        selector.metric
        for rule in RULES
        for selector in selectors(rule["expr"])
        if "namespace" not in selector.labels
        and not selector.metric.startswith(("fdb_", "certmanager_"))
    ]
    unlabelled = [rule for rule in RULES if "record" in rule and "namespace" not in rule["labels"]]

    assert (loose, unlabelled) == ([], [])
