"""Service level objectives: their recording rules, and alerts on how fast they use up their budget.

The windows and factors are those of chapter 5 of Google's *Site Reliability Workbook*. A budget is
what an objective leaves for failures in 30 days. At 14.4 times the allowed rate a fiftieth of it is
gone in an hour, at 6 times a twentieth in six hours: those wake someone up. At the allowed rate a
tenth is gone in three days: that is a ticket. The short window beside each long one ends the alert
soon after the trouble ends.
"""

from dataclasses import dataclass
from typing import Any

WINDOWS = ("5m", "30m", "1h", "6h", "3d")
RECORD = "coditect:slo_errors:ratio_rate"
NAMESPACE = "coditect-app"
"""Stands for the namespace of the installation: the chart replaces it."""

_EDGE = f'namespace="{NAMESPACE}",envoy_http_conn_manager_prefix="edge"'
_LOGINS = (
    f'namespace="{NAMESPACE}",grpc_service=~"coditect[.]auth[.]v5[.](AccountsService|LoginsService)"'
    ',grpc_method=~"Register|Login|LoginWithSecondFactor|LoginWithPasskey"'
)
_OURS = 'grpc_code=~"UNAVAILABLE|DEADLINE_EXCEEDED|INTERNAL"'
_FAST = ((14.4, "1h", "5m"), (6, "6h", "30m"))
_SLOW = (1, "3d", "6h")


@dataclass(frozen=True)
class Objective:
    """What share of events must be good.

    Attributes:
        name: The label `slo` of its series.
        alert: What the names of its alerts begin with.
        budget: The share of events that may be bad.
        bad: The rate of bad events, with `[W]` for the window.
        every: The rate of all events.
        is_bad: What a bad event is, as the end of a sentence.
        effect: What users notice.
        runbook: The file of the runbook.
    """

    name: str
    alert: str
    budget: float
    bad: str
    every: str
    is_bad: str
    effect: str
    runbook: str


OBJECTIVES = (
    Objective(
        "api_availability",
        "ApiErrorBudget",
        0.001,
        f'sum(rate(envoy_http_downstream_rq_xx{{{_EDGE},envoy_response_code_class="5"}}[W]))',
        f"sum(rate(envoy_http_downstream_rq_completed{{{_EDGE}}}[W]))",
        "calls to the gateway are answered with a 5xx",
        "Users see errors.",
        "gateway-errors.md",
    ),
    Objective(
        "api_latency",
        "ApiLatencyBudget",
        0.01,
        f"sum(rate(envoy_http_downstream_rq_time_count{{{_EDGE}}}[W]))\n"
        f'- sum(rate(envoy_http_downstream_rq_time_bucket{{{_EDGE},le="250"}}[W]))',
        f"sum(rate(envoy_http_downstream_rq_time_count{{{_EDGE}}}[W]))",
        "calls to the gateway take longer than 250 ms",
        "Users notice. Clients start to time out and retry, which makes it worse.",
        "latency.md",
    ),
    Objective(
        "login",
        "LoginBudget",
        0.005,
        f"sum(rate(grpc_server_handling_seconds_count{{{_LOGINS},{_OURS}}}[W])) or vector(0)",
        f"sum(rate(grpc_server_handling_seconds_count{{{_LOGINS}}}[W]))",
        "logins and registrations fail for a reason that lies with us",
        "Users who are logged in notice nothing. Hashing needs more CPU, or someone is guessing passwords.",
        "logins-refused.md",
    ),
    Objective(
        "logout",
        "LogoutBudget",
        0.001,
        f'sum(rate(coditect_revocation_waits_total{{namespace="{NAMESPACE}",outcome="late"}}[W]))',
        f'sum(rate(coditect_revocation_waits_total{{namespace="{NAMESPACE}"}}[W]))',
        "logouts are answered before every service enforces them",
        "An ended login works at some replica for a moment more; a service that hears nothing refuses all tokens.",
        "logouts-late.md",
    ),
)


def rules() -> dict[str, Any]:
    """The rules in Prometheus' format."""
    return {
        "groups": [
            {
                "name": "coditect.slo-ratios",
                "rules": [_recorded(one, window) for one in OBJECTIVES for window in WINDOWS],
            },
            {
                "name": "coditect.slo-alerts",
                "rules": [rule for one in OBJECTIVES for rule in (_fast(one), _slow(one))],
            },
        ]
    }


def _recorded(objective: Objective, window: str) -> dict[str, Any]:
    bad, every = (text.replace("[W]", f"[{window}]") for text in (objective.bad, objective.every))
    return {
        "record": f"{RECORD}{window}",
        "labels": {"namespace": NAMESPACE, "slo": objective.name},
        "expr": f"({bad})\n  / {every}\n",
    }


def _fast(objective: Objective) -> dict[str, Any]:
    return _alert(
        objective,
        "BurnFast",
        "\nor\n".join(f"(\n{_burning(objective, *each)}\n)" for each in _FAST) + "\n",
        ("2m", "page"),
        "At this rate a month's budget is gone in two to five days.",
    )


def _slow(objective: Objective) -> dict[str, Any]:
    return _alert(
        objective,
        "BurnSlow",
        _burning(objective, *_SLOW) + "\n",
        ("30m", "ticket"),
        "At this rate nothing of the budget is left at the end of the month.",
    )


def _burning(objective: Objective, factor: float, long: str, short: str) -> str:
    series = f'{{namespace="{NAMESPACE}",slo="{objective.name}"}}'
    limit = f"{factor:g} * {objective.budget:g}"
    return f"  {RECORD}{long}{series} > {limit}\n    and {RECORD}{short}{series} > {limit}"


def _alert(
    objective: Objective, ending: str, expression: str, waits: tuple[str, str], rate: str
) -> dict[str, Any]:
    return {
        "alert": objective.alert + ending,
        "expr": expression,
        "for": waits[0],
        "labels": {"severity": waits[1]},
        "annotations": {
            "summary": f"{{{{ $value | humanizePercentage }}}} of {objective.is_bad}"
            f" (allowed: {objective.budget:.1%}).",
            "description": f"{objective.effect} {rate}",
            "runbook_url": f"docs/runbooks/{objective.runbook}",
        },
    }
