"""The charts render objects that Kubernetes and the operators accept unchanged."""

import re
from collections import Counter
from pathlib import Path

import helm_python
import kubernetes_validate
import pytest
import yaml

from gateway import contract
from kernel.version import VERSION
from tests.deploy import charts
from tests.deploy.charts import NAMESPACE, Release
from tests.deploy.pods import pods_of

CONTRACT = contract.load(Path(__file__).parents[2] / "build" / "contract.binpb")
CUSTOM = {
    "Certificate": "cert-manager.io/v1",
    "Issuer": "cert-manager.io/v1",
    "PodMonitor": "monitoring.coreos.com/v1",
    "PrometheusRule": "monitoring.coreos.com/v1",
    "FoundationDBCluster": "apps.foundationdb.org/v1beta2",
    "FoundationDBBackup": "apps.foundationdb.org/v1beta2",
}
CLUSTER_WIDE = {"ClusterRole", "ClusterRoleBinding"}
WORKLOADS = ("auth", "gateway", "sessions", "tenants")
# What a key looks like: a PEM block, or 32 bytes in base64.
KEY = re.compile(r"-----BEGIN|\b[A-Za-z0-9+/_-]{43}=")


def test_kubernetes_accepts_every_object(release: Release) -> None:
    """Kubernetes' own schemas accept each object, and know every field in it."""
    for one in release.objects:
        if one["kind"] in CUSTOM:
            assert one["apiVersion"] == CUSTOM[one["kind"]]
        else:
            kubernetes_validate.validate(one, charts.KUBERNETES, strict=True)


def test_every_object_has_a_unique_name(release: Release) -> None:
    """No two objects have the same kind and name, and each is in the release's namespace."""
    names = Counter((one["kind"], one["metadata"]["name"]) for one in release.objects)
    assert set(names.values()) == {1}
    for one in release.objects:
        namespace = None if one["kind"] in CLUSTER_WIDE else NAMESPACE
        assert one["metadata"].get("namespace") == namespace
        assert one["metadata"]["labels"]["app.kubernetes.io/part-of"] == "coditect"


@pytest.mark.parametrize(("chart", "environment"), charts.ALL)
def test_helm_lint_has_no_warnings(chart: str, environment: str) -> None:
    """`helm lint` has no warning for any values."""
    values = charts.merged(charts.GIVEN[chart], charts.values_of(chart, environment))
    report = helm_python.lint(charts.CHARTS / chart, values, strict=True)
    # A missing icon is reported only as information.
    assert [found for found in report["messages"] if "icon" not in found["error"]] == []
    assert report["errors"] == []


@pytest.mark.parametrize("chart", charts.NAMES)
def test_the_version_is_the_products(chart: str) -> None:
    """The charts have the version of the programs."""
    described = yaml.safe_load((charts.CHARTS / chart / "Chart.yaml").read_text())
    assert described["version"] == VERSION
    if chart == "coditect":
        assert described["appVersion"] == VERSION


def test_no_key_is_rendered(release: Release) -> None:
    """Keys come from existing Secrets: no Secret and nothing like a key is rendered."""
    assert release.of("Secret") == {}
    assert not KEY.search(yaml.safe_dump(list(release.objects)))


@pytest.mark.parametrize("file", sorted(charts.CHARTS.glob("*/values*.yaml")), ids=str)
def test_no_registry_is_named(file: Path) -> None:
    """The registry is set at deployment: no values contain a host."""
    for repository in re.findall(r"repository: *\"?([^\s\"]+)", file.read_text()):
        assert "." not in repository.split("/")[0]
        assert ":" not in repository.split("/")[0]


def test_each_workload_has_a_certificate(coditect: Release) -> None:
    """It is short-lived, has the SPIFFE name, and gets a new key at each renewal."""
    domain = coditect.values["mesh"]["trustDomain"]
    certificates = coditect.of("Certificate")
    certificates.pop("mesh-ca", None)
    assert sorted(certificates) == [f"{name}-mesh" for name in WORKLOADS]
    for name in WORKLOADS:
        spec = certificates[f"{name}-mesh"]["spec"]
        assert spec["secretName"] == f"{name}-mesh"
        assert spec["uris"] == [f"spiffe://{domain}/{name}"]
        assert (spec["duration"], spec["renewBefore"]) == ("24h", "8h")
        assert spec["privateKey"] == {
            "algorithm": "ECDSA",
            "size": 256,
            "rotationPolicy": "Always",
        }
        assert set(spec["usages"]) == {"digital signature", "client auth", "server auth"}


@pytest.mark.parametrize(
    ("environment", "authority"),
    [("dev", "mesh-ca"), ("staging", "coditect-mesh-ca"), ("prod", "coditect-mesh-ca")],
)
def test_a_ca_signs(environment: str, authority: str) -> None:
    """The issuer of certificates has a CA: its own for trials, else one from a Secret."""
    release = charts.release("coditect", environment)
    issuers = release.of("Issuer")
    assert issuers["mesh"]["spec"] == {"ca": {"secretName": authority}}
    for name in WORKLOADS:
        issuer = release.of("Certificate")[f"{name}-mesh"]["spec"]["issuerRef"]
        assert issuer == {"name": "mesh", "kind": "Issuer", "group": "cert-manager.io"}
    made = release.of("Certificate").get("mesh-ca")
    assert (made is not None) == (authority == "mesh-ca")
    if made:
        assert made["spec"]["isCA"]
        assert issuers[made["spec"]["issuerRef"]["name"]]["spec"] == {"selfSigned": {}}


@pytest.mark.parametrize(
    ("environment", "trusted"),
    [
        ("dev", None),
        ("staging", "coditect-mesh-authorities"),
        ("prod", "coditect-mesh-authorities"),
    ],
)
def test_what_a_workload_trusts(environment: str, trusted: str | None) -> None:
    """It trusts the CAs in the named ConfigMap and no other, or the CA of its own certificate."""
    lasting = [pods for pods in pods_of(charts.release("coditect", environment)) if pods.lasting]
    assert sorted(pods.name for pods in lasting) == sorted(WORKLOADS)
    for pods in lasting:
        (volume,) = (one for one in pods.spec["volumes"] if one["name"] == "mesh")
        if trusted is None:
            assert volume["secret"]["secretName"] == f"{pods.name}-mesh"
            continue
        own, authorities = volume["projected"]["sources"]
        assert own["secret"] == {
            "name": f"{pods.name}-mesh",
            "items": [{"key": name, "path": name} for name in ("tls.crt", "tls.key")],
        }
        items = [{"key": "ca.crt", "path": "ca.crt"}]
        assert authorities["configMap"] == {"name": trusted, "items": items}


def test_an_existing_issuer_signs() -> None:
    """With an existing issuer the chart creates none; with mode none, no certificates either."""
    release = charts.release("coditect", "everything")
    assert release.of("Issuer") == {}
    for certificate in release.of("Certificate").values():
        assert certificate["spec"]["issuerRef"]["name"] == "company"
    values = charts.merged(charts.GIVEN["coditect"], {"mesh": {"issuer": {"mode": "none"}}})
    kinds = {one["kind"] for one in charts.render("coditect", values)}
    assert kinds.isdisjoint({"Issuer", "Certificate"})


def test_the_gateway_and_the_frontend_share_a_host() -> None:
    """On one host, what the contract serves goes to the gateway, the rest to the frontend."""
    gateway = charts.release("coditect", "prod").of("Ingress")["gateway"]["spec"]
    frontend = charts.release("frontend", "prod").of("Ingress")["frontend"]["spec"]
    assert gateway["tls"] == frontend["tls"]
    assert gateway["tls"][0]["hosts"] == ["app.example.com"]
    (ours,), (theirs,) = gateway["rules"], frontend["rules"]
    assert ours["host"] == theirs["host"] == "app.example.com"
    ways = {path["path"]: path["backend"]["service"]["name"] for path in ours["http"]["paths"]}
    assert set(ways.values()) == {"gateway"}
    for route in CONTRACT.routes:
        assert any(f"{route.http.path}/".startswith(f"{way}/") for way in ways), route.http.path
    (rest,) = theirs["http"]["paths"]
    assert (rest["path"], rest["backend"]["service"]["name"]) == ("/", "frontend")


def test_alerts_are_about_the_namespace() -> None:
    """The alerts are rendered for the namespace of the installation."""
    values = charts.merged(charts.GIVEN["coditect"], {"monitoring": {"enabled": True}})
    with helm_python.Chart.load(charts.CHARTS / "coditect") as chart:
        rendered = chart.render(values, name="coditect", namespace="elsewhere")
    documents = yaml.safe_load_all(rendered["coditect/templates/monitoring.yaml"])
    (rule,) = (one for one in documents if one and one["kind"] == "PrometheusRule")
    written = yaml.safe_load((charts.CHARTS / "coditect" / "alerts.yaml").read_text())
    groups = rule["spec"]["groups"]
    assert [group["name"] for group in groups] == [group["name"] for group in written["groups"]]
    assert "coditect-app" not in yaml.safe_dump(groups)
    assert 'namespace="elsewhere"' in yaml.safe_dump(groups, width=10_000)


def test_small_installations_request_what_the_predecessor_had() -> None:
    """The three services together have the resources of the single process before them."""
    services = charts.release("coditect", "staging").values["services"].values()
    requests = [service["resources"]["requests"] for service in services]
    limits = [service["resources"]["limits"] for service in services]
    assert sum(int(one["cpu"].removesuffix("m")) for one in requests) == 200
    assert sum(int(one["memory"].removesuffix("Mi")) for one in requests) == 512
    assert sum(int(one["memory"].removesuffix("Mi")) for one in limits) == 1024
    assert {one["cpu"] for one in limits} == {"1000m"}
    frontend = charts.release("frontend", "prod").values
    assert frontend["replicas"] == 2
    assert frontend["resources"]["requests"] == {"cpu": "100m", "memory": "128Mi"}
