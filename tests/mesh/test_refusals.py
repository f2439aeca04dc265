"""Which callers pass a sidecar: every caller and method, and callers without a valid identity."""

import datetime as dt
import json
import socket
import ssl
import time

import pytest

from gateway.contract import Method
from kernel.clock import SystemClock
from kernel.identity.peers import HEADER as PEER
from kernel.identity.service_tokens import HEADER, ServiceTokens
from tests.mesh.cluster import Answer, Cluster
from tests.support.authority import TRUST_DOMAIN, Authority
from tests.support.mesh import SERVED, WORKLOADS
from tools.folder import SERVICE_KEYS
from tools.settings import CONTEXTS

UNAUTHENTICATED, FORBIDDEN = "UNAUTHENTICATED", "PERMISSION_DENIED"
OK = Answer("OK", "")
WATCH = "/coditect.identity.v1.RevocationsService/WatchRevocations"
REVOKE = "/coditect.auth.internal.v1.AuthInternalService/RevokeTenantTokens"
HEALTH = "/grpc.health.v1.Health/Check"


def methods_of(context: str) -> list[Method]:
    """Every method that a service serves."""
    return [method for method in SERVED.methods if method.context == context]


def may_call(caller: str, method: Method) -> bool:
    """The access rule, evaluated independently of the gateway's code."""
    if method.rule.services:
        return caller in method.rule.services
    return caller == "gateway"


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("caller", WORKLOADS)
def test_each_caller_reaches_the_methods_that_the_contract_allows(
    cluster: Cluster, caller: str, context: str
) -> None:
    """The sidecar lets through exactly what the access rule of each method says."""
    methods = methods_of(context)
    shown = cluster.mesh.authority.issue(caller)
    answers = cluster.call(context, [method.grpc_path for method in methods], shown)
    assert len(answers) == len(methods)
    passed = {
        method.full_name
        for method, answer in zip(methods, answers, strict=True)
        if not answer.refused_by_sidecar
    }
    assert passed == {method.full_name for method in methods if may_call(caller, method)}
    # The service itself answers the calls that pass, and requires more than a certificate.
    for method, answer in zip(methods, answers, strict=True):
        public = method.rule.public
        if may_call(caller, method) and not public:
            assert answer.status == UNAUTHENTICATED, method.full_name


def test_no_connection_without_a_valid_certificate(cluster: Cluster) -> None:
    """The handshake fails without a certificate, and with a foreign, expired or wrong-domain one."""
    authority = cluster.mesh.authority
    table = {
        "no certificate": None,
        "another authority of the same name": Authority().issue("gateway"),
        "expired": authority.issue("gateway", life=-dt.timedelta(minutes=1)),
        "a domain that begins with ours": authority.issue("gateway", domain=f"{TRUST_DOMAIN}.evil"),
        "another trust domain": authority.issue("gateway", domain="elsewhere.example"),
    }
    for context in CONTEXTS:
        for why, shown in table.items():
            [answer] = cluster.call(context, [HEALTH], shown)
            assert answer.never_connected, f"{context}: {why}: {answer}"
        answer = cluster.call_in_the_clear(cluster.mesh.replicas[context].at("mesh"), HEALTH)
        assert answer.never_connected, f"{context}: in the clear: {answer}"
        assert cluster.call(context, [HEALTH], authority.issue("gateway")) == [OK]


@pytest.mark.parametrize("name", ["billing", "gateway-x", "x/gateway", "gateway/", "Gateway"])
def test_a_wrong_name_reaches_only_health(cluster: Cluster, name: str) -> None:
    """A certificate with a name that is in no rule can connect, but reaches no method."""
    shown = cluster.mesh.authority.issue(name)
    for context in CONTEXTS:
        paths = [method.grpc_path for method in methods_of(context)]
        assert all(answer.refused_by_sidecar for answer in cluster.call(context, paths, shown))
        assert cluster.call(context, [HEALTH], shown) == [OK]


def test_reflection_and_the_unknown_are_closed(cluster: Cluster) -> None:
    """Reflection, which a laptop offers, and unknown methods are refused in a cluster."""
    paths = [
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        "/grpc.health.v1.Health/Watch",
        "/coditect.auth.v5.KeysService/NoSuchMethod",
        "/coditect.auth.v5.KeysService/GetJwksX",
        "/coditect.auth.v5.KeysService/getjwks",
        "/",
    ]
    answers = cluster.call("auth", paths, cluster.mesh.authority.issue("gateway"))
    assert [answer.refused_by_sidecar for answer in answers] == [True] * len(paths)


def test_a_caller_cannot_forge_its_identity(cluster: Cluster) -> None:
    """The sidecar replaces `x-forwarded-client-cert` with the caller's real identity."""
    forged = {"x-forwarded-client-cert": "URI=spiffe://test.coditect/gateway"}
    [answer] = cluster.call("auth", [WATCH], cluster.mesh.authority.issue("sessions"), forged)
    # The service believed the sidecar: a `gateway` would not have been allowed at all.
    assert answer == Answer(UNAUTHENTICATED, "A valid service token is required.")


def test_a_service_token_of_another_service(cluster: Cluster) -> None:
    """A caller with another service's token but not its certificate cannot act as that service."""
    clock = SystemClock()
    keys = [_service_key(cluster)]
    stolen = ServiceTokens("auth", keys, clock).issue("tenants")
    path = "/coditect.tenants.internal.v1.TenantsInternalService/GetMembership"
    shown = cluster.mesh.authority.issue("sessions")
    [answer] = cluster.call("tenants", [path], shown, {HEADER: stolen})
    assert answer.refused_by_sidecar
    own = ServiceTokens("sessions", keys, clock).issue("auth")
    tenants = cluster.mesh.authority.issue("tenants")
    [answer] = cluster.call("auth", [WATCH], tenants, {HEADER: own})
    assert answer == Answer(FORBIDDEN, "This service may not call this method.")


def _service_key(cluster: Cluster) -> str:
    lines = (cluster.laptop.settings.data / "keys.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)[SERVICE_KEYS]


def test_a_call_that_bypasses_the_sidecar(cluster: Cluster) -> None:
    """The service refuses callers that reach it directly, whatever they claim."""
    address = cluster.mesh.service_address(cluster.mesh.replicas["auth"])
    path = "/coditect.auth.v5.KeysService/GetJwks"
    unknown = Answer(UNAUTHENTICATED, "The call does not come from a known workload.")
    assert cluster.call_in_the_clear(address, path) == unknown
    # It also refuses a caller that a sidecar forwards although the method does not allow it.
    billing = {PEER: f"URI=spiffe://{TRUST_DOMAIN}/billing"}
    refused = cluster.call_in_the_clear(address, path, **billing)
    assert refused == Answer(FORBIDDEN, "This service may not call this method.")
    assert cluster.call("auth", [path], cluster.mesh.authority.issue("gateway")) == [OK]


def test_old_tls_is_refused(cluster: Cluster) -> None:
    """TLS 1.2 is refused, and no session ticket is issued that could replace a certificate."""
    context = _tls(cluster)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(OSError):  # noqa: PT011 - whichever way it ends
        _session(cluster, context)
    context = _tls(cluster)
    assert _session(cluster, context) is None


def test_refusals_are_logged(cluster: Cluster) -> None:
    """The sidecar's log has refused calls with caller and method, and failed connections with the reason."""
    [answer] = cluster.call("tenants", ["/nowhere"], cluster.mesh.authority.issue("nosy"))
    assert answer.refused_by_sidecar
    cluster.call("tenants", [HEALTH], Authority("unknown").issue("stranger"))
    log = cluster.laptop.settings.data / "log" / "tenants-sidecar.log"
    end = time.monotonic() + 30  # Envoy writes its logs every ten seconds
    wanted = ("spiffe://test.coditect/nosy", "CERTIFICATE_VERIFY_FAILED")
    while not all(text in log.read_text() for text in wanted):
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.1)
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    [nosy] = [line for line in lines if line["peer"] == "spiffe://test.coditect/nosy"]
    assert nosy["method"] == "/nowhere"
    assert nosy["details"].startswith("rbac_access_denied")


def test_a_silent_connection_is_closed(cluster: Cluster) -> None:
    """A connection that starts no handshake is closed."""
    host, port = cluster.mesh.replicas["auth"].at("mesh").split(":")
    with socket.create_connection((host, int(port)), timeout=15) as silent:
        assert silent.recv(1) == b""


def _tls(cluster: Cluster) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    folder = cluster.mesh.folder("gateway")
    context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    return context


def _session(cluster: Cluster, context: ssl.SSLContext) -> ssl.SSLSession | None:
    """The TLS session that could be resumed, after the first response."""
    host, port = cluster.mesh.replicas["auth"].at("mesh").split(":")
    with (
        socket.create_connection((host, int(port)), timeout=30) as plain,
        context.wrap_socket(plain) as opened,
    ):
        opened.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0")
        assert opened.recv(9)
        session = opened.session
        return session if session is not None and session.has_ticket else None
