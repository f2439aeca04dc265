"""The kubelet and Prometheus reach health and metrics, and nothing else."""

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from gateway.envoy import probes
from tests.mesh.cluster import Cluster
from tools.settings import CONTEXTS

SERVING = health_pb2.HealthCheckResponse.SERVING


@pytest.mark.parametrize("context", CONTEXTS)
def test_a_service_is_probed_through_its_sidecar(cluster: Cluster, context: str) -> None:
    """Readiness and liveness are the service's; metrics are those of the service and the sidecar."""
    address = cluster.mesh.replicas[context].at("probes")
    with grpc.insecure_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        for name in ("", "live"):
            answer = stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=30)
            assert answer.status == SERVING
    assert httpx.get(f"http://{address}{probes.ALIVE_PATH}").text == "ok\n"
    own = httpx.get(f"http://{address}{probes.METRICS_PATH}").text
    assert "rpc_server_seconds" in own
    assert "envoy_" not in own
    envoy = httpx.get(f"http://{address}{probes.ENVOY_METRICS_PATH}").text
    assert "envoy_server_live{} 1" in envoy


def test_nothing_else_is_reached(cluster: Cluster) -> None:
    """The port exposes neither the service's methods nor Envoy's admin interface."""
    auth = cluster.mesh.replicas["auth"].at("probes")
    for method in ("/coditect.auth.v5.KeysService/GetJwks", "/grpc.health.v1.Health/Watch"):
        answer = cluster.call_in_the_clear(auth, method)
        assert answer.status == "UNIMPLEMENTED"
    for address in (auth, cluster.mesh.replicas["gateway"].at("probes")):
        for verb, path in (
            ("POST", "/quitquitquit"),
            ("POST", "/healthcheck/fail"),
            ("GET", "/config_dump"),
            ("GET", "/certs"),
            ("GET", "/"),
            ("POST", probes.ALIVE_PATH),
            ("GET", f"{probes.ALIVE_PATH}/x"),
            ("GET", f"{probes.METRICS_PATH}x"),
            ("POST", probes.ENVOY_METRICS_PATH),
            ("GET", f"{probes.ENVOY_METRICS_PATH}/../config_dump"),
        ):
            assert httpx.request(verb, f"http://{address}{path}").status_code == 404, path


def test_the_gateway_serves_probes(cluster: Cluster) -> None:
    """The edge has the same port, without a service behind it."""
    url = f"http://{cluster.mesh.replicas['gateway'].at('probes')}"
    assert httpx.get(url + probes.ALIVE_PATH).status_code == 200
    assert "envoy_http_downstream_rq_xx" in httpx.get(url + probes.ENVOY_METRICS_PATH).text
    assert httpx.get(url + probes.METRICS_PATH).status_code == 404
