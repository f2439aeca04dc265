"""The infrastructure as code is consistent, hardened, and has the required sizes."""

import ipaddress
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import hcl2
import pytest

TERRAFORM = Path(__file__).parents[2] / "deploy" / "terraform"
ENVIRONMENTS = ("dev", "staging", "prod")
MODULES = ("networking", "gke-cluster", "storage")
ROOT = "."
FOLDERS = [ROOT] + [f"modules/{name}" for name in MODULES]
# The files that an environment may have.
DIFFERENT = {
    "environment", "cluster_name", "location", "node_locations", "node_count", "max_node_count",
    "release_channel", "deletion_protection", "binary_authorization", "nodes_cidr", "pods_cidr",
    "services_cidr", "control_plane_cidr", "backup_location", "backup_days",
}  # fmt: skip
_OPTIONS = hcl2.SerializationOptions(
    with_comments=False, explicit_blocks=False, strip_string_quotes=True
)

Block = dict[str, Any]


@cache
def parsed(file: Path) -> Block:
    """A file as Terraform parses it."""
    with file.open() as source:
        return hcl2.load(source, serialization_options=_OPTIONS)


def blocks(folder: str, kind: str) -> dict[str, Block]:
    """The blocks of a kind in a folder, by name; resources by type and name."""
    found: dict[str, Block] = {}
    for file in sorted((TERRAFORM / folder).glob("*.tf")):
        for block in parsed(file).get(kind, []):
            for name, body in block.items():
                if kind == "resource":
                    found |= {f"{name}.{inner}": body[inner] for inner in body}
                else:
                    found[name] = body
    return found


def resource(folder: str, name: str) -> Block:
    """A resource of a module."""
    return blocks(f"modules/{folder}", "resource")[name]


def only(block: Block, *path: str) -> Any:
    """The content of nested blocks, each of which occurs once."""
    for name in path:
        inner = block[name]
        block = inner[0] if isinstance(inner, list) and isinstance(inner[0], dict) else inner
    return block


def text(folder: str) -> str:
    """The text of all files of a folder, without comments."""
    files = sorted((TERRAFORM / folder).glob("*.tf"))
    return re.sub(
        r"^\s*#.*$", "", "\n".join(file.read_text() for file in files), flags=re.MULTILINE
    )


def settings(environment: str) -> Block:
    """The settings of an environment."""
    return parsed(TERRAFORM / "environments" / environment / "terraform.tfvars")


@pytest.mark.skipif(shutil.which("terraform") is None, reason="Terraform is not installed")
def test_it_is_formatted() -> None:
    """Every file is formatted by `terraform fmt`."""
    command = ["terraform", "fmt", "-check", "-recursive", "-list=true", str(TERRAFORM)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_variable_is_described(folder: str) -> None:
    """A variable has a type and a description, and is used."""
    for name, variable in blocks(folder, "variable").items():
        assert variable["type"], name
        assert variable["description"].endswith("."), name
        assert f"var.{name}" in text(folder), name
    for name, output in blocks(folder, "output").items():
        assert output["description"].endswith("."), name


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_reference_is_declared(folder: str) -> None:
    """Every variable, local, resource and output of a module that is used is declared."""
    source = text(folder)
    assert set(re.findall(r"\bvar\.(\w+)", source)) <= set(blocks(folder, "variable"))
    resources = blocks(folder, "resource")
    named = re.findall(r"\b((?:google_\w+|terraform_data)\.\w+)\b", source)
    assert set(named) <= set(resources)
    declared = set(blocks(folder, "locals"))
    assert set(re.findall(r"\blocal\.(\w+)", source)) <= declared
    for module, output in re.findall(r"\bmodule\.(\w+)\.(\w+)", source):
        assert output in blocks(module_folder(folder, module), "output"), (module, output)


def test_modules_get_what_they_need() -> None:
    """A module call sets every variable without a default, and no unknown ones."""
    calls = blocks(ROOT, "module")
    assert {module_folder(ROOT, name) for name in calls} == {f"modules/{name}" for name in MODULES}
    for name, call in calls.items():
        variables = blocks(module_folder(ROOT, name), "variable")
        given = set(call) - {"source", "depends_on"}
        assert given <= set(variables), name
        needed = {one for one, variable in variables.items() if "default" not in variable}
        assert needed <= given, name


def module_folder(folder: str, name: str) -> str:
    """The folder of a module that a folder calls."""
    source = blocks(folder, "module")[name]["source"]
    return str((TERRAFORM / folder / source).resolve().relative_to(TERRAFORM.resolve()))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_environment_sets_everything_but_the_project(environment: str) -> None:
    """Only the project is missing, and every setting is used."""
    variables = blocks(ROOT, "variable")
    required = {name for name, variable in variables.items() if "default" not in variable}
    assert required - set(settings(environment)) == {"project_id"}
    assert set(settings(environment)) <= set(variables)
    assert settings(environment)["environment"] == environment


def test_environments_differ_only_where_they_are_meant_to() -> None:
    """One root, three settings: no environment has its own resources or hardening."""
    assert not list((TERRAFORM / "environments").rglob("*.tf"))
    # Terraform would read a file here for every environment.
    assert not list(TERRAFORM.glob("*.tfvars"))
    for here, there in combinations(ENVIRONMENTS, 2):
        assert set(settings(here)) == set(settings(there))
        different = {key for key, value in settings(here).items() if settings(there)[key] != value}
        assert different <= DIFFERENT


def test_states_are_remote_and_separate() -> None:
    """States are remote, no two environments share one, and the bucket is not named here."""
    (terraform,) = parsed(TERRAFORM / "backend.tf")["terraform"]
    assert terraform["backend"] == [{"gcs": {}}]
    for environment in ENVIRONMENTS:
        backend = parsed(TERRAFORM / "environments" / environment / "backend.hcl")
        assert backend == {"prefix": f"coditect/{environment}"}


@pytest.mark.parametrize("folder", FOLDERS)
def test_versions_are_pinned(folder: str) -> None:
    """Terraform and the provider stay within a major version, the same one everywhere."""
    settings_of_terraform = parsed(TERRAFORM / folder / "versions.tf")["terraform"][0]
    assert settings_of_terraform["required_version"] == ">= 1.11, < 2.0"
    provider = only(settings_of_terraform, "required_providers", "google")
    assert provider == {"source": "hashicorp/google", "version": "~> 8.9"}


def test_no_project_is_named() -> None:
    """The repository does not contain the project."""
    names = ("*.tf", "terraform.tfvars", "backend.hcl", "in.sh")
    files = [file for name in names for file in TERRAFORM.rglob(name)]
    assert {file.parent.name for file in files} >= {*ENVIRONMENTS, *MODULES}
    for file in files:
        assert not re.search(r"projects/[a-z]|\.iam\.gserviceaccount", file.read_text()), file


def test_dev_has_the_previous_sizes() -> None:
    """Dev, and the module's defaults, match the previous cluster: name, zone and nodes."""
    variables = blocks("modules/gke-cluster", "variable")
    expected: Mapping[str, object] = {
        "name": "codi-poc-e2-cluster",
        "location": "us-central1-a",
        "node_locations": ["us-central1-a"],
        "node_count": 3,
        "machine_type": "e2-standard-4",
        "disk_size_gb": 100,
    }
    assert {name: variables[name]["default"] for name in expected} == expected
    dev = {"cluster_name" if name == "name" else name: value for name, value in expected.items()}
    assert dev.items() <= settings("dev").items()


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_a_lost_zone_is_survived(environment: str) -> None:
    """The control plane is regional, and the nodes are spread evenly over three zones."""
    said = settings(environment)
    assert said["location"] == said["region"]
    assert len(set(said["node_locations"])) == 3
    assert all(zone.startswith(said["region"]) for zone in said["node_locations"])
    assert said["node_count"] % 3 == 0


def test_prod_is_not_deleted_by_mistake() -> None:
    """Prod is protected, gets the slowest upgrades, and runs only admitted images."""
    prod = settings("prod")
    assert prod["deletion_protection"] is True
    assert prod["binary_authorization"] is True
    assert prod["release_channel"] == "STABLE"
    assert prod["backup_days"] >= 30
    assert prod["backup_location"] != prod["region"]


def test_addresses_do_not_overlap() -> None:
    """No range overlaps another, so that the networks can be connected later."""
    ranges = [
        ipaddress.ip_network(settings(environment)[name])
        for environment in ENVIRONMENTS
        for name in ("nodes_cidr", "pods_cidr", "services_cidr", "control_plane_cidr")
    ]
    assert not any(here.overlaps(there) for here, there in combinations(ranges, 2))
    assert all(one.is_private for one in ranges)


def test_no_rule_allows_all_sources() -> None:
    """A rule for all sources only denies, and the control plane's list never has all addresses."""
    firewalls = {
        name: body
        for name, body in blocks("modules/networking", "resource").items()
        if name.startswith("google_compute_firewall.")
    }
    assert len(firewalls) == 2
    for name, body in firewalls.items():
        assert ("allow" in body) != ("deny" in body), name
        assert "deny" in body or "0.0.0.0/0" not in body["source_ranges"], name
    network = resource("networking", "google_compute_network.main")
    assert network["auto_create_subnetworks"] is False
    rule = only(blocks("modules/gke-cluster", "variable")["authorized_networks"], "validation")
    assert 'endswith(cidr, "/0")' in rule["condition"].replace('\\"', '"')


def test_the_control_plane_is_restricted() -> None:
    """Private nodes, authorized networks, no client certificates, no legacy permissions."""
    cluster = resource("gke-cluster", "google_container_cluster.main")
    assert only(cluster, "private_cluster_config", "enable_private_nodes") is True
    access = only(cluster, "master_authorized_networks_config")
    assert access["gcp_public_cidrs_access_enabled"] is False
    issue = only(cluster, "master_auth", "client_certificate_config", "issue_client_certificate")
    assert issue is False
    assert cluster["enable_legacy_abac"] is False
    assert cluster["enable_shielded_nodes"] is True
    assert cluster["deletion_protection"] == "${var.deletion_protection}"


def test_pods_have_identities_and_policies() -> None:
    """Workload identity is on, on every node, and NetworkPolicy is enforced."""
    cluster = resource("gke-cluster", "google_container_cluster.main")
    pool = only(cluster, "workload_identity_config", "workload_pool")
    assert pool == "${var.project_id}.svc.id.goog"
    assert cluster["datapath_provider"] == "ADVANCED_DATAPATH"
    node = only(resource("gke-cluster", "google_container_node_pool.main"), "node_config")
    assert only(node, "workload_metadata_config", "mode") == "GKE_METADATA"


def test_nodes_are_hardened() -> None:
    """Secure boot, no legacy metadata, repairs and upgrades, and minimal rights."""
    pool = resource("gke-cluster", "google_container_node_pool.main")
    node = only(pool, "node_config")
    assert only(node, "shielded_instance_config") == {
        "enable_secure_boot": True,
        "enable_integrity_monitoring": True,
    }
    assert node["metadata"] == {"disable-legacy-endpoints": "true"}
    assert only(pool, "management") == {"auto_repair": True, "auto_upgrade": True}
    assert node["service_account"] == "${google_service_account.nodes.email}"
    role = resource("gke-cluster", "google_project_iam_member.nodes")["role"]
    assert role == "roles/container.defaultNodeServiceAccount"


def test_logs_are_kept() -> None:
    """Logs of the cluster, of network flows and of denied traffic are on."""
    cluster = resource("gke-cluster", "google_container_cluster.main")
    assert "WORKLOADS" in only(cluster, "logging_config")["enable_components"]
    for name in ("google_compute_subnetwork.nodes", "google_compute_firewall.deny_ingress"):
        assert only(resource("networking", name), "log_config")["metadata"]


def test_only_one_prometheus_runs() -> None:
    """Google's is off, because it does not read the objects of the Prometheus operator."""
    cluster = resource("gke-cluster", "google_container_cluster.main")
    assert only(cluster, "monitoring_config", "managed_prometheus", "enabled") is False


def test_a_cluster_can_be_created() -> None:
    """Google's default pool is removed at once; our nodes are created after their rights."""
    cluster = resource("gke-cluster", "google_container_cluster.main")
    assert (cluster["remove_default_node_pool"], cluster["initial_node_count"]) == (True, 1)
    pool = resource("gke-cluster", "google_container_node_pool.main")
    assert "google_project_iam_member.nodes" in str(pool["depends_on"])


def test_modules_wait_for_the_apis() -> None:
    """Modules wait for the project's APIs, which wait for the check of the state's owner."""
    for name, call in blocks(ROOT, "module").items():
        assert "google_project_service.main" in str(call.get("depends_on")), name
    resources = blocks(ROOT, "resource")
    assert set(resources) == {"google_project_service.main", "terraform_data.owner"}
    assert "terraform_data.owner" in str(resources["google_project_service.main"]["depends_on"])


def test_backups_are_safe_from_their_writers() -> None:
    """No backup is public, and what an agent deletes or overwrites can be recovered."""
    bucket = resource("storage", "google_storage_bucket.backups")
    assert bucket["uniform_bucket_level_access"] is True
    assert bucket["public_access_prevention"] == "enforced"
    assert bucket["force_destroy"] is False
    assert only(bucket, "versioning", "enabled") is True
    kept = only(bucket, "soft_delete_policy")["retention_duration_seconds"]
    assert kept.replace(" ", "") == "${var.backup_days*86400}"
    deletes = [
        rule for rule in bucket["lifecycle_rule"] if only(rule, "action", "type") == "Delete"
    ]
    assert [only(rule, "condition")["with_state"] for rule in deletes] == ["ARCHIVED"]
    roles = resource("storage", "google_storage_bucket_iam_member.backup")["for_each"]
    assert "admin" not in roles.lower()


def test_tags_of_images_never_move() -> None:
    """The image that was verified under a tag is the one that runs under it."""
    registry = resource("storage", "google_artifact_registry_repository.images")
    assert only(registry, "docker_config", "immutable_tags") is True
