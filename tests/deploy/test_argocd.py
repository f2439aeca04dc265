"""What Argo CD deploys is complete, in order, and has only the rights that it needs."""

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
# The values that are set when the root is applied.
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
    """The objects of a chart with these values."""
    with helm_python.Chart.load(chart) as loaded:
        files = loaded.render(values, name=name, namespace=namespace)
    texts = [text for file, text in files.items() if file.endswith(".yaml")]
    return [one for text in texts for one in yaml.load_all(text, Loader=StrictLoader) if one]


@cache
def applied(environment: str) -> tuple[Object, ...]:
    """What is applied by hand once: all objects, and the root that manages them."""
    values = merged(
        read(ARGOCD / "environments" / environment / "environment.yaml"),
        GIVEN,
        {"bootstrap": True},
    )
    return tuple(render(ARGOCD, values, "coditect-root", "argocd"))


def of(environment: str, kind: str) -> dict[str, Object]:
    """The objects of a kind, by name."""
    return {one["metadata"]["name"]: one for one in applied(environment) if one["kind"] == kind}


def applications(environment: str) -> dict[str, Object]:
    """The applications that the root manages, by name."""
    found = of(environment, "Application")
    del found["coditect-root"]
    return found


def sources(environment: str) -> dict[str, Object]:
    """The sources of the applications from this repository, by name."""
    found = {name: one["spec"]["source"] for name, one in applications(environment).items()}
    return {name: source for name, source in found.items() if "path" in source}


def value_files(source: Object) -> list[Path]:
    """The values files of a source, resolved as Argo CD resolves them."""
    chart = ROOT / source["path"]
    return [
        ROOT / name.removeprefix("/") if name.startswith("/") else chart / name
        for name in source["helm"]["valueFiles"]
    ]


def rendered(source: Object, name: str, namespace: str = NAMESPACE, **more: Any) -> list[Object]:
    """What Argo CD renders from a source: its values files, then its inline values."""
    files = [read(path) for path in value_files(source)]
    values = merged(*files, more, source["helm"].get("valuesObject", {}))
    return render(ROOT / source["path"], values, name, namespace)


def made(environment: str, name: str) -> list[Object]:
    """What Argo CD renders from our application, with an image for the frontend."""
    image = {"image": {"tag": "v1"}} if name == "frontend" else {}
    return rendered(sources(environment)[name], name, **image)


def named(objects: list[Object], kind: str, name: str) -> Object:
    """The object with this kind and name."""
    (found,) = (one for one in objects if (one["kind"], one["metadata"]["name"]) == (kind, name))
    return found


def test_waves_are_in_order(environment: str) -> None:
    """Projects, monitoring, operators, then the database, the backend, and the frontend."""
    waves = {
        name: int(one["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"])
        for name, one in applications(environment).items()
    }
    assert waves == WAVES[environment]
    for name in ("coditect", "coditect-platform"):
        project = of(environment, "AppProject")[name]
        wave = int(project["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"])
        assert wave < min(waves.values())


def test_every_path_exists(environment: str) -> None:
    """Charts and values files exist, and belong to this environment."""
    for source in [*sources(environment).values(), root(environment)["spec"]["source"]]:
        assert (ROOT / source["path"] / "Chart.yaml").is_file()
        assert source["repoURL"] == OWN
        for file in value_files(source):
            assert file.is_file(), file
            assert environment in str(file.relative_to(ROOT)), file


def root(environment: str) -> Object:
    """The application that manages all others."""
    return of(environment, "Application")["coditect-root"]


def test_the_root_keeps_what_was_applied(environment: str) -> None:
    """The root's values render everything that was applied, except the root itself."""
    again = rendered(root(environment)["spec"]["source"], "coditect-root", "argocd")
    expected = [one for one in applied(environment) if one["metadata"]["name"] != "coditect-root"]
    assert again == expected


def test_what_is_promoted_is_what_runs(environment: str, tmp_path: Path) -> None:
    """Every container has an image with the promoted digest."""
    folder = ARGOCD / "environments" / environment
    promoted = promote.write({name: (folder / name).read_text() for name in promote.FILES}, IMAGES)
    objects = []
    for name, file in (("coditect", "images.yaml"), ("frontend", "frontend.yaml")):
        source = sources(environment)[name]
        assert value_files(source)[-1] == folder / file
        (tmp_path / file).write_text(promoted[file])
        objects += rendered(source, name, **read(tmp_path / file))
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


def test_the_product_may_create_its_objects(environment: str) -> None:
    """Our charts create only namespaced objects in their namespace, and no Secrets."""
    project = of(environment, "AppProject")["coditect"]["spec"]
    assert project["clusterResourceWhitelist"] == [{"group": "", "kind": "Namespace"}]
    assert {"group": "", "kind": "Secret"} in project["namespaceResourceBlacklist"]
    for name in sources(environment):
        for one in made(environment, name):
            assert one["metadata"]["namespace"] == NAMESPACE, (name, one["kind"])
            assert one["kind"] != "Secret", name


def test_projects_allow_only_their_applications(environment: str) -> None:
    """A project allows exactly the repositories and namespaces of its applications."""
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


def test_only_the_root_creates_applications(environment: str) -> None:
    """The root creates only applications and their projects, and not itself."""
    project = of(environment, "AppProject")["coditect-root"]["spec"]
    kinds = {one["kind"] for one in project["namespaceResourceWhitelist"]}
    assert kinds == {"Application", "AppProject"}
    assert "clusterResourceWhitelist" not in project


def test_drift_is_reverted(environment: str) -> None:
    """Every application follows the repository automatically, and retries before it gives up."""
    for name, one in of(environment, "Application").items():
        policy = one["spec"]["syncPolicy"]
        assert policy["automated"] == {"prune": name != "foundationdb", "selfHeal": True}
        assert {"CreateNamespace=true", "ServerSideApply=true"} <= set(policy["syncOptions"])
        assert policy["retry"]["limit"] > 0


def test_data_survives_its_application(environment: str) -> None:
    """The database and operators are deleted only after confirmation, and leave objects."""
    for name, one in applications(environment).items():
        options = one["metadata"]["annotations"].get("argocd.argoproj.io/sync-options")
        assert (options == "Prune=confirm,Delete=confirm") == (name in DATA), name
        assert ("finalizers" not in one["metadata"]) == (name in DATA), name


def test_prod_changes_in_working_hours(environment: str) -> None:
    """Prod syncs automatically only in working hours; a person may sync it at any time."""
    for name in ("coditect", "coditect-platform"):
        windows = of(environment, "AppProject")[name]["spec"].get("syncWindows", [])
        assert bool(windows) == (environment == "prod")
        for window in windows:
            assert window["kind"] == "allow"
            assert window["manualSync"] is True
            assert window["applications"] == ["*"]


def test_argo_cd_leaves_replicas_to_the_autoscaler(environment: str) -> None:
    """Where an autoscaler sets the number of replicas, the repository sets none."""
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


def test_monitoring_is_installed_before_it_is_used(environment: str) -> None:
    """Objects of the Prometheus operator need its installation, and come after its CRDs."""
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


def test_prometheus_may_connect(environment: str) -> None:
    """It runs where the backend's network policies expect it."""
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


def test_all_ingresses_use_one_controller(environment: str) -> None:
    """All Ingresses use the same controller, and the network policies allow it."""
    controller = [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "traefik"}}}
    ]
    for name, workload in (("coditect", "gateway"), ("frontend", "frontend")):
        found = made(environment, name)
        ingresses = [one for one in found if one["kind"] == "Ingress"]
        assert bool(ingresses) == (environment != "dev")
        assert all(one["spec"]["ingressClassName"] == "traefik" for one in ingresses)
        policy = named(found, "NetworkPolicy", workload)
        assert policy["spec"]["ingress"][0]["from"][:1] == controller


def test_the_frontend_lets_programs_in(environment: str) -> None:
    """Not in dev, where it has another address than the gateway."""
    auth = named(made(environment, "coditect"), "Deployment", "auth")
    (service,) = auth["spec"]["template"]["spec"]["containers"]
    pages = {"name": "OAUTH_PAGES", "value": "plain" if environment == "dev" else "console"}
    assert pages in service["env"]


def test_argo_cd_knows_when_something_is_healthy(environment: str) -> None:
    """Waves wait: Argo CD has health checks for Applications and for the FoundationDB kinds."""
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
def test_a_missing_address_is_an_error(environment: str, missing: str) -> None:
    """A missing address is reported before anything is rendered from an empty one."""
    values = merged(read(ARGOCD / "environments" / environment / "environment.yaml"), GIVEN)
    del values[missing]
    with pytest.raises(helm_python.HelmError, match=missing):
        render(ARGOCD, values, "coditect-root", "argocd")
