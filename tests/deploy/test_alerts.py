"""Tests charts/coditect/alerts.yaml: its metrics exist, and each alert fires when it should."""

import re
import shutil
import socket
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import yaml

from kernel.errors import Kind
from tests.deploy import charts
from tests.end_to_end.conftest import client, start
from tests.end_to_end.person import log_in, new_person

ROOT = Path(__file__).parents[2]
FILE = ROOT / "charts" / "coditect" / "alerts.yaml"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(FILE.read_text())["groups"] for rule in group["rules"]
]
ALERTS = [pytest.param(rule, id=rule["alert"]) for rule in RULES if "alert" in rule]
RECORDED = {rule["record"] for rule in RULES if "record" in rule}

OURS = ("coditect_", "rpc_", "service_", "deliveries_", "envoy_", "store_")
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
ADDED = {"namespace", "job"}
"""Labels that Prometheus adds when it scrapes metrics."""

SELECTOR = re.compile(r"([a-z_]+)\{([^}]*)\}")
MATCHER = re.compile(r'(\w+)(=~|=)"([^"]*)"')
SECONDS = {"m": 60, "h": 3600, "d": 86_400}


needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed"
)


class Selector(NamedTuple):
    """A metric in an expression, and for each label a pattern of the values that match."""

    metric: str
    labels: Mapping[str, re.Pattern[str]]


def selectors(expression: str) -> Iterator[Selector]:
    """The selectors of an expression."""
    for metric, matchers in SELECTOR.findall(expression):
        yield Selector(
            metric,
            {
                label: re.compile(value if kind == "=~" else re.escape(value))
                for label, kind, value in MATCHER.findall(matchers)
            },
        )


def _calls(labels: str, bucket: str, *, fast: int) -> dict[str, str]:
    """100 calls per minute, of which `fast` complete within the bucket."""
    return {
        f'rpc_server_seconds_bucket{{{labels},le="{bucket}"}}': f"0+{fast}x120",
        f"rpc_server_seconds_count{{{labels}}}": "0+100x120",
    }


def _logins(*, refused: int) -> dict[str, str]:
    """100 logins per minute, of which `refused` are refused."""
    return {
        f'rpc_server_seconds_count{{{LOGIN},code="OK"}}': f"0+{100 - refused}x120",
        f'rpc_server_seconds_count{{{LOGIN},code="UNAVAILABLE"}}': f"0+{refused}x120",
    }


def _scaled(pods: int) -> dict[str, str]:
    """A deployment with this many of at most twelve pods."""
    return {
        f"kube_horizontalpodautoscaler_status_current_replicas{{{HPA}}}": f"{pods}x120",
        f"kube_horizontalpodautoscaler_spec_max_replicas{{{HPA}}}": "12x120",
    }


def _volume(*, free: int) -> dict[str, str]:
    """A volume with this percentage free."""
    return {
        f"kubelet_volume_stats_available_bytes{{{PVC}}}": f"{free}x120",
        f"kubelet_volume_stats_capacity_bytes{{{PVC}}}": "100x120",
    }


def _store(*, used: int) -> dict[str, str]:
    """A store that uses this percentage of its limit."""
    return {
        f"store_used_bytes{{{SESSIONS}}}": f"{used}x120",
        f"store_limit_bytes{{{SESSIONS}}}": "100x120",
    }


EDGE = 'namespace="coditect-app",envoy_http_conn_manager_prefix="edge"'
FAILED = f'envoy_http_downstream_rq_xx{{{EDGE},envoy_response_code_class="5"}}'
ALL = f"envoy_http_downstream_rq_completed{{{EDGE}}}"
READ = 'namespace="coditect-app",method="/coditect.sessions.v5.SessionsService/GetSession"'
LOGIN = 'namespace="coditect-app",method="/coditect.auth.v5.LoginsService/Login"'
POD = 'namespace="coditect-app",pod="auth-1",container="service"'
HPA = 'namespace="coditect-app",horizontalpodautoscaler="auth"'
PVC = 'namespace="coditect-app",persistentvolumeclaim="coditect-storage-1-data"'
SESSIONS = 'namespace="coditect-app",job="sessions"'
RESTARTS = f"kube_pod_container_status_restarts_total{{{POD}}}"
EXIT = f"kube_pod_container_status_last_terminated_exitcode{{{POD}}}"
WAITS = f'kube_pod_container_status_waiting_reason{{{POD},reason="CrashLoopBackOff"}}'
PODS = 'kube_deployment_status_replicas_available{namespace="coditect-app",deployment="%s"}'
ENDS = 'certmanager_certificate_expiration_timestamp_seconds{name="auth-mesh"}'
COPIES = 'fdb_operator_cluster_status{name="coditect",status_type="%s"}'
PROBLEM = 'service_problem{namespace="coditect-app",job="sessions",reason="%s"}'
MAILED = 'deliveries_total{namespace="coditect-app",queue="tenants/invitation_emails",outcome="%s"}'
PROVED = 'deliveries_total{namespace="coditect-app",queue="auth/emails",outcome="%s"}'
NOW = 2 * 3600  # trials start at the Unix epoch


def _backup(*times: int) -> dict[str, str]:
    """The time of the newest backup, as each replica of auth knows it."""
    name = 'coditect_backup_last_success_timestamp_seconds{namespace="coditect-app",pod="%s"}'
    return {name % number: f"{time}x120" for number, time in enumerate(times)}


TRIALS: list[tuple[str, dict[str, str], bool]] = [
    # (alert, one value per minute for two hours, whether it fires at the end)
    ("ErrorBudgetBurnFast", {FAILED: "0+2x120", ALL: "0+100x120"}, True),
    ("ErrorBudgetBurnFast", {FAILED: "0+1x120", ALL: "0+100x120"}, False),
    ("ErrorBudgetBurnFast", {FAILED: "0+9x100 900x19", ALL: "0+100x120"}, False),  # has ended
    ("ErrorBudgetBurnSlow", {FAILED: "0+4x120", ALL: "0+1000x120"}, True),
    ("ErrorBudgetBurnSlow", {FAILED: "0+2x120", ALL: "0+1000x120"}, False),
    ("DeploymentUnavailable", {PODS % "auth": "0x120", PODS % "gateway": "3x120"}, True),
    ("DeploymentUnavailable", {PODS % "auth": "3x118 0 0", PODS % "frontend": "0x120"}, False),
    ("HighLatency", _calls(READ, "0.25", fast=95), True),
    ("HighLatency", _calls(LOGIN, "0.25", fast=0), False),
    ("LatencyBudgetExceeded", _calls(READ, "0.01", fast=98), True),
    ("LatencyBudgetExceeded", _calls(READ, "0.01", fast=100), False),
    ("LoginsRefused", _logins(refused=10), True),
    ("LoginsRefused", _logins(refused=1), False),
    ("RevocationsStale", {PROBLEM % "REVOCATIONS_STALE": "0x110 1x9"}, True),
    ("RevocationsStale", {PROBLEM % "STORAGE_UNAVAILABLE": "1x120"}, False),
    ("StorageUnavailable", {PROBLEM % "STORAGE_UNAVAILABLE": "1x120"}, True),
    ("MailStuck", {MAILED % "failed": "0+1x120", MAILED % "done": "5x120"}, True),
    ("MailStuck", {MAILED % "failed": "0+1x120", MAILED % "done": "0+1x120"}, False),
    ("MailStuck", {PROVED % "failed": "0+1x120", MAILED % "done": "0+1x120"}, True),
    ("MailStuck", {PROVED % "failed": "0+1x120", PROVED % "done": "0+1x120"}, False),
    ("PodCrashLooping", {WAITS: "1 _ _ " * 40}, True),
    ("PodCrashLooping", {WAITS: "1x60 _x59"}, False),
    ("ContainerExitsWithZero", {RESTARTS: "0+1x120", EXIT: "0x120"}, True),
    ("ContainerExitsWithZero", {RESTARTS: "0+1x120", EXIT: "1x120"}, False),
    ("ContainerExitsWithZero", {RESTARTS: "0x115 1x4", EXIT: "0x120"}, False),
    ("AutoscalerAtMaximum", _scaled(12), True),
    ("AutoscalerAtMaximum", _scaled(11), False),
    ("FoundationDBUnavailable", {COPIES % "available": "1x110 0x9"}, True),
    ("FoundationDBUnavailable", {COPIES % "replication": "0x120"}, False),
    ("FoundationDBUnderReplicated", {COPIES % "replication": "0x120"}, True),
    ("StorageFull", {PROBLEM % "STORAGE_FULL": "0x110 1x9"}, True),
    ("StorageFull", {PROBLEM % "STORAGE_UNAVAILABLE": "1x120"}, False),
    ("StorageUnavailable", {PROBLEM % "STORAGE_FULL": "1x120"}, False),
    ("StoreFillingUp", _store(used=75), True),
    ("StoreFillingUp", _store(used=65), False),
    ("StorageFillingUp", _volume(free=20), True),
    ("StorageNearlyFull", _volume(free=20), False),
    ("StorageNearlyFull", _volume(free=10), True),
    ("BackupMissing", {PODS % "coditect-backup-agents": "0x120"}, True),
    ("BackupOutdated", _backup(NOW - 3 * 3600), True),
    ("BackupOutdated", _backup(NOW - 3 * 3600, NOW + 3600), False),
    ("BackupOutdated", _backup(0) | {PODS % "coditect-backup-agents": "2x120"}, True),
    ("BackupOutdated", _backup(0), False),
    ("MeshCertificateExpiring", {ENDS: f"{NOW + 5 * 3600}x120"}, True),
    ("MeshCertificateExpiring", {ENDS: f"{NOW + 8 * 3600}x120"}, False),
]

SELECTORS = [selector for rule in RULES for selector in selectors(rule["expr"])]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, dict[str, str]]]:
    """The metrics, with labels, of a running system that has been used."""
    probes = _free_port()
    with start(tmp_path_factory.mktemp("metrics"), PROBES_LISTEN=f"127.0.0.1:{probes}") as laptop:
        laptop.wait_until_ready()
        with client(laptop) as http:
            person = log_in(http, new_person(http))
            for path in ("/auth/me", "/tenants", "/sessions"):
                assert person.call("GET", path).status_code == 200
        ports = laptop.settings.metrics_ports.values()
        pages = [f"http://127.0.0.1:{port}/metrics" for port in ports]
        pages.append(f"http://127.0.0.1:{probes}/stats/prometheus")
        return [sample for page in pages for sample in _samples(page)]


def test_our_metrics_exist(samples: list[tuple[str, dict[str, str]]]) -> None:
    """Every selector on a metric of our services or of Envoy matches in a running system."""
    missing = [
        selector
        for selector in SELECTORS
        if selector.metric.startswith(OURS)
        and not any(_finds(selector, metric, labels) for metric, labels in samples)
    ]

    assert missing == []


def test_metrics_of_others_are_known() -> None:
    """Every other metric and label exists in its exporter, and every known one is used."""
    known = {name: labels for each in ELSEWHERE.values() for name, labels in each.items()}
    asked = [selector for selector in SELECTORS if not selector.metric.startswith(OURS)]

    assert {selector.metric for selector in asked} == set(known)
    assert [one for one in asked if not set(one.labels) <= known[one.metric] | ADDED] == []


def test_expressions_use_only_selectors_and_recorded_rules() -> None:
    """An expression uses no metric without a selector, except recorded ones."""
    words = {
        word
        for rule in RULES
        for word in re.findall(r"[a-z_]+_[a-z_]+(?=[^a-z_({])", SELECTOR.sub("", rule["expr"]))
        if ":" not in word
    }
    recorded = set(re.findall(r"coditect:\w+:\w+", " ".join(rule["expr"] for rule in RULES)))

    assert {word for word in words if word.startswith(("kube_", "envoy_", "rpc_", "fdb_"))} == set()
    assert recorded == RECORDED


def test_a_refusal_has_the_code_that_is_counted() -> None:
    """When auth cannot keep up it answers UNAVAILABLE, the code that the alert counts."""
    codes = {one.labels["code"].pattern for one in SELECTORS if "code" in one.labels}

    assert codes == {Kind.UNAVAILABLE.value}


@pytest.mark.parametrize("rule", ALERTS)
def test_an_alert_says_what_to_do(rule: dict[str, Any]) -> None:
    """An alert has a severity, a one-sentence summary, and a runbook that names the alert."""
    notes = rule["annotations"]
    runbook = ROOT / notes["runbook_url"]

    assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"] in ({"severity": "page"}, {"severity": "ticket"})
    assert set(notes) == {"summary", "description", "runbook_url"}
    assert all(notes[name].endswith(".") for name in ("summary", "description"))
    assert runbook.parent == ROOT / "docs" / "runbooks"
    head = runbook.read_text(encoding="utf-8").split("\n## ")[0]
    assert f"`{rule['alert']}`" in head
    index = (runbook.parent / "README.md").read_text(encoding="utf-8")
    assert f"`{rule['alert']}`" in index


@pytest.mark.parametrize("rule", ALERTS)
def test_an_alert_waits_a_sensible_time(rule: dict[str, Any]) -> None:
    """A page fires after 1 to 15 minutes, a ticket after 15 to 60."""
    number, unit = re.fullmatch(r"(\d+)([mhd])", rule["for"]).groups()
    waits = int(number) * SECONDS[unit]

    if rule["labels"]["severity"] == "page":
        assert 60 <= waits <= 15 * 60
    else:
        assert 15 * 60 <= waits <= 3600


def test_names_are_those_of_the_chart() -> None:
    """Alerts on deployments and certificates cover all those that the chart creates."""
    made = charts.release("coditect", "prod")

    assert _meant("kube_deployment_status_replicas_available", "deployment", made.of("Deployment"))
    assert _meant(
        "certmanager_certificate_expiration_timestamp_seconds", "name", made.of("Certificate")
    )


def test_the_chart_renders_the_file_unchanged() -> None:
    """Prometheus' templates survive Helm, which uses the same braces."""
    (rules,) = charts.release("coditect", "prod").of("PrometheusRule").values()

    assert rules["spec"] == yaml.safe_load(FILE.read_text())


def test_an_alert_links_to_its_runbook() -> None:
    """With the URL of the runbooks set, the chart turns their paths into URLs."""
    base = "https://example.com/coditect/blob/main/"
    values = charts.merged(
        charts.GIVEN["coditect"],
        charts.values_of("coditect", "prod"),
        {"monitoring": {"runbooks": base}},
    )
    [rules] = [one for one in charts.render("coditect", values) if one["kind"] == "PrometheusRule"]
    paths = [rule["annotations"]["runbook_url"] for rule in RULES if "alert" in rule]
    linked = [
        rule["annotations"]["runbook_url"]
        for group in rules["spec"]["groups"]
        for rule in group["rules"]
        if "alert" in rule
    ]
    assert linked == [base + path for path in paths]


@needs_promtool
def test_prometheus_accepts_the_rules() -> None:
    """Prometheus' own checker finds nothing wrong."""
    done = subprocess.run(
        ["promtool", "check", "rules", str(FILE)], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


@needs_promtool
def test_alerts_fire(tmp_path: Path) -> None:
    """Prometheus fires each alert when its condition holds, and not below its threshold."""
    shutil.copy(FILE, tmp_path / "rules.yaml")
    tests = [_trial(*trial) for trial in TRIALS]
    trials = tmp_path / "trials.yaml"
    # Evaluating every five minutes is enough, and much faster than every minute.
    told = {"rule_files": ["rules.yaml"], "evaluation_interval": "5m", "tests": tests}
    trials.write_text(yaml.safe_dump(told))

    done = subprocess.run(
        ["promtool", "test", "rules", str(trials)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def _trial(name: str, series: Mapping[str, str], rings: bool) -> dict[str, Any]:
    """A trial in promtool's format: how many alerts of this name fire after two hours."""
    raised = f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)'
    expected = {"labels": "{}", "value": int(rings)}
    return {
        "interval": "1m",
        "input_series": [{"series": one, "values": values} for one, values in series.items()],
        "promql_expr_test": [{"expr": raised, "eval_time": "2h", "exp_samples": [expected]}],
    }


def _meant(metric: str, label: str, names: Iterable[str]) -> bool:
    """Whether selectors on the metric match each of the names."""
    patterns = [one.labels[label] for one in SELECTORS if one.metric == metric]
    return bool(patterns) and all(
        any(pattern.fullmatch(name) for pattern in patterns) for name in names
    )


def _finds(selector: Selector, metric: str, labels: Mapping[str, str]) -> bool:
    """Whether a selector matches a sample, ignoring added labels and the codes of failures."""
    return selector.metric == metric and all(
        label in ADDED
        or (label in {"code", "reason"} and label in labels)
        or pattern.fullmatch(labels.get(label, ""))
        for label, pattern in selector.labels.items()
    )


def _samples(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each sample of a page in Prometheus' text format."""
    for line in httpx.get(page, trust_env=False).text.splitlines():
        if found := re.match(r"([a-zA-Z_:][\w:]*)(?:\{([^}]*)\})? ", line):
            yield found[1], dict(re.findall(r'(\w+)="([^"]*)"', found[2] or ""))


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])
