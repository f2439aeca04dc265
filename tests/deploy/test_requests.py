"""Requests and limits of the production charts follow from deploy/figures.yaml, and so does deploy/README.md."""

import math
import re
from pathlib import Path
from typing import Any, NamedTuple

import hcl2
import pytest
import yaml

from tests.deploy import charts
from tests.deploy.pods import pods_of

ROOT = Path(__file__).parents[2]
FIGURES: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "figures.yaml").read_text())
README = (ROOT / "deploy" / "README.md").read_text()
MEASURED = FIGURES["measured"]
PROD = charts.release("coditect", "prod")
SERVICES = ("auth", "tenants", "sessions")
MIB = 1024 * 1024 / 1e6
STEP = 16  # MiB


class Container(NamedTuple):
    """A container in production, with what it takes at its peak."""

    name: str
    resources: dict[str, dict[str, str]]
    peak_megabytes: float


def containers() -> list[Container]:
    """Each service, the gateway, and the sidecar."""
    peaks = MEASURED["peakMegabytes"]
    values = PROD.values
    found = [
        Container(name, values["services"][name]["resources"], peaks[name]) for name in SERVICES
    ]
    found.append(Container("gateway", values["gateway"]["resources"], peaks["gateway"]))
    largest = max(peaks[f"{name}-sidecar"] for name in SERVICES)
    return [*found, Container("sidecar", values["sidecar"]["resources"], largest)]


def millicores(quantity: str) -> int:
    """A CPU quantity."""
    return int(quantity[:-1]) if quantity.endswith("m") else round(float(quantity) * 1000)


def mebibytes(quantity: str) -> int:
    """A memory quantity."""
    assert quantity.endswith("Mi")
    return int(quantity[:-2])


WORKING_POINT = millicores(FIGURES["workingPoint"]["cpu"])
SIDECAR_SHARE = max(
    one["sidecar"] / one["service"] for one in MEASURED["microsecondsPerRead"].values()
)


def used(container: str) -> float:
    """Millicores that a container uses while its pod is at its working point."""
    return WORKING_POINT * (SIDECAR_SHARE if container == "sidecar" else 1)


@pytest.mark.parametrize("container", containers(), ids=lambda one: one.name)
def test_requests_and_limits(container: Container) -> None:
    """CPU at the working point; memory at the peak with room; limits that throttle and kill nothing."""
    requests, limits = container.resources["requests"], container.resources["limits"]
    needed = math.ceil(used(container.name) / 10) * 10
    assert needed <= millicores(requests["cpu"]) <= 1.1 * needed
    assert millicores(limits["cpu"]) == 1000
    peak = container.peak_megabytes / MIB
    room = math.ceil(peak * FIGURES["memory"]["room"] / STEP) * STEP
    assert mebibytes(requests["memory"]) == room
    assert mebibytes(limits["memory"]) >= FIGURES["memory"]["limit"] * peak


def test_the_autoscalers_add_pods_at_the_working_point() -> None:
    """Their target is what a container requests."""
    scalers = PROD.of("HorizontalPodAutoscaler")
    pods = {one.name: one for one in pods_of(PROD)}
    assert set(scalers) == {*SERVICES, "gateway"}
    for name, scaler in scalers.items():
        scaled = scaler["spec"]["metrics"][0]["containerResource"]
        requests = pods[name].container(scaled["container"])["resources"]["requests"]
        assert scaled["target"]["averageValue"] == requests["cpu"] == f"{WORKING_POINT}m"


def at_the_autoscalers(bound: str) -> tuple[int, float, float]:
    """The number of pods at a bound of the autoscalers, and the cores that they request and use."""
    number, requested, using = 0, 0.0, 0.0
    scalers = PROD.of("HorizontalPodAutoscaler")
    for pods in pods_of(PROD):
        if pods.name not in scalers:
            continue
        replicas = scalers[pods.name]["spec"][bound]
        number += replicas
        for container in pods.serving:
            requested += replicas * millicores(container["resources"]["requests"]["cpu"]) / 1000
            using += replicas * used(container["name"]) / 1000
    return number, requested, using


def test_at_the_maximum_requests_cover_the_use() -> None:
    """With all pods that the autoscalers may add, no pod uses more than is kept for it."""
    number, requested, using = at_the_autoscalers("maxReplicas")
    assert number == 42
    assert using <= requested <= 1.1 * using
    assert f"{number} pods request {requested:.1f} cores and use {using:.1f}" in README
    number, requested, _ = at_the_autoscalers("minReplicas")
    assert f"{number} pods request {requested:.1f} cores" in README


def test_the_nodes_have_room_for_the_maximum() -> None:
    """The largest cluster of prod takes all pods of the autoscalers, and everything else."""
    file = ROOT / "deploy/terraform/environments/prod/terraform.tfvars"
    with file.open() as text:
        variables = hcl2.load(text)
    nodes = FIGURES["nodes"]
    assert "e2-standard-4" in variables["machine_type"]
    room = variables["max_node_count"] * (nodes["cores"] - nodes["reserved"])
    _, requested, _ = at_the_autoscalers("maxReplicas")
    assert requested + nodes["others"] <= room


def test_the_readme_has_the_figures() -> None:
    """Its table is that of the figures and of the chart."""
    costs = MEASURED["microsecondsPerRead"]
    for name, resources, peak in containers():
        cost = costs.get(name)
        read, beside = (cost["service"], cost["sidecar"]) if cost else ("", "")
        requests, limits = resources["requests"], resources["limits"]
        row = f"{name} | {read} | {beside} | {peak} | {requests['cpu']}, {requests['memory']} | {limits['memory']}"
        found = [line.strip("| ") for line in README.splitlines() if line.startswith(f"| {name} |")]
        assert [re.sub(r" +", " ", line) for line in found] == [re.sub(r" +", " ", row)]
