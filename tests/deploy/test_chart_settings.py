"""The programs' own settings accept what the charts set in their environment."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from gateway import contract
from gateway.envoy import edge, probes, sidecar
from gateway.envoy.local_replies import READY_PATH
from gateway.settings import EnvoySettings, SidecarSettings
from gateway.settings import Settings as EdgeSettings
from kernel.settings import Settings, TracingSettings
from services.auth.settings import AuthSettings
from services.sessions.settings import SessionsSettings
from services.tenants.settings import TenantsSettings
from tests.deploy import charts
from tests.deploy.charts import Release
from tests.deploy.pods import Container, Pods, environment_of, pods_of

CONTRACT = contract.load(Path(__file__).parents[2] / "build" / "contract.binpb")
SERVICES: dict[str, type[Settings]] = {
    "auth": AuthSettings,
    "sessions": SessionsSettings,
    "tenants": TenantsSettings,
}
SECRETS = {
    "SERVICE_KEYS": Fernet.generate_key().decode(),
    "SEAL_KEYS": Fernet.generate_key().decode(),
    "MAIL_URL": "smtp://user:secret@mail.example.com:587",
}
EVERYWHERE = "0.0.0.0"  # noqa: S104 - as the chart says


def workloads(release: Release) -> Iterator[Pods]:
    """The long-running pods of the product."""
    return (pods for pods in pods_of(release) if pods.lasting)


def programs(release: Release) -> Iterator[tuple[Pods, Container, type[Settings]]]:
    """Each long-running program of ours, and the class that reads its settings."""
    for pods in workloads(release):
        if pods.name == "gateway":
            yield pods, pods.container("gateway"), EdgeSettings
        else:
            yield pods, pods.container("service"), SERVICES[pods.name]
            yield pods, pods.container("sidecar"), SidecarSettings


def told(container: Container) -> dict[str, str]:
    """The environment of the program, with a placeholder for each secret."""
    return {
        name: value if isinstance(value, str) else SECRETS[name]
        for name, value in environment_of(container).items()
    }


def extra(release: Release, name: str) -> set[str]:
    """The names of the variables that values add to the environment of a workload."""
    values = {"gateway": release.values["gateway"], **release.values["services"]}[name]
    return {one["name"] for one in values.get("extraEnv", [])}


def test_every_program_accepts_its_settings(coditect: Release) -> None:
    """Each program gets all settings that it requires, and none that it rejects."""
    for _, container, settings in programs(coditect):
        settings.read(told(container))


def test_every_variable_is_a_setting(coditect: Release) -> None:
    """No variable is misspelled: its program has a setting of that name."""
    for pods, container, settings in programs(coditect):
        known = {name.upper() for name in settings.model_fields}
        unknown = {name for name in told(container) if not name.startswith("FDB_")} - known
        assert unknown - extra(coditect, pods.name) == set()


def test_secrets_come_from_secrets(coditect: Release) -> None:
    """Keys and passwords come from Secrets; each service has its own seal keys."""
    taken = set()
    for pods in workloads(coditect):
        for one in pods.containers:
            for name, value in environment_of(one).items():
                assert isinstance(value, dict) == (name in SECRETS)
                if name == "SEAL_KEYS":
                    taken.add(value["secretKeyRef"]["name"])
    assert len(taken) == len(SERVICES)


def test_a_service_and_its_sidecar_match(coditect: Release) -> None:
    """Each listens where the other connects, for every call that the contract allows."""
    for pods in workloads(coditect):
        if pods.name != "gateway":
            service, beside = told(pods.container("service")), told(pods.container("sidecar"))
            assert service["LISTEN"] == beside["SERVICE_ADDRESS"]
            assert service["METRICS_LISTEN"] == beside["METRICS_ADDRESS"]
            assert service["MESH_TRUST_DOMAIN"] == beside["MESH_TRUST_DOMAIN"]
            peers = {name for name in SERVICES if f"{name.upper()}_ADDRESS" in service}
            assert peers == set(CONTRACT.peers_of(pods.name))
            for name in peers:
                assert service[f"{name.upper()}_ADDRESS"] == beside[f"{name.upper()}_LISTEN"]
                assert beside[f"{name.upper()}_ADDRESS"] == f"{name}:8443"


def test_a_service_and_its_sidecar_share_a_socket(coditect: Release) -> None:
    """Both have the volume with it, and no other container has it; with TCP there is none."""
    socket = coditect.values["sidecar"]["socket"]
    for pods in workloads(coditect):
        having = {
            one["name"]
            for one in pods.containers
            for mount in one.get("volumeMounts", [])
            if mount["name"] == "socket"
        }
        if pods.name == "gateway" or not socket:
            assert not having
            continue
        assert having == {"service", "sidecar"}
        path = told(pods.container("service"))["LISTEN"].removeprefix("unix:")
        for name in having:
            assert any(
                path.startswith(f"{mount['mountPath']}/") and not mount.get("readOnly")
                for mount in pods.container(name)["volumeMounts"]
                if mount["name"] == "socket"
            )


def test_every_address_is_used_once(coditect: Release) -> None:
    """The containers of a pod share the loopback interface, so each address is used once."""
    for pods in workloads(coditect):
        taken = [
            value.rpartition(":")[2]
            for one in pods.serving
            for name, value in told(one).items()
            if name.endswith("LISTEN")
        ]
        assert len(taken) == len(set(taken)), (pods.name, taken)


def test_gateway_and_auth_know_the_same_pages(coditect: Release) -> None:
    """A page that may read answers may keep its login in a cookie, too (docs/browsers.md)."""
    origins = {
        pods.name: told(container)["CORS_ORIGINS"]
        for pods, container, settings in programs(coditect)
        if "cors_origins" in settings.model_fields
    }
    assert origins.keys() == {"gateway", "auth"}
    assert origins["gateway"] == origins["auth"]


def test_all_programs_agree_on_tokens(coditect: Release) -> None:
    """Gateway and services have the same issuer, audience and trust domain."""
    for name in ("TOKEN_ISSUER", "TOKEN_AUDIENCE", "MESH_TRUST_DOMAIN"):
        said = {told(container).get(name) for _, container, _ in programs(coditect)}
        assert len(said - {None}) == 1


@pytest.mark.parametrize(
    ("values", "issuer", "audience", "algorithm"),
    [
        ({}, "https://app.example.com", "https://app.example.com/api/v5", "EdDSA"),
        (
            {"tokens": {"issuer": "https://ide.example.com", "algorithm": "ES256"}},
            "https://ide.example.com",
            "https://ide.example.com/api/v5",
            "ES256",
        ),
        (
            {"ingress": {"host": ""}, "tokens": {"audience": "https://api.example.com"}},
            "https://coditect.local",
            "https://api.example.com",
            "EdDSA",
        ),
    ],
)
def test_tokens_are_issued_for_the_host(
    values: dict[str, Any], issuer: str, audience: str, algorithm: str
) -> None:
    """The issuer is the host of the ingress, and the audience the API there, unless values say otherwise."""
    objects = charts.render("coditect", charts.merged(charts.GIVEN["coditect"], values))
    (auth,) = (
        one for one in objects if one["kind"] == "Deployment" and one["metadata"]["name"] == "auth"
    )
    (service,) = auth["spec"]["template"]["spec"]["containers"]
    settings = AuthSettings.read(told(service))
    assert (settings.token_issuer, settings.token_audience) == (issuer, audience)
    assert settings.token_algorithm == algorithm


def test_the_frontend_lets_programs_in(coditect: Release) -> None:
    """Where the frontend serves the same host, its pages ask users, and the links in emails lead there."""
    (auth,) = (pods for pods in workloads(coditect) if pods.name == "auth")
    settings = AuthSettings.read(told(auth.container("service")))
    there = coditect.values["frontend"]["enabled"]
    assert settings.oauth_pages == ("console" if there else "plain")
    if "ACCOUNT_LINK" not in coditect.values["services"]["auth"]["settings"]:
        assert settings.account_link == f"{settings.token_issuer}/{{page}}#token={{token}}"


def test_programs_write_only_to_volumes(coditect: Release) -> None:
    """Every folder that a program writes to is a separate volume."""
    for pods, container, _ in programs(coditect):
        mounts = {
            mount["mountPath"]: mount["name"]
            for mount in container["volumeMounts"]
            if not mount.get("readOnly")
        }
        volumes = {volume["name"]: volume for volume in pods.spec["volumes"]}
        said = told(container)
        if "RUN_FOLDER" in said:
            assert volumes[mounts[said["RUN_FOLDER"]]]["emptyDir"]["medium"] == "Memory"
        if "STORE_URL" in said:
            path = Path(said["STORE_URL"].partition("://")[2].partition("?")[0])
            assert str(path.parent) in mounts


def test_auth_mounts_the_file_of_breached_passwords(coditect: Release) -> None:
    """Auth finds the file in a volume that it can only read; no other pod has that volume."""
    for pods, container, _ in programs(coditect):
        mounts = {mount["mountPath"]: mount for mount in container["volumeMounts"]}
        file = told(container).get("BREACHED_PASSWORDS_FILE")
        wanted = coditect.values["breachedPasswords"]["file"]["claimName"]
        assert bool(file) == bool(wanted and pods.name == "auth" and container["name"] == "service")
        claims = [
            volume["persistentVolumeClaim"]
            for volume in pods.spec["volumes"]
            if volume["name"] == "breached-passwords"
        ]
        assert bool(claims) == bool(wanted and pods.name == "auth")
        if file:
            assert mounts[str(Path(file).parent)]["readOnly"] is True
            assert claims == [{"claimName": wanted, "readOnly": True}]


def test_every_program_has_one_collector_of_traces(coditect: Release) -> None:
    """Gateway, sidecars and services send traces to the same place, by the same rule, or none does."""
    tracing = coditect.values["tracing"]
    for _, container, settings in programs(coditect):
        read = settings.read(told(container))
        assert isinstance(read, TracingSettings)
        assert read.otel_exporter_otlp_endpoint == tracing["endpoint"]
        if tracing["endpoint"]:
            assert read.otel_traces_sampler == tracing["sampler"]
            assert read.otel_traces_sampler_arg == tracing["samplerArg"]


def test_each_pod_has_its_own_cluster_file(coditect: Release) -> None:
    """With FoundationDB, an init container copies the cluster file for the client."""
    for pods in workloads(coditect):
        names = [one["name"] for one in pods.containers]
        assert ("cluster-file" in names) == (
            pods.name != "gateway" and coditect.values["store"]["kind"] == "foundationdb"
        )
        if "cluster-file" in names:
            copier = pods.container("cluster-file")
            source, target = (mount["mountPath"] for mount in copier["volumeMounts"])
            assert names.index("cluster-file") < names.index("service")
            assert f'"{source}/cluster-file"' in copier["command"][-1]
            assert f'"{target}/fdb.cluster"' in copier["command"][-1]
            assert told(pods.container("service"))["STORE_URL"].startswith(f"fdb://{target}/fdb.")


# The Envoy configuration that is rendered from these settings.


def rendered(pods: Pods) -> dict[int, list[dict[str, Any]]]:
    """The routes of each port on which the pod's Envoy listens for others."""
    if pods.name == "gateway":
        made = edge.bootstrap(CONTRACT, _read(EdgeSettings, pods.container("gateway")))
    else:
        settings = _read(SidecarSettings, pods.container("sidecar"))
        made = sidecar.bootstrap(CONTRACT, pods.name, settings)
    found = {}
    for listener in made["static_resources"]["listeners"]:
        where = listener["address"].get("socket_address", {})
        if where.get("address") == EVERYWHERE:
            (filter_,) = listener["filter_chains"][0]["filters"]
            (host,) = filter_["typed_config"]["route_config"]["virtual_hosts"]
            found[where["port_value"]] = host["routes"]
    return found


def _read(kind: type[EnvoySettings], container: Container) -> Any:
    return kind.read(told(container))


def answer(routes: list[dict[str, Any]], path: str) -> dict[str, Any]:
    """The route that answers a GET of exactly this path."""
    ways = [route for route in routes if route["match"].get("path") == path]
    assert ways, f"nothing answers at {path}"
    return ways[0]


@pytest.fixture(params=["auth", "gateway", "sessions", "tenants"])
def pods(request: pytest.FixtureRequest, coditect: Release) -> Pods:
    """The pods of each workload."""
    return next(pods for pods in workloads(coditect) if pods.name == request.param)


def test_envoy_listens_where_its_pod_says(pods: Pods) -> None:
    """The ports of the pod are those of its Envoy; the service itself has none."""
    assert set(rendered(pods)) == set(pods.ports.values())


def test_probes_over_http_are_answered(pods: Pods) -> None:
    """Envoy itself answers each HTTP probe of the kubelet with 200."""
    routes = rendered(pods)
    asked = [
        one[probe]["httpGet"]
        for one in pods.serving
        for probe in ("startupProbe", "readinessProbe", "livenessProbe")
        if "httpGet" in one.get(probe, {})
    ]
    assert asked
    for look in asked:
        found = answer(routes[pods.ports[look["port"]]], look["path"])
        assert found["direct_response"]["status"] == 200


def test_probes_over_grpc_reach_the_service(pods: Pods) -> None:
    """The service answers the readiness and liveness probes, through its sidecar."""
    if pods.name == "gateway":
        return
    service = pods.container("service")
    ready, alive = (service[f"{kind}Probe"]["grpc"] for kind in ("readiness", "liveness"))
    assert (ready["service"], alive["service"]) == ("", "live")
    assert service["startupProbe"]["grpc"] == alive
    for look in (ready, alive):
        found = answer(rendered(pods)[look["port"]], probes.HEALTH_CHECK_PATH)
        assert found["route"]["cluster"] == sidecar.HEALTH


def test_prometheus_finds_metrics(pods: Pods, coditect: Release) -> None:
    """A PodMonitor's paths exist: Envoy's metrics, and the service's."""
    monitors = coditect.of("PodMonitor")
    assert bool(monitors) == coditect.values["monitoring"]["enabled"]
    if not monitors:
        return
    endpoints = monitors[pods.name]["spec"]["podMetricsEndpoints"]
    own = set() if pods.name == "gateway" else {probes.METRICS_PATH}
    assert {one["path"] for one in endpoints} == {probes.ENVOY_METRICS_PATH} | own
    for one in endpoints:
        assert "route" in answer(rendered(pods)[pods.ports[one["port"]]], one["path"])


def test_helm_test_asks_whether_all_is_ready(coditect: Release) -> None:
    """`helm test` checks readiness through the gateway, as users reach it."""
    pod = coditect.of("Pod")["ready-test"]
    assert pod["metadata"]["annotations"]["helm.sh/hook"] == "test"
    (service,) = coditect.of("Service")["gateway"]["spec"]["ports"]
    assert service["port"] == 80
    (one,) = pod["spec"]["containers"]
    assert f'"http://gateway{READY_PATH}"' in one["command"][-1]


def test_the_gateway_is_probed_for_its_own_health(coditect: Release) -> None:
    """A failing service does not take the gateway away from the other services, and clients do not end it."""
    (gateway,) = (pods for pods in workloads(coditect) if pods.name == "gateway")
    container = gateway.container("gateway")
    for probe in ("startupProbe", "livenessProbe"):
        assert container[probe]["httpGet"] == {"path": "/healthz", "port": "probes"}
    assert container["readinessProbe"]["httpGet"] == {"path": "/api/v5/health", "port": "http"}
