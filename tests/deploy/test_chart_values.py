"""The values of the charts are explained, validated, and rejected with a clear message."""

import json
import re
from collections.abc import Iterator
from typing import Any

import helm_python
import pytest
import yaml

from tests.deploy import charts

REFUSALS = [
    ("coditect", {"bogus": 1}, "'bogus' not allowed"),
    ("coditect", {"services": {"billing": {}}}, "'billing' not allowed"),
    ("coditect", {"images": {"services": {"repository": ""}}}, "repository is missing"),
    ("coditect", {"images": {"gateway": {"tag": "latest"}}}, "images.gateway.tag is latest"),
    ("coditect", {"images": {"services": {"repository": "a/b:latest"}}}, "/repository"),
    ("coditect", {"images": {"services": {"digest": "sha256:12"}}}, "/digest"),
    ("coditect", {"services": {"auth": {"replicas": -1}}}, "/services/auth/replicas"),
    ("coditect", {"store": {"kind": "embedded"}}, "only one replica is possible"),
    (
        "coditect",
        {"store": {"kind": "embedded"}, "services": {"auth": {"autoscaling": {"enabled": True}}}},
        "services.auth: the embedded store is a single file",
    ),
    ("coditect", {"store": {"kind": "memory"}}, "/store/kind"),
    (
        "coditect",
        {"services": {"auth": {"resources": {"limits": {"memory": "148Mi"}}}}},
        "HASH_THREADS=1 may need 149Mi",
    ),
    (
        "coditect",
        {"services": {"auth": {"resources": {"limits": {"cpu": "20", "memory": "509Mi"}}}}},
        "HASH_THREADS=20 may need 510Mi",
    ),
    (
        "coditect",
        {"services": {"auth": {"settings": {"ARGON2_MEMORY_KIB": "524288"}}}},
        "may need 642Mi",
    ),
    (
        "coditect",
        {"services": {"auth": {"settings": {"LISTEN": "0.0.0.0:1"}}}},
        "services.auth.settings.LISTEN: the chart sets this one",
    ),
    (
        "coditect",
        {"services": {"auth": {"settings": {"BREACHED_PASSWORDS_URL": "https://a.example"}}}},
        "services.auth.settings.BREACHED_PASSWORDS_URL: set breachedPasswords",
    ),
    (
        "coditect",
        {"services": {"auth": {"settings": {"CLIENT_METADATA_DOCUMENTS": "on"}}}},
        "services.auth.settings.CLIENT_METADATA_DOCUMENTS: set clientMetadataDocuments",
    ),
    (
        "coditect",
        {"services": {"auth": {"settings": {"OAUTH_PAGES": "console"}}}},
        "services.auth.settings.OAUTH_PAGES: set frontend.enabled",
    ),
    (
        "coditect",
        {"sidecar": {"settings": {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://traces:4317"}}},
        "sidecar.settings.OTEL_EXPORTER_OTLP_ENDPOINT: set tracing",
    ),
    ("coditect", {"tracing": {"endpoint": "https://traces:4317"}}, "/tracing/endpoint"),
    ("coditect", {"tracing": {"endpoint": "http://traces"}}, "/tracing/endpoint"),
    ("coditect", {"tracing": {"sampler": "always_on"}}, "/tracing/sampler"),
    ("coditect", {"tracing": {"samplerArg": 2}}, "/tracing/samplerArg"),
    ("coditect", {"frontend": {"enabled": "on"}}, "/frontend/enabled"),
    ("coditect", {"clientMetadataDocuments": {"enabled": "on"}}, "/clientMetadataDocuments"),
    ("coditect", {"breachedPasswords": {"url": "http://a.example"}}, "/breachedPasswords/url"),
    ("coditect", {"settings": {"SEAL_KEYS": "x"}}, "SEAL_KEYS: secrets cannot be values"),
    ("coditect", {"settings": {"TOKEN_SECONDS": 600}}, "got number, want string"),
    ("coditect", {"gateway": {"corsOrigins": ["*"]}}, "/gateway/corsOrigins"),
    ("coditect", {"tokens": {"issuer": "http://app.example.com"}}, "/tokens/issuer"),
    ("coditect", {"tokens": {"issuer": "https://app.example.com/"}}, "/tokens/issuer"),
    ("coditect", {"tokens": {"algorithm": "RS256"}}, "/tokens/algorithm"),
    (
        "coditect",
        {"services": {"auth": {"settings": {"TOKEN_ALGORITHM": "ES256"}}}},
        "services.auth.settings.TOKEN_ALGORITHM: the chart sets this one",
    ),
    ("coditect", {"ingress": {"enabled": True, "host": ""}}, "ingress.host is missing"),
    ("coditect", {"ingress": {"enabled": True, "className": ""}}, "ingress.className is missing"),
    ("coditect", {"mesh": {"issuer": {"mode": "ca"}}}, "it names the Secret with the CA"),
    ("coditect", {"mesh": {"issuer": {"mode": "existing"}}}, "it names the issuer that signs"),
    # To Kubernetes an empty list of peers means all peers.
    ("coditect", {"networkPolicy": {"prometheus": []}}, "/networkPolicy/prometheus"),
    (
        "coditect",
        {"gateway": {"autoscaling": {"minReplicas": 9}}},
        "gateway: autoscaling.minReplicas is greater than maxReplicas",
    ),
    (
        "coditect",
        {"services": {"sessions": {"autoscaling": {"enabled": True, "cpu": "1"}}}},
        "sessions: autoscaling.cpu must be less than resources.limits.cpu",
    ),
    ("coditect", {"gateway": {"autoscaling": {"cpu": "70%"}}}, "/gateway/autoscaling/cpu"),
    ("foundationdb", {"bogus": 1}, "'bogus' not allowed"),
    ("foundationdb", {"version": "7.1.27"}, "/version"),
    (
        "foundationdb",
        {"redundancy": "triple"},
        "processes.storage.count is 3, but redundancy triple needs at least 5",
    ),
    ("foundationdb", {"processes": {"log": {"count": 2}}}, "processes.log.count is 2"),
    (
        "foundationdb",
        {"processes": {"storage": {"cacheMebibytes": 4096}}},
        "the server exits at 3584MiB, so it does not start with that",
    ),
    ("foundationdb", {"tls": {"enabled": True}}, "tls.secretName is missing"),
    (
        "foundationdb",
        {"backup": {"enabled": True, "accountName": ""}},
        "backup.accountName is missing",
    ),
    ("foundationdb", {"networkPolicy": {"clients": []}}, "/networkPolicy/clients"),
    ("frontend", {"bogus": 1}, "'bogus' not allowed"),
    ("frontend", {"image": {"tag": "latest"}}, "image.tag is latest"),
    ("frontend", {"image": {"repository": ""}}, "image.repository is missing"),
    ("frontend", {"replicas": 0}, "/replicas"),
    ("frontend", {"port": 80}, "/port"),
    ("frontend", {"runAsUser": 0}, "/runAsUser"),
    ("frontend", {"ingress": {"enabled": True, "host": ""}}, "ingress.host is missing"),
    ("frontend", {"ingress": {"enabled": True, "className": ""}}, "ingress.className is missing"),
]


@pytest.mark.parametrize(("chart", "wrong", "said"), REFUSALS)
def test_wrong_values_are_rejected(chart: str, wrong: dict[str, Any], said: str) -> None:
    """Values that cannot work render nothing, and the message says what is wrong."""
    values = charts.merged(charts.GIVEN[chart], wrong)
    with pytest.raises(helm_python.HelmError, match=re.escape(said)):
        list(charts.render(chart, values))


@pytest.mark.parametrize(("limit", "threads"), [("500m", "1"), ("1500m", "1"), ("3", "3")])
def test_each_whole_core_is_a_hashing_thread(limit: str, threads: str) -> None:
    """Auth has one hashing thread for each whole core, and at least one."""
    env = env_of_auth({"services": {"auth": {"resources": {"limits": {"cpu": limit}}}}})
    assert env["HASH_THREADS"] == threads


def test_passkeys_belong_to_the_host() -> None:
    """They do unless a setting names another domain; without a host the service has its default."""
    named = {"services": {"auth": {"settings": {"PASSKEY_RP_ID": "example.com"}}}}
    host = {"ingress": {"host": "ide.example.com"}}
    assert env_of_auth(host)["PASSKEY_RP_ID"] == "ide.example.com"
    assert env_of_auth(charts.merged(host, named))["PASSKEY_RP_ID"] == "example.com"
    without = {"ingress": {"enabled": False, "host": ""}}
    assert "PASSKEY_RP_ID" not in env_of_auth(without)


def env_of_auth(more: dict[str, Any]) -> dict[str, str]:
    """The settings that auth gets, with some values on top of the usual ones."""
    values = charts.merged(charts.GIVEN["coditect"], more)
    (deployment,) = (
        one
        for one in charts.render("coditect", values)
        if (one["kind"], one["metadata"]["name"]) == ("Deployment", "auth")
    )
    (service,) = deployment["spec"]["template"]["spec"]["containers"]
    return {one["name"]: one["value"] for one in service["env"] if "value" in one}


@pytest.mark.parametrize("chart", charts.NAMES)
def test_every_value_is_explained(chart: str) -> None:
    """Each value in values.yaml has its own comment, right above it."""
    text = (charts.CHARTS / chart / "values.yaml").read_text()
    lines = [line.strip() for line in text.splitlines()]
    for number, name in _leaves(yaml.compose(text)):
        above = number
        while lines[above - 1].startswith("#"):
            above -= 1
        assert any(line.startswith("# -- ") for line in lines[above:number]), (number, name)


@pytest.mark.parametrize("chart", charts.NAMES)
def test_the_schema_rejects_unknown_names(chart: str) -> None:
    """A misspelled name is rejected, except in parts whose names Kubernetes defines."""
    schema = json.loads((charts.CHARTS / chart / "values.schema.json").read_text())
    named = [one for one in _objects(schema) if "properties" in one]
    assert named
    for one in named:
        assert one["additionalProperties"] is False


def _leaves(node: yaml.MappingNode) -> Iterator[tuple[int, str]]:
    """The line number, from 0, and the name of each value that is not a map."""
    for key, value in node.value:
        if isinstance(value, yaml.MappingNode) and value.value:
            yield from _leaves(value)
        else:
            yield key.start_mark.line, key.value


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every part of a schema, except in lists, whose items have Kubernetes' format."""
    if isinstance(schema, dict):
        yield schema
        for name, below in schema.items():
            if name != "items":
                yield from _objects(below)
