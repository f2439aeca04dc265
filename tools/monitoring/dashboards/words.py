"""The parts that queries of dashboards share."""

from tools.monitoring.panels import Query

NS = 'namespace="$namespace"'
"""The namespace that the reader has chosen."""
EDGE = f'{NS},envoy_http_conn_manager_prefix="edge"'
"""What the gateway's clients use."""
SERVED = f'{NS},envoy_cluster_name=~"auth|tenants|sessions|service"'
"""What Envoy calls: for the gateway and for a service the sidecars of others, for a sidecar its service."""
W = "[$__rate_interval]"


def quantile(percent: int, buckets: str) -> Query:
    """A quantile of a histogram over all replicas."""
    return Query(
        f"histogram_quantile({percent / 100:g}, sum by (le) (rate({buckets}{W})))", f"p{percent}"
    )
