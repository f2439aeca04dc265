"""The store and the queues in it."""

from tools.monitoring.dashboards.words import NS, W
from tools.monitoring.panels import Panel, Query

PANELS = (
    Panel(
        "Commits",
        "ops",
        [Query(f"sum by (job) (rate(coditect_store_commits_total{{{NS}}}{W}))", "{{job}}")],
    ),
    Panel(
        "Attempts that conflicted",
        "ops",
        [Query(f"sum by (job) (rate(coditect_store_conflicts_total{{{NS}}}{W}))", "{{job}}")],
        "Only on FoundationDB: the embedded store has one writer.",
    ),
    Panel(
        "Conflicts for each commit",
        "percentunit",
        [
            Query(
                f"sum by (job) (rate(coditect_store_conflicts_total{{{NS}}}{W})) / sum by (job) (rate(coditect_store_commits_total{{{NS}}}{W}))",
                "{{job}}",
            )
        ],
        "Much above 0.1, many clients write to the same rows.",
    ),
    Panel(
        "Size of the embedded store",
        "bytes",
        [
            Query(f"max by (job) (coditect_store_used_bytes{{{NS}}})", "{{job}} used"),
            Query(f"min by (job) (coditect_store_limit_bytes{{{NS}}})", "{{job}} limit"),
        ],
        "FoundationDB has none: see its volumes.",
    ),
    Panel(
        "Rows that wait in queues",
        "short",
        [Query(f"max by (queue) (coditect_queue_depth{{{NS}}})", "{{queue}}")],
        "1000 stands for as many or more.",
    ),
    Panel(
        "Age of the oldest row in queues",
        "s",
        [Query(f"max by (queue) (coditect_queue_oldest_age_seconds{{{NS}}})", "{{queue}}")],
    ),
    Panel(
        "Deliveries",
        "ops",
        [
            Query(
                f"sum by (queue, outcome) (rate(coditect_deliveries_total{{{NS}}}{W}))",
                "{{queue}} {{outcome}}",
            )
        ],
    ),
    Panel(
        "Time since the last sweep",
        "s",
        [Query(f"min by (job) (coditect_sweep_age_seconds{{{NS}}})", "{{job}}")],
        "One replica that sweeps is enough.",
    ),
    Panel(
        "FoundationDB",
        "short",
        [
            Query(
                "min by (name, status_type) (fdb_operator_cluster_status)",
                "{{name}} {{status_type}}",
            )
        ],
        "1 is good. From FoundationDB's operator; empty with the embedded store.",
    ),
    Panel(
        "Free space of volumes",
        "percentunit",
        [
            Query(
                f"kubelet_volume_stats_available_bytes{{{NS}}} / kubelet_volume_stats_capacity_bytes{{{NS}}}",
                "{{persistentvolumeclaim}}",
            )
        ],
        "From the kubelets. At 5 % FoundationDB rejects writes.",
    ),
)
