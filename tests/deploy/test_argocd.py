"""What Argo CD is told: everything is there, in order, and may do no more than it must."""

from functools import cache
from pathlib import Path
from typing import Any

import helm_python
import pytest
import yaml

from deploy import promote
from tests.deploy.charts import DIGEST, NAMESPACE, StrictLoader, merged

ROOT = Path(__file__).parents[2]
ARGOCD = ROOT / "deploy" / "argocd"
OWN = "https://git.example.com/coditect"
CERT_MANAGER = "https://charts.example.com/cert-manager"
PROMETHEUS = "https://charts.example.com/prometheus"
FOUNDATIONDB = "https://charts.example.com/foundationdb"
# What is given when the root is applied.
GIVEN = {
    "repoURL": OWN,
    "registry": "registry.example/coditect",
    "host": "app.example.com",
    "ingress": {"className": "traefik", "namespace": "traefik"},
    "operators": {
        "certManager": {"repoURL": CERT_MANAGER},
        "prometheus": {"repoURL": PROMETHEUS},
        "foundationdb": {"repoURL": FOUNDATIONDB},
    },
    "foundationdb": {
        "backup": {"accountName": "GOOG1EXAMPLE@storage.example.com", "bucket": "backups"}
    },
}
SMALL = {"cert-manager": 0, "coditect": 2, "frontend": 3}
WHOLE = {**SMALL, "monitoring": -1, "foundationdb-operator": 0, "foundationdb": 1}
WAVES = {"dev": SMALL, "staging": WHOLE, "prod": WHOLE}
DATA = {"monitoring", "cert-manager", "foundationdb-operator", "foundationdb"}
IMAGES = {name: {"tag": "v1", "digest": DIGEST} for name in promote.IMAGES}

Object = dict[str, Any]
pytestmark = pytest.mark.parametrize("environment", promote.ENVIRONMENTS)


def read(path: Path) -> Any:
    """A file of values."""
    return yaml.load(path.read_text(), Loader=StrictLoader)  # noqa: S506 - it is a safe one


def render(chart: Path, values: Object, name: str, namespace: str) -> list[Object]:
    """What a chart makes of values."""
    with helm_python.Chart.load(chart) as loaded:
        files = loaded.render(values, name=name, namespace=namespace)
    texts = [text for file, text in files.items() if file.endswith(".yaml")]
    return [one for text in texts for one in yaml.load_all(text, Loader=StrictLoader) if one]


@cache
def applied(environment: str) -> tuple[Object, ...]:
    """What is applied by hand once: everything, and the root that keeps it."""
    values = merged(
        read(ARGOCD / "environments" / environment / "environment.yaml"),
        GIVEN,
        {"bootstrap": True},
    )
    return tuple(render(ARGOCD, values, "coditect-root", "argocd"))


def of(environment: str, kind: str) -> dict[str, Object]:
    """The objects of a kind by name."""
    return {one["metadata"]["name"]: one for one in applied(environment) if one["kind"] == kind}


def applications(environment: str) -> dict[str, Object]:
    """The applications that the root keeps, by name."""
    found = of(environment, "Application")
    del found["coditect-root"]
    return found


def sources(environment: str) -> dict[str, Object]:
    """The sources of the applications from this repository, by name."""
    found = {name: one["spec"]["source"] for name, one in applications(environment).items()}
    return {name: source for name, source in found.items() if "path" in source}


def value_files(source: Object) -> list[Path]:
    """The files of values of a source, found as Argo CD finds them."""
    chart = ROOT / source["path"]
    return [
        ROOT / name.removeprefix("/") if name.startswith("/") else chart / name
        for name in source["helm"]["valueFiles"]
    ]


def rendered(source: Object, name: str, namespace: str = NAMESPACE, **more: Any) -> list[Object]:
    """What Argo CD makes of a source: the files, then the values that stand beside them."""
    files = [read(path) for path in value_files(source)]
    values = merged(*files, more, source["helm"].get("valuesObject", {}))
    return render(ROOT / source["path"], values, name, namespace)


def made(environment: str, name: str) -> list[Object]:
    """What Argo CD makes of an application of ours, with an image of the frontend."""
    image = {"image": {"tag": "v1"}} if name == "frontend" else {}
    return rendered(sources(environment)[name], name, **image)


def named(objects: list[Object], kind: str, name: str) -> Object:
    """The object of a kind that is called so."""
    (found,) = (one for one in objects if (one["kind"], one["metadata"]["name"]) == (kind, name))
    return found


def test_waves_are_in_order(environment: str) -> None:
    """Projects, who watches, operators, then the database, the backend, and the frontend."""
    waves = {
        name: int(one["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"])
        for name, one in applications(environment).items()
    }
    assert waves == WAVES[environment]
    for name in ("coditect", "coditect-platform"):
        project = of(environment, "AppProject")[name]
        wave = int(project["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"])
        assert wave < min(waves.values())


def test_every_path_is_there(environment: str) -> None:
    """Charts and files of values exist, and are this environment's own."""
    for source in [*sources(environment).values(), root(environment)["spec"]["source"]]:
        assert (ROOT / source["path"] / "Chart.yaml").is_file()
        assert source["repoURL"] == OWN
        for file in value_files(source):
            assert file.is_file(), file
            assert environment in str(file.relative_to(ROOT)), file


def root(environment: str) -> Object:
    """The application that keeps all others."""
    return of(environment, "Application")["coditect-root"]


def test_the_root_keeps_what_was_applied(environment: str) -> None:
    """From what the root remembers comes everything again, but the root: nothing is lost or changed."""
    again = rendered(root(environment)["spec"]["source"], "coditect-root", "argocd")
    expected = [one for one in applied(environment) if one["metadata"]["name"] != "coditect-root"]
    assert again == expected


def test_what_is_promoted_is_what_runs(environment: str, tmp_path: Path) -> None:
    """Every container of the backend has an image by the digest that promotion has written."""
    source = sources(environment)["coditect"]
    file = tmp_path / "images.yaml"
    promoted = promote.write(value_files(source)[-1].read_text(), IMAGES)
    file.write_text(promoted)
    objects = rendered(source, "coditect", **read(file))
    containers = [
        container
        for one in objects
        if one["kind"] == "Deployment"
        for kind in ("containers", "initContainers")
        for container in one["spec"]["template"]["spec"].get(kind, [])
    ]
    assert {container["image"] for container in containers} == {
        f"registry.example/coditect/coditect-{name}@{DIGEST}" for name in promote.IMAGES
    }


def test_the_product_may_make_what_it_makes(environment: str) -> None:
    """What our charts make is in its namespace, is nothing cluster-wide and no Secret."""
    project = of(environment, "AppProject")["coditect"]["spec"]
    assert project["clusterResourceWhitelist"] == [{"group": "", "kind": "Namespace"}]
    assert {"group": "", "kind": "Secret"} in project["namespaceResourceBlacklist"]
    for name in sources(environment):
        for one in made(environment, name):
            assert one["metadata"]["namespace"] == NAMESPACE, (name, one["kind"])
            assert one["kind"] != "Secret", name


def test_projects_admit_their_applications_and_no_more(environment: str) -> None:
    """A project names the repositories and namespaces of its applications, and no others."""
    for name, project in of(environment, "AppProject").items():
        own = [
            one["spec"]
            for one in of(environment, "Application").values()
            if one["spec"]["project"] == name
        ]
        assert set(project["spec"]["sourceRepos"]) == {one["source"]["repoURL"] for one in own}
        admitted = [
            (place["server"], place["namespace"]) for place in project["spec"]["destinations"]
        ]
        places = {(one["destination"]["server"], one["destination"]["namespace"]) for one in own}
        assert set(admitted) == places
        assert "*" not in str(project["spec"].get("clusterResourceWhitelist"))


def test_only_the_root_makes_applications(environment: str) -> None:
    """The root makes applications and their projects and nothing else, and not itself."""
    project = of(environment, "AppProject")["coditect-root"]["spec"]
    kinds = {one["kind"] for one in project["namespaceResourceWhitelist"]}
    assert kinds == {"Application", "AppProject"}
    assert "clusterResourceWhitelist" not in project


def test_drift_is_undone(environment: str) -> None:
    """Everything follows the repository by itself, and tries again before it gives up."""
    for name, one in of(environment, "Application").items():
        policy = one["spec"]["syncPolicy"]
        assert policy["automated"] == {"prune": name != "foundationdb", "selfHeal": True}
        assert {"CreateNamespace=true", "ServerSideApply=true"} <= set(policy["syncOptions"])
        assert policy["retry"]["limit"] > 0


def test_data_outlives_its_application(environment: str) -> None:
    """The database, and what it needs, goes only when a person says so, and leaves what it made."""
    for name, one in applications(environment).items():
        options = one["metadata"]["annotations"].get("argocd.argoproj.io/sync-options")
        assert (options == "Prune=confirm,Delete=confirm") == (name in DATA), name
        assert ("finalizers" not in one["metadata"]) == (name in DATA), name


def test_prod_changes_in_working_hours(environment: str) -> None:
    """Prod changes by itself when people are there; a person may change it at any time."""
    for name in ("coditect", "coditect-platform"):
        windows = of(environment, "AppProject")[name]["spec"].get("syncWindows", [])
        assert bool(windows) == (environment == "prod")
        for window in windows:
            assert window["kind"] == "allow"
            assert window["manualSync"] is True
            assert window["applications"] == ["*"]


def test_the_autoscaler_is_not_fought(environment: str) -> None:
    """Where the number of replicas is decided by the load, the repository says none to go back to."""
    for name in sources(environment):
        objects = made(environment, name)
        scaled = {
            one["spec"]["scaleTargetRef"]["name"]
            for one in objects
            if one["kind"] == "HorizontalPodAutoscaler"
        }
        for one in objects:
            if one["kind"] == "Deployment":
                assert ("replicas" in one["spec"]) == (one["metadata"]["name"] not in scaled)


def test_what_watches_is_there_before_what_is_watched(environment: str) -> None:
    """Kinds of the Prometheus operator are made only where it is brought, and by what it has seen."""
    kinds = {
        one["kind"]
        for name in sources(environment)
        for one in made(environment, name)
        if one["apiVersion"].startswith("monitoring.coreos.com/")
    }
    apps = applications(environment)
    assert bool(kinds) == ("monitoring" in apps)
    values = apps["cert-manager"]["spec"]["source"]["helm"]["valuesObject"]
    assert values["prometheus"]["podmonitor"]["enabled"] == bool(kinds)
    if kinds:
        values = apps["monitoring"]["spec"]["source"]["helm"]["valuesObject"]
        selectors = values["prometheus"]["prometheusSpec"]
        assert selectors["podMonitorSelectorNilUsesHelmValues"] is False
        assert selectors["ruleSelectorNilUsesHelmValues"] is False


def test_prometheus_may_come_in(environment: str) -> None:
    """It runs where the network policies of the backend expect it."""
    auth = named(made(environment, "coditect"), "NetworkPolicy", "auth")
    admitted = [
        peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
        for rule in auth["spec"]["ingress"]
        if {"port": 8081} in rule["ports"]
        for peer in rule["from"]
    ]
    apps = applications(environment)
    expected = [apps["monitoring"]["spec"]["destination"]["namespace"]] if admitted else []
    assert admitted == expected


def test_users_come_in_by_one_door(environment: str) -> None:
    """What lets users in is the same controller for all, and the network policies expect it."""
    door = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "traefik"}}}]
    for name, workload in (("coditect", "gateway"), ("frontend", "frontend")):
        found = made(environment, name)
        ingresses = [one for one in found if one["kind"] == "Ingress"]
        assert bool(ingresses) == (environment != "dev")
        assert all(one["spec"]["ingressClassName"] == "traefik" for one in ingresses)
        policy = named(found, "NetworkPolicy", workload)
        assert policy["spec"]["ingress"][0]["from"][:1] == door


def test_argo_cd_knows_when_something_is_healthy(environment: str) -> None:
    """Each wave waits: Argo CD is told of Applications and of the kinds of FoundationDB's operator."""
    told = read(ARGOCD / "argocd-cm.yaml")["data"]
    kinds = {
        f"apps.foundationdb.org_{one['kind']}"
        for name, source in sources(environment).items()
        if name == "foundationdb"
        for one in rendered(source, name)
        if one["apiVersion"].startswith("apps.foundationdb.org/")
    }
    for kind in {"argoproj.io_Application", *kinds}:
        assert "return {status =" in told[f"resource.customizations.health.{kind}"]


@pytest.mark.parametrize("missing", ["repoURL", "registry", "operators", "environment"])
def test_what_is_missing_is_told(environment: str, missing: str) -> None:
    """An address that was not given is asked for, before anything is made of an empty one."""
    values = merged(read(ARGOCD / "environments" / environment / "environment.yaml"), GIVEN)
    del values[missing]
    with pytest.raises(helm_python.HelmError, match=missing):
        render(ARGOCD, values, "coditect-root", "argocd")
