"""What an operator looks at first: objectives, calls, replicas."""

from tools.monitoring.dashboards.words import EDGE, NS, W, quantile
from tools.monitoring.objectives import RECORD
from tools.monitoring.panels import Panel, Query

PANELS = (
    Panel(
        "Replicas by release",
        "short",
        [
            Query(
                f"count by (job, version, revision) (coditect_build_info{{{NS}}})",
                "{{job}} {{version}} {{revision}}",
            )
        ],
        kind="stat",
        width=12,
    ),
    Panel(
        "Services that cannot serve",
        "short",
        [
            Query(
                f"sum by (job) (max by (job, pod, instance) (coditect_service_problem{{{NS}}}))",
                "{{job}}",
            )
        ],
        "How many replicas are not ready. The runbook of the reason is that of its alert.",
        "stat",
        12,
    ),
    Panel(
        "Failures against the objectives, last hour",
        "percentunit",
        [Query(f"{RECORD}1h{{{NS}}}", "{{slo}}")],
        "The budgets: api_availability 0.1 %, api_latency 1 %, login 0.5 %, logout 0.1 %.",
    ),
    Panel(
        "Failures against the objectives, three days",
        "percentunit",
        [Query(f"{RECORD}3d{{{NS}}}", "{{slo}}")],
    ),
    Panel(
        "Calls at the gateway",
        "reqps",
        [
            Query(
                f"sum by (envoy_response_code_class) (rate(envoy_http_downstream_rq_xx{{{EDGE}}}{W}))",
                "{{envoy_response_code_class}}xx",
            )
        ],
    ),
    Panel(
        "Time of a call at the gateway",
        "ms",
        [quantile(each, f"envoy_http_downstream_rq_time_bucket{{{EDGE}}}") for each in (50, 99)],
        "Of all calls: logins hash, logouts wait until all services know, downloads last.",
    ),
    Panel(
        "Calls by service",
        "reqps",
        [Query(f"sum by (job) (rate(grpc_server_handling_seconds_count{{{NS}}}{W}))", "{{job}}")],
    ),
    Panel(
        "The slowest methods, p99",
        "s",
        [
            Query(
                "topk(8, histogram_quantile(0.99, sum by (le, grpc_service, grpc_method)"
                f' (rate(grpc_server_handling_seconds_bucket{{{NS},grpc_type="unary"}}{W}))))',
                "{{grpc_service}}/{{grpc_method}}",
            )
        ],
    ),
    Panel(
        "Failed calls",
        "reqps",
        [
            Query(
                f'sum by (job, grpc_code) (rate(grpc_server_handling_seconds_count{{{NS},grpc_code!="OK"}}{W}))',
                "{{job}} {{grpc_code}}",
            )
        ],
    ),
    Panel(
        "Calls in flight",
        "short",
        [Query(f"sum by (job) (coditect_calls_in_flight{{{NS}}})", "{{job}}")],
        "With streams: auth has two for each replica of the others.",
    ),
    Panel(
        "CPU of a replica",
        "percentunit",
        [Query(f"max by (job) (rate(process_cpu_seconds_total{{{NS}}}{W}))", "{{job}}")],
        "A service uses one core, and auth more for hashes. Near 1, add replicas.",
    ),
    Panel(
        "Memory of a replica",
        "bytes",
        [Query(f"max by (job) (process_resident_memory_bytes{{{NS}}})", "{{job}}")],
    ),
)
