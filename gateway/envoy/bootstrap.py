"""The building blocks of every Envoy configuration, for the edge and the sidecars."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import yaml

from kernel.settings import Endpoint, SocketPath

if TYPE_CHECKING:
    from yaml import SafeDumper as _Base
else:
    # The C implementation, where PyYAML has it: `make run` waits for this.
    _Base = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

_HCM = "envoy.filters.network.http_connection_manager"
_HCM_TYPE = f"type.googleapis.com/{_HCM.replace('filters', 'extensions.filters')}.v3"
_MAX_CONNECTIONS = 10_000


class _Dumper(_Base):
    """Writes readable YAML: no aliases, and scripts as block text."""

    def ignore_aliases(self, _: object) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def to_yaml(fields: dict[str, Any]) -> str:
    """Returns the YAML text that Envoy reads."""
    return yaml.dump(fields, Dumper=_Dumper, sort_keys=False, width=100)


def typed(name: str, message: str, **config: Any) -> dict[str, Any]:
    """Returns an extension by its name and its message, without the prefix `envoy.extensions`."""
    kind = {"@type": f"type.googleapis.com/envoy.extensions.{message}"}
    return {"name": name, "typed_config": kind | config}


def address(where: Endpoint) -> dict[str, Any]:
    """Returns the fields of Envoy's Address."""
    if isinstance(where, SocketPath):
        return {"pipe": {"path": where.path}}
    host = where.host.strip("[]")
    return {"socket_address": {"address": host, "port_value": where.port}}


def endpoints(name: str, addresses: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Returns the load assignment of a cluster: one host for each address."""
    hosts = [{"endpoint": {"address": where}} for where in addresses]
    return {"cluster_name": name, "endpoints": [{"lb_endpoints": hosts}]}


def router() -> dict[str, Any]:
    """Returns the router filter, the last one of every list: it forwards the call."""
    return typed(
        "envoy.filters.http.router",
        "filters.http.router.v3.Router",
        suppress_envoy_headers=True,
    )


def manager(name: str, filters: list[dict[str, Any]], host: dict[str, Any]) -> dict[str, Any]:
    """Returns a connection manager with one virtual host."""
    return {
        "@type": f"{_HCM_TYPE}.HttpConnectionManager",
        "stat_prefix": name,
        "http_filters": filters,
        "route_config": {"name": name, "virtual_hosts": [host]},
    }


def listener(
    name: str, where: dict[str, Any], manager_config: dict[str, Any], **chain: Any
) -> dict[str, Any]:
    """Returns a listener with one filter chain; `chain` are its other fields."""
    return {
        "name": name,
        "address": where,
        # Two processes must not share a port and get half of the calls each; the second must fail.
        "enable_reuse_port": False,
        "filter_chains": [{"filters": [{"name": _HCM, "typed_config": manager_config}]} | chain],
    }


def runtime(values: dict[str, int]) -> dict[str, Any]:
    """Returns the settings that Envoy takes only from its runtime."""
    return {"layers": [{"name": "own", "static_layer": values}]}


def overload() -> dict[str, Any]:
    """Returns the limit on connections, which protects memory."""
    return {
        "resource_monitors": [
            typed(
                "envoy.resource_monitors.global_downstream_max_connections",
                "resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
                max_active_downstream_connections=_MAX_CONNECTIONS,
            )
        ]
    }
