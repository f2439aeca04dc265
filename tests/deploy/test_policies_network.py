"""Which pods can reach which: the policies of all charts, evaluated for every pair of pods."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from gateway import contract
from tests.deploy import charts
from tests.deploy.charts import NAMESPACE, Object
from tests.deploy.pods import pods_of, selects

CONTRACT = contract.load(Path(__file__).parents[2] / "build" / "contract.binpb")
TCP, UDP = "TCP", "UDP"
PORTS = [(TCP, port) for port in (53, 80, 4500, 4501, 8080, 8081, 8443, 9090, 50051)] + [(UDP, 53)]
DNS = {(UDP, 53), (TCP, 53)}
SERVERS_OF_NAMES = ("dns", "dns on the node")

Connection = tuple[str, str, tuple[str, int]]


@dataclass(frozen=True)
class Party:
    """A pod and its namespace."""

    name: str
    labels: Mapping[str, str]
    namespace: str = NAMESPACE


OTHERS = [
    Party("ingress", {}, "ingress-nginx"),
    Party("prometheus", {}, "monitoring"),
    Party("dns", {"k8s-app": "kube-dns"}, "kube-system"),
    Party("dns on the node", {"k8s-app": "node-local-dns"}, "kube-system"),
    Party("operator", {"app.kubernetes.io/name": "fdb-operator"}),
    Party("neighbor", {"app.kubernetes.io/part-of": "another-product"}),
    # In another namespace a pod can have any labels.
    Party(
        "stranger",
        {
            "app.kubernetes.io/name": "auth",
            "app.kubernetes.io/instance": "coditect",
            "app.kubernetes.io/part-of": "coditect",
        },
        "default",
    ),
]


def peer_matches(peer: Mapping[str, Any], party: Party) -> bool:
    """Whether a peer of a policy in our namespace matches a pod."""
    if "ipBlock" in peer:
        return False
    namespace = {"kubernetes.io/metadata.name": party.namespace}
    if "namespaceSelector" in peer:
        near = selects(peer["namespaceSelector"], namespace)
    else:
        near = party.namespace == NAMESPACE
    return near and selects(peer.get("podSelector", {}), party.labels)


def policies_of(policies: list[Object], kind: str, party: Party) -> list[Mapping[str, Any]]:
    """The policies that restrict a pod's connections in a direction (Ingress or Egress)."""
    return [
        policy["spec"]
        for policy in policies
        if kind in policy["spec"]["policyTypes"]
        and party.namespace == NAMESPACE
        and selects(policy["spec"]["podSelector"], party.labels)
    ]


def allows(policy: Mapping[str, Any], kind: str, other: Party, port: tuple[str, int]) -> bool:
    """Whether a policy allows a connection with another pod."""
    return any(_rule_matches(rule, kind, other, port) for rule in policy.get(kind.lower(), []))


def _rule_matches(rule: Mapping[str, Any], kind: str, other: Party, port: tuple[str, int]) -> bool:
    peers = rule.get("from" if kind == "Ingress" else "to")
    ports = {(one.get("protocol", TCP), one["port"]) for one in rule["ports"]}
    return port in ports and (not peers or any(peer_matches(peer, other) for peer in peers))


def connections(environment: str, kind: str) -> tuple[set[str], set[Connection]]:
    """The pods with policies in a direction, and the connections that this end allows."""
    releases = [charts.release(chart, environment) for chart in charts.NAMES]
    policies = [one for release in releases for one in release.of("NetworkPolicy").values()]
    parties = [Party(pods.name, pods.labels) for release in releases for pods in pods_of(release)]
    parties += OTHERS
    limited, found = set(), set()
    for party in parties:
        mine = policies_of(policies, kind, party)
        if mine:
            limited.add(party.name)
        for other, port in product(parties, PORTS):
            if any(allows(policy, kind, other, port) for policy in mine):
                ends = (other, party) if kind == "Ingress" else (party, other)
                found.add((ends[0].name, ends[1].name, port))
    return limited, found


def expected(environment: str, kind: str) -> Iterator[tuple[str, str, set[tuple[str, int]]]]:
    """The connections that must work: the contract's calls, and those that operations need."""
    values = charts.release("coditect", environment).values
    for context in CONTRACT.contexts:
        yield "gateway", context, {(TCP, 8443)}
        yield from ((context, peer, {(TCP, 8443)}) for peer in CONTRACT.peers_of(context))
    for workload in (*CONTRACT.contexts, "gateway"):
        yield from ((workload, server, DNS) for server in SERVERS_OF_NAMES)
        if values["monitoring"]["enabled"]:
            yield "prometheus", workload, {(TCP, 8081)}
    yield from (("ready-test", server, DNS) for server in SERVERS_OF_NAMES)
    yield "ready-test", "gateway", {(TCP, 8080)}
    yield "ingress", "gateway", {(TCP, 8080)}
    yield "ingress", "frontend", {(TCP, 8080)}
    # A database does not know its clients.
    wanted = values["store"]["kind"] == "foundationdb" or kind == "Ingress"
    clients = CONTRACT.contexts if wanted else ()
    servers, agents = database(environment)
    for caller, server in product((*clients, *servers, *agents, "operator"), servers):
        yield caller, server, {(TCP, 4500), (TCP, 4501)}


def database(environment: str) -> tuple[list[str], list[str]]:
    """The names of the database's pods: servers and backup agents."""
    names = [pods.name for pods in pods_of(charts.release("foundationdb", environment))]
    agents = [name for name in names if name.endswith("-agents")]
    return [name for name in names if name not in agents], agents


@pytest.mark.parametrize("kind", ["Ingress", "Egress"])
@pytest.mark.parametrize("environment", charts.ENVIRONMENTS)
def test_who_reaches_whom(environment: str, kind: str) -> None:
    """Each end allows exactly the contract's calls and what operations need."""
    limited, found = connections(environment, kind)
    servers, agents = database(environment)
    all_pods = {*CONTRACT.contexts, "gateway", "ready-test", "frontend", *servers, *agents}
    # The database calls Kubernetes and the backup's object store, at addresses unknown here.
    assert limited == all_pods - ({*servers, *agents} if kind == "Egress" else set())
    end = 1 if kind == "Ingress" else 0
    wanted = {
        (caller, callee, port)
        for caller, callee, ports in expected(environment, kind)
        for port in ports
        if (caller, callee)[end] in limited
    }
    assert found == wanted


@pytest.mark.parametrize("environment", charts.ENVIRONMENTS)
def test_only_auth_and_tenants_reach_the_mail_server(environment: str) -> None:
    """Auth and tenants reach the mail server if one is configured; no other pod ever does."""
    release = charts.release("coditect", environment)
    mail = release.values["mail"]
    for name, policy in release.of("NetworkPolicy").items():
        outside = [
            rule for rule in policy["spec"].get("egress", []) if rule["ports"] == [{"port": 587}]
        ]
        if name in {"auth", "tenants"} and mail["secretName"]:
            assert outside == [{"ports": [{"port": 587}], "to": mail["to"]}]
        else:
            assert outside == []


@pytest.mark.parametrize("environment", charts.ENVIRONMENTS)
def test_services_and_gateway_reach_the_collector_of_traces(environment: str) -> None:
    """Every pod of the product reaches the collector if one is set; the test of readiness does not."""
    release = charts.release("coditect", environment)
    tracing = release.values["tracing"]
    for name, policy in release.of("NetworkPolicy").items():
        outside = [
            rule for rule in policy["spec"].get("egress", []) if rule["ports"] == [{"port": 4317}]
        ]
        wanted = tracing["endpoint"] and name in {*CONTRACT.contexts, "gateway"}
        assert outside == ([{"ports": [{"port": 4317}], "to": tracing["to"]}] if wanted else [])


@pytest.mark.parametrize("environment", charts.ENVIRONMENTS)
def test_only_auth_and_tenants_reach_the_internet(environment: str) -> None:
    """Auth reaches the service that knows breached passwords, and documents of clients, if they are set.

    Tenants reaches the receivers of webhooks. Of the Internet both reach public addresses alone. No
    other pod ever does.
    """
    release = charts.release("coditect", environment)
    breached, documents = (
        release.values["breachedPasswords"],
        release.values["clientMetadataDocuments"]["enabled"],
    )
    for name, policy in release.of("NetworkPolicy").items():
        outside = [
            rule["to"]
            for rule in policy["spec"].get("egress", [])
            if rule["ports"] == [{"port": 443}]
        ]
        wanted = [breached["to"]] if breached["url"] else []
        if documents:
            wanted.append(outside[-1] if outside else [])
            assert name != "auth" or _is_public_alone(outside[-1])
        if name == "tenants" and release.values["webhooks"]["enabled"]:
            assert [_is_public_alone(one) for one in outside] == [True]
        else:
            assert outside == (wanted if name == "auth" else [])


def _is_public_alone(peers: list[dict[str, Any]]) -> bool:
    """Whether peers of a policy are public addresses, by the rule of auth."""
    four, six = (peer["ipBlock"] for peer in peers)
    private = [ip_network(one) for one in four["except"]]
    inside = ("127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254", "224.0.0.1")
    excepted = all(any(ip_address(one) in net for net in private) for one in inside)
    return four["cidr"] == "0.0.0.0/0" and excepted and six == {"cidr": "2000::/3"}


def test_policies_can_be_disabled() -> None:
    """With policies disabled in the values, no chart renders any."""
    for chart in charts.NAMES:
        values = charts.merged(charts.GIVEN[chart], {"networkPolicy": {"enabled": False}})
        assert "NetworkPolicy" not in {one["kind"] for one in charts.render(chart, values)}
