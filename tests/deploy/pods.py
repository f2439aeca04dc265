"""The pods that rendered objects create, and what they refer to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.deploy.charts import Object, Release

Container = dict[str, Any]


@dataclass(frozen=True)
class Pods:
    """Pods that are made from one template.

    Attributes:
        name: The name of their workload.
        labels: The labels of the pods.
        spec: The spec of the template.
        lasting: Whether they run until they are stopped.
        operated: Whether an operator adds images and probes to the template.
    """

    name: str
    labels: Mapping[str, str]
    spec: Mapping[str, Any]
    lasting: bool = True
    operated: bool = False

    @property
    def containers(self) -> list[Container]:
        """All containers, including init containers."""
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    @property
    def serving(self) -> list[Container]:
        """The containers that run as long as the pod, including native sidecars."""
        sidecars = (
            one
            for one in self.spec.get("initContainers", [])
            if one.get("restartPolicy") == "Always"
        )
        return [*sidecars, *self.spec["containers"]] if self.lasting else []

    @property
    def ports(self) -> dict[str, int]:
        """The ports of all containers, by name."""
        ports = (port for one in self.containers for port in one.get("ports", []))
        return {port["name"]: port["containerPort"] for port in ports}

    def container(self, name: str) -> Container:
        """A container by its name."""
        return next(one for one in self.containers if one["name"] == name)


def pods_of(release: Release) -> list[Pods]:
    """All pods that a release creates."""
    return [pods for one in release.objects for pods in _pods(one)]


def _pods(one: Object) -> Iterator[Pods]:
    name = one["metadata"]["name"]
    match one["kind"]:
        case "Deployment":
            template = one["spec"]["template"]
            yield Pods(name, template["metadata"]["labels"], template["spec"])
        case "Pod":
            yield Pods(name, one["metadata"]["labels"], one["spec"], lasting=False)
        case "FoundationDBCluster":
            for process_class, settings in one["spec"]["processes"].items():
                labels = settings["podTemplate"]["metadata"]["labels"] | {
                    "foundationdb.org/fdb-cluster-name": name,
                    "foundationdb.org/fdb-process-class": process_class,
                }
                spec = settings["podTemplate"]["spec"]
                yield Pods(f"{name}-{process_class}", labels, spec, operated=True)
        case "FoundationDBBackup":
            template = one["spec"]["podTemplateSpec"]
            agents = f"{name}-backup-agents"
            labels = template["metadata"]["labels"] | {"foundationdb.org/deployment-name": agents}
            yield Pods(agents, labels, template["spec"], operated=True)


def environment_of(container: Container) -> dict[str, Any]:
    """The environment of a container: a string, or the source of the value."""
    pairs = container.get("env", [])
    names = [pair["name"] for pair in pairs]
    assert len(names) == len(set(names)), f"a variable is given twice: {names}"
    return {pair["name"]: pair.get("value", pair.get("valueFrom")) for pair in pairs}


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a label selector matches these labels."""
    exact = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return exact and all(
        _expressed(expression, labels) for expression in selector.get("matchExpressions", [])
    )


def _expressed(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    assert expression["operator"] == "In", "only In is used, and known here"
    return labels.get(expression["key"]) in expression["values"]
