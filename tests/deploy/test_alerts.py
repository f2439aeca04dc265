"""The rules of the chart: each alert has a runbook, and fires when it should."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from kernel.errors import Kind
from services.auth.passwords.errors import HashingBusy
from tests.deploy import charts
from tests.monitoring.expressions import FILES, OURS, ROOT, RULES, SELECTOR, selectors
from tests.monitoring.prometheus import needs_promtool

ALERTS = [pytest.param(rule, id=rule["alert"]) for rule in RULES if "alert" in rule]
RECORDED = {rule["record"] for rule in RULES if "record" in rule}
SECONDS = {"m": 60, "h": 3600, "d": 86_400}
SELECTORS = [selector for rule in RULES for selector in selectors(rule["expr"])]


def _calls(labels: str, bucket: str, *, fast: int) -> dict[str, str]:
    """100 calls per minute, of which `fast` complete within the bucket."""
    name = "grpc_server_handling_seconds"
    return {
        f'{name}_bucket{{{labels},grpc_type="unary",le="{bucket}"}}': f"0+{fast}x120",
        f'{name}_count{{{labels},grpc_type="unary"}}': "0+100x120",
    }


def _edge_calls(*, fast: int) -> dict[str, str]:
    """100 calls of the gateway per minute, of which `fast` take at most 250 ms."""
    return {
        f'envoy_http_downstream_rq_time_bucket{{{EDGE},le="250"}}': f"0+{fast}x120",
        f"envoy_http_downstream_rq_time_count{{{EDGE}}}": "0+100x120",
    }


def _logins(*, refused: int, code: str = "UNAVAILABLE") -> dict[str, str]:
    """100 logins per minute, of which `refused` end with a code."""
    name = "grpc_server_handling_seconds_count"
    return {
        f'{name}{{{LOGIN},grpc_code="OK"}}': f"0+{100 - refused}x120",
        f'{name}{{{LOGIN},grpc_code="{code}"}}': f"0+{refused}x120",
    }


def _logouts(*, late: int) -> dict[str, str]:
    """1,000 logouts per minute, of which some are late."""
    return {
        f'coditect_revocation_waits_total{{{AUTH},outcome="enforced"}}': f"0+{1000 - late}x120",
        f'coditect_revocation_waits_total{{{AUTH},outcome="late"}}': f"0+{late}x120",
    }


def _conflicts(*, conflicts: int) -> dict[str, str]:
    """100 commits per minute, and some conflicts."""
    return {
        f"coditect_store_commits_total{{{SESSIONS}}}": "0+100x120",
        f"coditect_store_conflicts_total{{{SESSIONS}}}": f"0+{conflicts}x120",
    }


def _reported(*jobs: str) -> dict[str, str]:
    """What shows that workloads are read."""
    names = dict.fromkeys(jobs, "coditect_build_info") | {"gateway": "envoy_server_live"}
    return {f'{names[job]}{{namespace="coditect-app",job="{job}"}}': "1x120" for job in jobs}


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
        f"coditect_store_used_bytes{{{SESSIONS}}}": f"{used}x120",
        f"coditect_store_limit_bytes{{{SESSIONS}}}": "100x120",
    }


EDGE = 'namespace="coditect-app",envoy_http_conn_manager_prefix="edge"'
FAILED = f'envoy_http_downstream_rq_xx{{{EDGE},envoy_response_code_class="5"}}'
ALL = f"envoy_http_downstream_rq_completed{{{EDGE}}}"
READ = (
    'namespace="coditect-app",grpc_service="coditect.sessions.v5.SessionsService"'
    ',grpc_method="GetSession"'
)
SAVE = READ.replace("GetSession", "UpdateSession")
LOGIN = 'namespace="coditect-app",grpc_service="coditect.auth.v5.LoginsService",grpc_method="Login"'
AUTH = 'namespace="coditect-app",job="auth"'
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
PROBLEM = 'coditect_service_problem{namespace="coditect-app",job="sessions",reason="%s"}'
DELIVERED = 'coditect_deliveries_total{namespace="coditect-app"'
MAILED = f'{DELIVERED},queue="tenants/invitation_emails",outcome="%s"}}'
PROVED = f'{DELIVERED},queue="auth/emails",outcome="%s"}}'
WAITS_FOR = 'coditect_queue_oldest_age_seconds{namespace="coditect-app",queue="%s",pod="%s"}'
WAITING = 'coditect_queue_depth{namespace="coditect-app",queue="%s",pod="%s"}'
SWEPT = 'coditect_sweep_age_seconds{namespace="coditect-app",job="auth",pod="%s"}'
NOW = 2 * 3600  # trials start at the Unix epoch


def _backup(*times: int) -> dict[str, str]:
    """The time of the newest backup, as each replica of auth knows it."""
    name = 'coditect_backup_last_success_timestamp_seconds{namespace="coditect-app",pod="%s"}'
    return {name % number: f"{time}x120" for number, time in enumerate(times)}


TRIALS: list[tuple[str, dict[str, str], bool]] = [
    # (alert, one value per minute for two hours, whether it fires at the end)
    ("ApiErrorBudgetBurnFast", {FAILED: "0+2x120", ALL: "0+100x120"}, True),
    ("ApiErrorBudgetBurnFast", {FAILED: "0+1x120", ALL: "0+200x120"}, False),
    ("ApiErrorBudgetBurnFast", {FAILED: "0+9x100 900x19", ALL: "0+100x120"}, True),  # 6h and 30m
    ("ApiErrorBudgetBurnFast", {FAILED: "0+9x80 720x39", ALL: "0+100x120"}, False),  # has ended
    ("ApiErrorBudgetBurnFast", {FAILED: "0+7x120", ALL: "0+1000x120"}, True),  # six times
    ("ApiErrorBudgetBurnSlow", {FAILED: "0+2x120", ALL: "0+1000x120"}, True),
    ("ApiErrorBudgetBurnSlow", {FAILED: "0+1x120", ALL: "0+2000x120"}, False),
    ("ApiLatencyBudgetBurnFast", _edge_calls(fast=80), True),
    ("ApiLatencyBudgetBurnFast", _edge_calls(fast=96), False),
    ("ApiLatencyBudgetBurnSlow", _edge_calls(fast=96), True),
    ("ApiLatencyBudgetBurnSlow", _edge_calls(fast=100), False),
    ("LoginBudgetBurnFast", _logins(refused=10), True),
    ("LoginBudgetBurnFast", _logins(refused=10, code="INTERNAL"), True),
    ("LoginBudgetBurnFast", _logins(refused=90, code="UNAUTHENTICATED"), False),
    ("LoginBudgetBurnFast", _logins(refused=1), False),
    ("LoginBudgetBurnSlow", _logins(refused=1), True),
    ("LoginBudgetBurnSlow", _logins(refused=90, code="UNAUTHENTICATED"), False),
    ("LogoutBudgetBurnFast", _logouts(late=20), True),
    ("LogoutBudgetBurnFast", _logouts(late=2), False),
    ("LogoutBudgetBurnSlow", _logouts(late=2), True),
    ("LogoutBudgetBurnSlow", _logouts(late=0), False),
    ("DeploymentUnavailable", {PODS % "auth": "0x120", PODS % "gateway": "3x120"}, True),
    ("DeploymentUnavailable", {PODS % "auth": "3x118 0 0", PODS % "frontend": "0x120"}, False),
    ("LatencyBudgetExceeded", _calls(READ, "0.01", fast=98), True),
    ("LatencyBudgetExceeded", _calls(READ, "0.01", fast=100), False),
    ("LatencyBudgetExceeded", _calls(SAVE, "0.01", fast=98), True),
    ("LatencyBudgetExceeded", _calls(LOGIN, "0.01", fast=0), False),
    ("RevocationsStale", {PROBLEM % "REVOCATIONS_STALE": "0x110 1x9"}, True),
    ("RevocationsStale", {PROBLEM % "STORAGE_UNAVAILABLE": "1x120"}, False),
    ("StorageUnavailable", {PROBLEM % "STORAGE_UNAVAILABLE": "1x120"}, True),
    ("MailStuck", {MAILED % "failed": "0+1x120", MAILED % "done": "5x120"}, True),
    ("MailStuck", {MAILED % "failed": "0+1x120", MAILED % "done": "0+1x120"}, False),
    ("MailStuck", {PROVED % "failed": "0+1x120", MAILED % "done": "0+1x120"}, True),
    ("MailStuck", {PROVED % "failed": "0+1x120", PROVED % "done": "0+1x120"}, False),
    ("OutboxLate", {WAITS_FOR % ("auth/audit_events", "a"): "0+60x120"}, True),
    (
        "OutboxLate",  # one replica has seen the row for long, another has just started
        {
            WAITS_FOR % ("auth/outbox", "a"): "0+60x120",
            WAITS_FOR % ("auth/outbox", "b"): "0x110 0+60x9",
        },
        True,
    ),
    ("OutboxLate", {WAITS_FOR % ("auth/outbox", "a"): "30x120"}, False),
    ("OutboxLate", {WAITS_FOR % ("auth/emails", "a"): "0+60x120"}, False),
    ("MailLate", {WAITS_FOR % ("auth/emails", "a"): "15000x120"}, True),
    ("MailLate", {WAITS_FOR % ("auth/emails", "a"): "0+60x120"}, False),
    ("MailLate", {WAITS_FOR % ("auth/outbox", "a"): "15000x120"}, False),
    ("QueueDeep", {WAITING % ("auth/outbox", "a"): "1000x120"}, True),
    ("QueueDeep", {WAITING % ("auth/outbox", "a"): "999x120"}, False),
    ("SweepLate", {SWEPT % "a": "0+60x120"}, True),
    ("SweepLate", {SWEPT % "a": "0+60x120", SWEPT % "b": "9x120"}, False),
    ("ManyConflicts", _conflicts(conflicts=60), True),
    ("ManyConflicts", _conflicts(conflicts=20), False),
    ("MetricsMissing", _reported("gateway", "tenants", "sessions"), True),
    ("MetricsMissing", _reported("gateway", "auth", "tenants", "sessions"), False),
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


def test_expressions_use_only_selectors_and_recorded_rules() -> None:
    """An expression uses no metric without a selector, and only recorded ones that are recorded."""
    words = {
        word
        for rule in RULES
        for word in re.findall(r"[a-z_]+_[a-z_]+(?=[^a-z_({])", SELECTOR.sub("", rule["expr"]))
    }
    recorded = {one.metric for one in SELECTORS if one.is_recorded}

    assert {word for word in words if word.startswith((*OURS, "kube_", "fdb_"))} == set()
    assert recorded == RECORDED


def test_a_refusal_has_a_code_that_is_counted() -> None:
    """What the objective of logins counts as our failure are the kinds of errors that are."""
    (pattern,) = {one.labels["grpc_code"] for one in SELECTORS if "grpc_code" in one.labels}
    ours = {Kind.UNAVAILABLE, Kind.TIMEOUT, Kind.INTERNAL}

    assert {kind for kind in Kind if pattern.matches(kind.value)} == ours
    assert HashingBusy.kind in ours


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


def test_the_chart_renders_the_files_unchanged() -> None:
    """Prometheus' templates survive Helm, which uses the same braces."""
    made = charts.release("coditect", "prod").of("PrometheusRule")

    assert [made["coditect"]["spec"], made["coditect-objectives"]["spec"]] == [
        yaml.safe_load(file.read_text()) for file in FILES
    ]


def test_an_alert_links_to_its_runbook() -> None:
    """With the URL of the runbooks set, the chart turns their paths into URLs."""
    base = "https://example.com/coditect/blob/main/"
    values = charts.merged(
        charts.GIVEN["coditect"],
        charts.values_of("coditect", "prod"),
        {"monitoring": {"runbooks": base}},
    )
    rendered = charts.render("coditect", values)
    rules = [one["spec"] for one in rendered if one["kind"] == "PrometheusRule"]
    paths = [rule["annotations"]["runbook_url"] for rule in RULES if "alert" in rule]
    linked = [
        rule["annotations"]["runbook_url"]
        for each in rules
        for group in each["groups"]
        for rule in group["rules"]
        if "alert" in rule
    ]
    assert sorted(linked) == sorted(base + path for path in paths)


@needs_promtool
def test_prometheus_accepts_the_rules() -> None:
    """Prometheus' own checker finds nothing wrong."""
    done = subprocess.run(
        ["promtool", "check", "rules", *map(str, FILES)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.drill
@needs_promtool
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_alerts_fire(file: Path, tmp_path: Path) -> None:
    """Prometheus fires each alert of a file when its condition holds, and not below its threshold."""
    shutil.copy(file, tmp_path)
    names = set(re.findall(r"alert: (\w+)", file.read_text(encoding="utf-8")))
    tests = [_trial(*trial) for trial in TRIALS if trial[0] in names]
    trials = tmp_path / "trials.yaml"
    # Evaluating every five minutes is enough, and much faster than every minute.
    told = {"rule_files": [file.name], "evaluation_interval": "5m", "tests": tests}
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
    matchers = [one.labels[label] for one in SELECTORS if one.metric == metric]
    return bool(matchers) and all(
        any(matcher.matches(name) for matcher in matchers) for name in names
    )
