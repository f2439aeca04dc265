"""Rules for every pod, whichever chart and values it comes from."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.deploy import charts
from tests.deploy.charts import Release
from tests.deploy.pods import Container, Pods, environment_of, pods_of, selects

RESERVE = 5
PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
# Labels that several selectors match on purpose.
WIDE = {"default-deny": "coditect", "coditect-foundationdb": "foundationdb"}


def containers(release: Release) -> Iterator[tuple[Pods, Container]]:
    """All containers of all pods of a release."""
    return ((pods, one) for pods in pods_of(release) for one in pods.containers)


def neighbors(release: Release) -> list[Pods]:
    """The pods of all charts in the namespace of a release."""
    return [
        pods
        for chart in charts.NAMES
        for pods in pods_of(charts.release(chart, release.environment))
    ]


def test_no_pod_runs_as_root(release: Release) -> None:
    """Every pod runs as an unprivileged user, and no container overrides that."""
    for pods in pods_of(release):
        security = pods.spec["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["runAsUser"] == security["runAsGroup"] == security["fsGroup"] > 0
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC", "hostUsers"} & pods.spec.keys()


def test_containers_have_no_privileges(release: Release) -> None:
    """No container has capabilities, gains privileges, or writes to its own image."""
    for _, one in containers(release):
        assert one["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


def test_resources_have_requests_and_limits(release: Release) -> None:
    """Every container has requests for the scheduler and limits for the kernel."""
    for pods, one in containers(release):
        for kind in ("requests", "limits"):
            assert set(one["resources"][kind]) == {"cpu", "memory"}, (pods.name, one["name"])


def test_images_are_pinned(release: Release) -> None:
    """Each image has a digest or a version."""
    for pods, one in containers(release):
        if pods.operated:
            # The operator appends the version of the cluster to the image's name.
            assert "image" not in one
        else:
            name, digest = one["image"].partition("@")[::2]
            tag = name.rpartition("/")[2].partition(":")[2]
            assert digest.startswith("sha256:") or (tag and tag != "latest")


def test_a_digest_wins_over_a_tag() -> None:
    """With a digest, exactly that image runs, whatever its tag points to."""
    image = {"tag": "5.1.0", "digest": charts.DIGEST}
    values = charts.merged(charts.GIVEN["coditect"], {"images": {"services": image}})
    (auth,) = (
        one
        for one in charts.render("coditect", values)
        if (one["kind"], one["metadata"]["name"]) == ("Deployment", "auth")
    )
    (service,) = auth["spec"]["template"]["spec"]["containers"]
    assert service["image"] == f"registry.example/coditect-services@{charts.DIGEST}"


def test_every_container_has_probes(release: Release) -> None:
    """Every long-running container has startup and liveness probes; a pod has a readiness probe."""
    for pods in pods_of(release):
        if not pods.operated:
            for one in pods.serving:
                # The main container decides whether a pod is ready, not the sidecar.
                probes = set(PROBES) - {"readinessProbe" if one.get("restartPolicy") else ""}
                assert probes == one.keys() & set(PROBES), (pods.name, one["name"])


def test_probes_find_a_port(release: Release) -> None:
    """A probe uses a port of its pod; by name only if its own container has it."""
    for pods, one in containers(release):
        for probe in (one[name] for name in PROBES if name in one):
            asked = probe.get("httpGet") or probe["grpc"]
            own = {port["name"] for port in one.get("ports", [])}
            assert asked["port"] in (own | set(pods.ports.values()))


def test_pods_do_not_call_kubernetes(release: Release) -> None:
    """Only the database's pods get a token, to report their state to the operator."""
    accounts = release.of("ServiceAccount")
    for pods in pods_of(release):
        account = pods.spec.get("serviceAccountName")
        assert account is None or account in accounts
        if account and pods.operated:
            continue
        assert pods.spec["automountServiceAccountToken"] is False
        assert account is None or accounts[account]["automountServiceAccountToken"] is False


def test_services_do_not_leak_into_environments(release: Release) -> None:
    """A container has only the variables that the chart sets."""
    for pods in pods_of(release):
        assert pods.operated or pods.spec["enableServiceLinks"] is False


def test_there_is_time_to_stop(coditect: Release) -> None:
    """Kubernetes waits longer than the programs need before it kills them."""
    for pods in pods_of(coditect):
        if pods.lasting:
            said = [environment_of(one) for one in pods.serving]
            names = ("NOTICE_SECONDS", "DRAIN_SECONDS", "STOP_SECONDS")
            needed = sum(float(one.get(name, 0)) for one in said for name in names)
            assert needed
            assert pods.spec["terminationGracePeriodSeconds"] >= needed + RESERVE


def test_the_gateway_drains(coditect: Release) -> None:
    """Before the gateway stops, its calls in progress finish."""
    (gateway,) = (pods for pods in pods_of(coditect) if pods.name == "gateway")
    lifecycle = gateway.container("gateway")["lifecycle"]
    assert lifecycle == {"preStop": {"exec": {"command": ["python", "-m", "gateway", "drain"]}}}


def test_new_pods_come_before_old_ones_go(release: Release) -> None:
    """An update keeps all replicas serving; only with an embedded store the old pod stops first."""
    embedded = release.values.get("store", {}).get("kind") == "embedded"
    for name, one in release.of("Deployment").items():
        strategy = one["spec"]["strategy"]
        if embedded and name != "gateway":
            assert strategy == {"type": "Recreate"}
            assert one["spec"]["replicas"] == 1
        else:
            assert strategy["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": "25%"}


def test_only_a_lone_replica_is_called_while_it_is_not_ready(coditect: Release) -> None:
    """With the embedded store a service that is not ready, as its store is full, can be reached."""
    embedded = coditect.values["store"].get("kind") == "embedded"
    for name, one in coditect.of("Service").items():
        assert one["spec"].get("publishNotReadyAddresses", False) == (
            embedded and name != "gateway"
        )


def test_only_the_autoscaler_sets_replicas(release: Release) -> None:
    """An autoscaler targets an existing container, and nothing else sets its replicas."""
    scalers = release.of("HorizontalPodAutoscaler")
    pods = {one.name: one for one in pods_of(release)}
    for name, one in release.of("Deployment").items():
        assert ("replicas" in one["spec"]) == (name not in scalers)
    for name, one in scalers.items():
        target = one["spec"]["scaleTargetRef"]
        assert (target["kind"], target["name"]) == ("Deployment", name)
        (metric,) = one["spec"]["metrics"]
        assert pods[name].container(metric["containerResource"]["container"])


def test_autoscaling_targets_fit_the_limits(release: Release) -> None:
    """Pods are added when one is nearly at its limit: neither when idle, nor never."""
    pods = {one.name: one for one in pods_of(release)}
    for name, one in release.of("HorizontalPodAutoscaler").items():
        scaled = one["spec"]["metrics"][0]["containerResource"]
        target = scaled["target"]
        assert target.keys() == {"type", "averageValue"}
        limit = pods[name].container(scaled["container"])["resources"]["limits"]["cpu"]
        assert 0.5 <= _cores(target["averageValue"]) / _cores(limit) <= 0.8, name


def _cores(quantity: str) -> float:
    return int(quantity[:-1]) / 1000 if quantity.endswith("m") else float(quantity)


def test_old_pods_stay_until_new_ones_are_resolved(coditect: Release) -> None:
    """Envoy resolves names every two seconds, and DNS servers may cache for thirty more."""
    for one in coditect.of("Deployment").values():
        rolling = one["spec"]["strategy"]["type"] == "RollingUpdate"
        assert one["spec"].get("minReadySeconds", 0) >= (32 if rolling else 0)


def test_replicas_are_spread_and_kept(release: Release) -> None:
    """Replicas are spread over zones and hosts, and nodes are drained one pod at a time."""
    for name, one in release.of("Deployment").items():
        scaler = release.of("HorizontalPodAutoscaler").get(name)
        least = scaler["spec"]["minReplicas"] if scaler else one["spec"]["replicas"]
        budget = release.of("PodDisruptionBudget").get(name)
        assert (budget is not None) == (least > 1)
        assert budget is None or budget["spec"]["maxUnavailable"] == 1
        template = one["spec"]["template"]
        spread = template["spec"]["topologySpreadConstraints"]
        keys = {constraint["topologyKey"] for constraint in spread}
        assert keys == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}
        for constraint in spread:
            assert selects(constraint["labelSelector"], template["metadata"]["labels"])


def _selectors(release: Release) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind in ("Deployment", "PodDisruptionBudget", "PodMonitor"):
        for name, one in release.of(kind).items():
            yield name, one["spec"]["selector"]
    for name, one in release.of("Service").items():
        yield name, {"matchLabels": one["spec"]["selector"]}
    for name, one in release.of("NetworkPolicy").items():
        yield name, one["spec"]["podSelector"]


def test_selectors_match_only_their_own_pods(release: Release) -> None:
    """Each selector matches the pods of its name, and no others in the namespace."""
    all_pods = neighbors(release)
    for name, selector in _selectors(release):
        found = sorted(pods.name for pods in all_pods if selects(selector, pods.labels))
        meant = [pods.name for pods in all_pods if pods.name == name]
        if name in WIDE:
            whose = pods_of(charts.release(WIDE[name], release.environment))
            meant = sorted(pods.name for pods in whose if not pods.name.endswith("-agents"))
        if name == "fdb-operator" or (name.endswith("-backup-agents") and not meant):
            continue  # pods of others, and a policy for agents that do not exist yet
        assert found == meant, name
        assert found, name


def test_services_lead_to_a_port(release: Release) -> None:
    """The target port of a Service is a port of its pods."""
    pods = {one.name: one for one in pods_of(release)}
    for name, one in release.of("Service").items():
        for port in one["spec"]["ports"]:
            assert port["targetPort"] in pods[name].ports.values()
    for one in release.of("Ingress").values():
        for path in one["spec"]["rules"][0]["http"]["paths"]:
            backend = path["backend"]["service"]
            service = release.of("Service").get(backend["name"])
            # An additional path leads to the Service of another chart.
            if service:
                names = [port["name"] for port in service["spec"]["ports"]]
                assert backend["port"]["name"] in names


def _references(pods: Pods) -> Iterator[tuple[str, str]]:
    for volume in pods.spec.get("volumes", []):
        if "secret" in volume:
            yield "Secret", volume["secret"]["secretName"]
        if "configMap" in volume:
            yield "ConfigMap", volume["configMap"]["name"]
        for source in volume.get("projected", {}).get("sources", []):
            for kind, part in source.items():
                yield {"secret": "Secret", "configMap": "ConfigMap"}[kind], part["name"]
        if "persistentVolumeClaim" in volume:
            yield "PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]
    for one in pods.containers:
        for value in environment_of(one).values():
            if isinstance(value, dict):
                yield "Secret", value["secretKeyRef"]["name"]


def _texts(values: Any) -> Iterator[str]:
    if isinstance(values, str):
        yield values
    elif isinstance(values, dict):
        for value in values.values():
            yield from _texts(value)


def test_references_of_pods_exist(release: Release) -> None:
    """A Secret, ConfigMap or volume is created by the chart, or named in the values."""
    made = {
        "Secret": {one["spec"]["secretName"] for one in release.of("Certificate").values()},
        "ConfigMap": {f"{text}-config" for text in _texts(release.values.get("store", {}))},
        "PersistentVolumeClaim": set(release.of("PersistentVolumeClaim")),
    }
    named = set(_texts(dict(release.values)))
    told = {"Secret": named, "ConfigMap": named, "PersistentVolumeClaim": named}
    for pods in pods_of(release):
        for kind, name in _references(pods):
            assert name in made[kind] | told.get(kind, set()), (pods.name, kind, name)


def test_volumes_are_there_and_used(release: Release) -> None:
    """Every mount has a volume in the pod, and every volume is mounted."""
    for pods in pods_of(release):
        volumes = {volume["name"] for volume in pods.spec.get("volumes", [])}
        mounts = [mount for one in pods.containers for mount in one.get("volumeMounts", [])]
        assert {mount["name"] for mount in mounts} == volumes, pods.name


def test_only_the_sidecar_has_the_key_of_the_mesh(coditect: Release) -> None:
    """A service can read neither its own mesh key nor that of the gateway."""
    for pods in pods_of(coditect):
        holders = {
            one["name"]
            for one in pods.containers
            for mount in one.get("volumeMounts", [])
            if mount["name"] == "mesh"
        }
        if pods.lasting:
            assert holders == {"gateway" if pods.name == "gateway" else "sidecar"}


@pytest.mark.parametrize("environment", charts.ENVIRONMENTS)
def test_changed_keys_restart_the_pods(environment: str) -> None:
    """Raising the revision of the keys restarts every pod that reads them."""
    values = charts.merged(charts.GIVEN["coditect"], charts.values_of("coditect", environment))
    changed = charts.merged(values, {"secrets": {"revision": "2"}})
    before = charts.release("coditect", environment).of("Deployment")
    for one in charts.render("coditect", changed):
        if one["kind"] == "Deployment":
            assert one["spec"]["template"] != before[one["metadata"]["name"]]["spec"]["template"]
