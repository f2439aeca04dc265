"""The gateway and the sidecars, by the names of Envoy."""

from tools.monitoring.dashboards.words import EDGE, NS, SERVED, W
from tools.monitoring.panels import Panel, Query

PANELS = (
    Panel(
        "Connections of clients",
        "short",
        [Query(f"sum by (job) (envoy_http_downstream_cx_active{{{EDGE}}})", "{{job}}")],
    ),
    Panel(
        "Calls in flight at the gateway",
        "short",
        [Query(f"sum by (job) (envoy_http_downstream_rq_active{{{EDGE}}})", "{{job}}")],
    ),
    Panel(
        "Bytes to and from clients",
        "Bps",
        [
            Query(f"sum(rate(envoy_http_downstream_cx_tx_bytes_total{{{EDGE}}}{W}))", "sent"),
            Query(f"sum(rate(envoy_http_downstream_cx_rx_bytes_total{{{EDGE}}}{W}))", "received"),
        ],
    ),
    Panel(
        "Calls from Envoy to a service",
        "reqps",
        [
            Query(
                f"sum by (job, envoy_cluster_name) (rate(envoy_cluster_upstream_rq_total{{{SERVED}}}{W}))",
                "{{job}} to {{envoy_cluster_name}}",
            )
        ],
    ),
    Panel(
        "Time of a call from Envoy to a service, p99",
        "ms",
        [
            Query(
                f"histogram_quantile(0.99, sum by (job, envoy_cluster_name, le) (rate(envoy_cluster_upstream_rq_time_bucket{{{SERVED}}}{W})))",
                "{{job}} to {{envoy_cluster_name}}",
            )
        ],
    ),
    Panel(
        "Retries and time-outs",
        "reqps",
        [
            Query(
                f"sum by (job) (rate(envoy_cluster_upstream_rq_{what}{{{SERVED}}}{W}))",
                f"{{{{job}}}} {what}",
            )
            for what in ("retry", "timeout", "pending_overflow")
        ],
    ),
    Panel(
        "Hosts that Envoy may call",
        "short",
        [
            Query(
                f"min by (job, envoy_cluster_name) (envoy_cluster_membership_{what}{{{SERVED}}})",
                f"{{{{job}}}} to {{{{envoy_cluster_name}}}} {what}",
            )
            for what in ("healthy", "total")
        ],
        "Fewer healthy ones than there are: a replica does not answer health checks.",
    ),
    Panel(
        "Failed connections to services",
        "ops",
        [
            Query(
                f"sum by (job, envoy_cluster_name) (rate(envoy_cluster_upstream_cx_connect_fail{{{SERVED}}}{W}))",
                "{{job}} to {{envoy_cluster_name}}",
            )
        ],
    ),
    Panel(
        "Refused TLS handshakes",
        "ops",
        [
            Query(
                f"sum by (job) (rate(envoy_listener_ssl_connection_error{{{NS}}}{W}))",
                "{{job}} error",
            ),
            Query(
                f"sum by (job) (rate(envoy_listener_ssl_fail_verify_no_cert{{{NS}}}{W}))",
                "{{job}} no certificate",
            ),
            Query(
                f"sum by (job) (rate(envoy_listener_ssl_fail_verify_error{{{NS}}}{W}))",
                "{{job}} wrong certificate",
            ),
        ],
        "At the mesh's listeners of the sidecars.",
    ),
    Panel(
        "Calls that a sidecar refused",
        "reqps",
        [Query(f"sum by (job) (rate(envoy_http_rbac_denied{{{NS}}}{W}))", "{{job}}")],
        "The caller's workload may not call the method.",
    ),
    Panel(
        "Days until Envoy's certificates expire",
        "d",
        [Query(f"min by (job) (envoy_server_days_until_first_cert_expiring{{{NS}}})", "{{job}}")],
        "Certificates are good for a day and renewed after 16 hours: 0 is normal.",
    ),
    Panel(
        "Memory of Envoy",
        "bytes",
        [Query(f"max by (job) (envoy_server_memory_allocated{{{NS}}})", "{{job}}")],
    ),
)
