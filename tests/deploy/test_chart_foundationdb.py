"""The FoundationDB chart has sizes that its operator can create, and a backup."""

import re
from pathlib import Path

import pytest

from tests.deploy import charts
from tests.deploy.charts import Object, Release

# By redundancy, as the operator counts: allowed failures, copies, coordinators (one per node).
MODES = {
    "single": (0, 1, 1),
    "double": (1, 2, 3),
    "triple": (2, 3, 5),
    "three_data_hall": (2, 3, 9),
}
DOCKERFILE = Path(__file__).parents[2] / "Dockerfile"


def cluster(release: Release) -> Object:
    """The cluster that a release creates."""
    (found,) = release.of("FoundationDBCluster").values()
    return found


@pytest.mark.parametrize(
    ("environment", "mode"),
    [("dev", "single"), ("staging", "double"), ("prod", "triple"), ("default", "double")],
)
def test_the_redundancy_of_an_environment(environment: str, mode: str) -> None:
    """A trial keeps one copy, staging two and production three."""
    spec = cluster(charts.release("foundationdb", environment))["spec"]
    assert spec["databaseConfiguration"]["redundancy_mode"] == mode
    assert spec["databaseConfiguration"]["storage_engine"] == "ssd-2"


def test_the_numbers_fit_the_redundancy(foundationdb: Release) -> None:
    """There are enough processes for all copies and coordinators, even after failures."""
    spec = cluster(foundationdb)["spec"]
    configuration, counts = spec["databaseConfiguration"], spec["processCounts"]
    spare, copies, coordinators = MODES[configuration["redundancy_mode"]]
    assert counts["storage"] == configuration["storage"] >= coordinators
    assert counts["log"] == configuration["logs"] + spare
    assert configuration["logs"] >= copies
    assert set(spec["processes"]) == {name for name, count in counts.items() if count > 0}


def test_a_process_stays_below_its_limit(foundationdb: Release) -> None:
    """A server exits by itself, with a reason, before the kernel kills it."""
    for settings in cluster(foundationdb)["spec"]["processes"].values():
        given = dict(one.split("=", 1) for one in settings["customParameters"])
        (main, _) = settings["podTemplate"]["spec"]["containers"]
        number, unit = re.fullmatch(r"(\d+)(Mi|Gi)", main["resources"]["limits"]["memory"]).groups()
        limit = int(number) * (1024 if unit == "Gi" else 1)
        memory, cache = (
            int(given[name].removesuffix("MiB")) for name in ("memory", "cache_memory")
        )
        assert cache < memory < limit


def test_prod_has_the_required_volumes() -> None:
    """Each stateful process has 50Gi of standard-rwo, and requests half a core and 2Gi."""
    processes = cluster(charts.release("foundationdb", "prod"))["spec"]["processes"]
    assert "volumeClaimTemplate" not in processes["stateless"]
    for name in ("storage", "log"):
        claim = processes[name]["volumeClaimTemplate"]["spec"]
        assert claim["storageClassName"] == "standard-rwo"
        assert claim["resources"]["requests"]["storage"] == "50Gi"
        (main, _) = processes[name]["podTemplate"]["spec"]["containers"]
        assert main["resources"]["requests"] == {"cpu": "500m", "memory": "2Gi"}


def test_one_pod_at_a_time_may_be_evicted(foundationdb: Release) -> None:
    """Draining a node may evict one pod of each class; a single pod may be evicted too."""
    counts = cluster(foundationdb)["spec"]["processCounts"]
    budgets = foundationdb.of("PodDisruptionBudget")
    name = foundationdb.values["cluster"]
    stay = {f"{name}-{kind}": count - 1 for kind, count in counts.items() if count > 1}
    assert {name: one["spec"]["minAvailable"] for name, one in budgets.items()} == stay


def test_halls_are_the_zones_of_nodes() -> None:
    """With three_data_hall a server reads its zone from its node, and has the right to."""
    release = charts.release("foundationdb", "everything")
    for settings in cluster(release)["spec"]["processes"].values():
        assert (
            "locality_data_hall=$NODE_LABEL_TOPOLOGY_KUBERNETES_IO_ZONE"
            in settings["customParameters"]
        )
        (main, _) = settings["podTemplate"]["spec"]["containers"]
        assert {"name": "ENABLE_NODE_WATCH", "value": "true"} in main["env"]
    (role,) = release.of("ClusterRole").values()
    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "watch"]}
    ]


def test_the_server_reads_nothing_but_pods(foundationdb: Release) -> None:
    """A server's rights in Kubernetes are limited to the pods of its namespace."""
    (role,) = foundationdb.of("Role").values()
    (rule,) = role["rules"]
    assert rule["resources"] == ["pods"]
    assert set(rule["verbs"]) == {"get", "list", "watch", "update", "patch"}


def test_prod_is_backed_up() -> None:
    """The backup goes to the configured bucket, with the account's secret from a Secret."""
    (backup,) = charts.release("foundationdb", "prod").of("FoundationDBBackup").values()
    spec = backup["spec"]
    assert spec["clusterName"] == "coditect"
    assert spec["blobStoreConfiguration"]["accountName"] == "GOOG1EXAMPLE@storage.example.com"
    assert spec["blobStoreConfiguration"]["bucket"] == "coditect-backups"
    assert spec["snapshotPeriodSeconds"] == 86_400
    (agent,) = spec["podTemplateSpec"]["spec"]["containers"]
    (folder,) = (one for one in agent["volumeMounts"] if one["name"] == "credentials")
    variables = {one["name"]: one["value"] for one in agent["env"]}
    assert variables["FDB_BLOB_CREDENTIALS"] == f"{folder['mountPath']}/credentials"


def test_servers_and_client_have_one_version(foundationdb: Release) -> None:
    """The client in the services' image has the version of the servers."""
    image = re.search(r"^ARG FDB_IMAGE=\S+:(\S+)$", DOCKERFILE.read_text(), re.MULTILINE)
    assert image is not None
    assert cluster(foundationdb)["spec"]["version"] == image.group(1)


def test_the_services_find_the_database() -> None:
    """Both charts use the same cluster name, from which the ConfigMap's name is made."""
    name = cluster(charts.release("foundationdb", "prod"))["metadata"]["name"]
    assert charts.release("coditect", "prod").values["store"]["foundationdb"]["cluster"] == name
