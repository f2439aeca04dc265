"""Renders the charts with the real Helm engine, as a cluster would get them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import helm_python
import yaml

CHARTS = Path(__file__).parents[2] / "charts"
NAMES = ("coditect", "foundationdb", "frontend")
NAMESPACE = "coditect-app"
KUBERNETES = "1.33"
DIGEST = f"sha256:{'0123456789abcdef' * 4}"

Object = dict[str, Any]
Values = Mapping[str, Any]

# Values that are known only at deployment.
GIVEN: Mapping[str, Values] = {
    "coditect": {
        "images": {
            "services": {"repository": "registry.example/coditect-services", "digest": DIGEST},
            "gateway": {"repository": "registry.example/coditect-gateway", "digest": DIGEST},
        },
        "ingress": {"host": "app.example.com", "className": "nginx"},
    },
    "foundationdb": {
        "backup": {
            "accountName": "GOOG1EXAMPLE@storage.example.com",
            "bucket": "coditect-backups",
            "credentialsSecretName": "backup-credentials",
            "tlsSecretName": "backup-tls",
        }
    },
    "frontend": {
        "image": {"repository": "registry.example/coditect-frontend", "tag": "1.2.3"},
        "ingress": {"host": "app.example.com", "className": "nginx"},
    },
}

_PODS = {
    "annotations": {"example.com/team": "platform"},
    "priorityClassName": "important",
    "nodeSelector": {"example.com/pool": "product"},
    "tolerations": [{"key": "example.com/pool", "operator": "Exists"}],
}
_AFFINITY = {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}}
_AUTOSCALED = {"autoscaling": {"enabled": True}}
_ENV = [{"name": "GRPC_VERBOSITY", "value": "ERROR"}]

# Every value that none of the files sets, so that its output is tested too.
EVERYTHING: Mapping[str, Values] = {
    "coditect": {
        "imagePullSecrets": ["registry"],
        "settings": {"LOG_LEVEL": "WARNING", "TOKEN_SECONDS": "600"},
        "services": {
            "auth": {
                "settings": {
                    "ARGON2_PASSES": "3",
                    "ACCOUNT_LINK": "https://app.example.com/{page}#token={token}",
                    "MAIL_FROM": "Coditect <mail@example.com>",
                }
            },
            "sessions": {"settings": {"IDLE_SECONDS": "86400"}},
            "tenants": {
                **_AUTOSCALED,
                "settings": {"MAIL_FROM": "Coditect <mail@example.com>"},
                "extraEnv": _ENV,
            },
        },
        "gateway": {
            "corsOrigins": ["https://app.example.com", "https://example.com:8443"],
            "settings": {"CREDENTIAL_RATE": "60"},
            "serviceAnnotations": {"example.com/balancer": "internal"},
        },
        "sidecar": {"socket": False},
        "store": {"foundationdb": {"prefix": "test", "tls": {"secretName": "fdb-client"}}},
        "mail": {"secretName": "mail", "to": [{"ipBlock": {"cidr": "192.0.2.1/32"}}]},
        "breachedPasswords": {
            "file": {"claimName": "pwned-passwords"},
            "url": "https://api.pwnedpasswords.com/range",
            "to": [{"ipBlock": {"cidr": "198.51.100.1/32"}}],
        },
        "clientMetadataDocuments": {"enabled": True},
        "tracing": {
            "endpoint": "http://otel-collector.monitoring:4317",
            "samplerArg": 0.05,
            "to": [{"namespaceSelector": {"matchLabels": {"example.com/name": "monitoring"}}}],
        },
        "frontend": {"enabled": True},
        "mesh": {
            "authorities": {"configMapName": "company-authorities", "key": "trust-bundle.pem"},
            "issuer": {"mode": "existing", "name": "company"},
        },
        "ingress": {
            "enabled": True,
            "annotations": {"cert-manager.io/cluster-issuer": "public"},
            "extraPaths": [
                {
                    "path": "/",
                    "pathType": "Prefix",
                    "backend": {"service": {"name": "frontend", "port": {"name": "http"}}},
                }
            ],
        },
        "monitoring": {"enabled": True, "labels": {"release": "prometheus"}},
        "pods": {**_PODS, "affinity": _AFFINITY, "whenUnsatisfiable": "DoNotSchedule"},
    },
    "foundationdb": {
        "image": {"pullSecrets": ["registry"]},
        "redundancy": "three_data_hall",
        "storageClassName": "fast",
        "processes": {"storage": {"count": 9}, "log": {"count": 7}},
        "tls": {"enabled": True, "secretName": "fdb-tls", "peerVerificationRules": "S.CN=fdb"},
        "backup": {"enabled": True, "urlParameters": ["secure_connection=1"]},
        "monitoring": {"enabled": True, "labels": {"release": "prometheus"}},
        "pods": _PODS,
    },
    "frontend": {
        **_AUTOSCALED,
        "image": {"pullSecrets": ["registry"]},
        "extraEnv": _ENV,
        "ingress": {"enabled": True, "annotations": {"example.com/a": "b"}},
        "pods": {**_PODS, "affinity": _AFFINITY},
    },
}

ENVIRONMENTS = ("default", "dev", "staging", "prod", "everything")
ALL = tuple((chart, environment) for chart in NAMES for environment in ENVIRONMENTS)


@dataclass(frozen=True)
class Release:
    """A chart, rendered with the values of an environment."""

    chart: str
    environment: str
    values: Values
    objects: tuple[Object, ...]

    def of(self, kind: str) -> dict[str, Object]:
        """The objects of a kind, by name."""
        found = (one for one in self.objects if one["kind"] == kind)
        return {one["metadata"]["name"]: one for one in found}


@cache
def release(chart: str, environment: str) -> Release:
    """Renders a chart, once. The result is shared, so do not change it."""
    values = merged(GIVEN[chart], values_of(chart, environment))
    with helm_python.Chart.load(CHARTS / chart) as loaded:
        complete = loaded.merge_values(values)
    return Release(chart, environment, complete, tuple(render(chart, values)))


def values_of(chart: str, environment: str) -> Values:
    """The values of an environment, including those known only at deployment."""
    if environment == "default":
        return {}
    if environment == "everything":
        return EVERYTHING[chart]
    text = (CHARTS / chart / f"values-{environment}.yaml").read_text()
    return yaml.load(text, Loader=StrictLoader)  # noqa: S506 - it is a SafeLoader


def merged(*layers: Values) -> dict[str, Any]:
    """Merges values over other values, as Helm does with files."""
    result: dict[str, Any] = {}
    for layer in layers:
        for name, value in layer.items():
            below = result.get(name)
            both = isinstance(below, dict) and isinstance(value, Mapping)
            result[name] = merged(below, value) if both else value
    return result


def render(chart: str, values: Values) -> Iterator[Object]:
    """Renders a chart. Raises `helm_python.HelmError` with Helm's message about the values."""
    with helm_python.Chart.load(CHARTS / chart) as loaded:
        files = loaded.render(dict(values), name=chart, namespace=NAMESPACE)
    for name, text in files.items():
        if name.endswith(".yaml"):
            yield from filter(None, yaml.load_all(text, Loader=StrictLoader))


class StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Rejects duplicate keys; YAML would silently use the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Builds a mapping whose keys are all unique."""
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"{node.start_mark}: a key is there twice: {keys}"
        return super().construct_mapping(node, deep)
