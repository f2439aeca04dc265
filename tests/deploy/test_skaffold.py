"""The loop on a cluster: what it builds, copies, deploys and asks is there and fits together."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import kubernetes_validate
import pytest
import yaml

from tests.deploy.charts import CHARTS, KUBERNETES, NAMESPACE, Object, merged, render, values_of

ROOT = Path(__file__).parents[2]
SKAFFOLD: dict[str, Any] = yaml.safe_load((ROOT / "skaffold.yaml").read_text())
ARTIFACTS = {one["image"]: one for one in SKAFFOLD["build"]["artifacts"]}
PROFILES = {one["name"]: one for one in SKAFFOLD["profiles"]}
ENVIRONMENTS = ("dev", "staging", "prod")
DIGEST = "sha256:" + "c" * 64
# What Skaffold calls the parts of what it has built.
BUILT = {"REPO": "registry.example/{0}", "TAG": "g1234567", "DIGEST": DIGEST}
# As small as a service that is told to stop by SIGTERM.
PROGRAM = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print({0!r}, flush=True)
time.sleep(60)
"""


def releases(profile: str) -> dict[str, dict[str, Any]]:
    """What a profile deploys with Helm, by name."""
    return {one["name"]: one for one in PROFILES[profile]["deploy"]["helm"]["releases"]}


def expanded(template: str) -> str:
    """A template of Skaffold with what it would have built."""
    found = re.fullmatch(r"\{\{\.IMAGE_(REPO|TAG|DIGEST)_(\w+)\}\}", template)
    assert found, template
    image = found[2].replace("_", "-")
    assert image in ARTIFACTS
    return BUILT[found[1]].format(image)


def deployed(profile: str, chart: str = "coditect") -> list[Object]:
    """What a profile puts into the cluster of a chart, the product itself unless said otherwise."""
    release = releases(profile)[chart]
    given: dict[str, Any] = {}
    for path, template in release.get("setValueTemplates", {}).items():
        given = merged(given, nested(path, expanded(template)))
    for path, value in release.get("setValues", {}).items():
        given = merged(given, nested(path, yaml.safe_load(value)))
    return list(render(chart, merged(values_of(chart, profile), given)))


def nested(path: str, value: Any) -> dict[str, Any]:
    """A value at a path, as Helm's --set has it."""
    for name in reversed(path.split(".")):
        value = {name: value}
    return value


def services(objects: list[Object]) -> Iterator[Object]:
    """The pods of the three services."""
    for one in objects:
        if one["kind"] == "Deployment" and one["metadata"]["name"] != "gateway":
            yield one["spec"]["template"]["spec"]


def workdir() -> str:
    """Where the program is in the image of the services."""
    return re.findall(r"^WORKDIR (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[-1]


def test_it_is_skaffolds_newest_schema() -> None:
    """The file says which schema it is written in."""
    assert (SKAFFOLD["apiVersion"], SKAFFOLD["kind"]) == ("skaffold/v4beta14", "Config")


def test_two_images_are_built() -> None:
    """Both Dockerfiles are built from the root, and no registry is named."""
    assert {name: one["docker"]["dockerfile"] for name, one in ARTIFACTS.items()} == {
        "coditect-services": "Dockerfile",
        "coditect-gateway": "gateway/Dockerfile",
    }
    for one in ARTIFACTS.values():
        assert (ROOT / one["context"] / one["docker"]["dockerfile"]).is_file()
    assert "defaultRepo" not in str(SKAFFOLD)


def test_a_tag_is_never_a_number() -> None:
    """A tag of digits only would reach the chart as a number, so each begins with a letter."""
    assert SKAFFOLD["build"]["tagPolicy"]["gitCommit"]["prefix"].isalpha()


def test_what_is_copied_is_the_program() -> None:
    """All of our packages in the image are copied when they change, to where they are in it."""
    rules = ARTIFACTS["coditect-services"]["sync"]["manual"]
    for rule in rules:
        assert list(ROOT.glob(rule["src"])), rule
        assert rule["dest"] == workdir()
        assert "strip" not in rule
    source = (ROOT / "Dockerfile").read_text()
    packages = set(re.findall(r"^COPY (\w+) \1$", source, re.MULTILINE))
    assert packages == {rule["src"].split("/")[0] for rule in rules}


def test_profiles_are_the_environments() -> None:
    """Each environment has its profile, with its own files of values."""
    assert tuple(PROFILES) == ENVIRONMENTS
    for profile in PROFILES:
        for name, release in releases(profile).items():
            assert release["namespace"] == NAMESPACE
            assert (ROOT / release["chartPath"] / "Chart.yaml").is_file()
            assert release["valuesFiles"] == [f"charts/{name}/values-{profile}.yaml"]
            assert (ROOT / release["valuesFiles"][0]).is_file()


def test_the_database_comes_first_where_there_is_one() -> None:
    """On a laptop the store is embedded; elsewhere FoundationDB is there, and is waited for."""
    assert set(releases("dev")) == {"coditect"}
    for profile in ("staging", "prod"):
        assert set(releases(profile)) == {"coditect", "foundationdb"}
        assert releases(profile)["coditect"]["dependsOn"] == ["foundationdb"]
        kinds = {one["kind"] for one in deployed(profile, "foundationdb")}
        assert "FoundationDBCluster" in kinds


def test_nobody_is_given_keys_of_a_trial() -> None:
    """Only the laptop gets keys that are made on the way; elsewhere somebody made them, and keeps them."""
    assert PROFILES["dev"]["activation"] == [{"command": "dev"}]
    assert "hooks" not in SKAFFOLD.get("deploy", {}).get("helm", {})
    for profile in ("staging", "prod"):
        assert "hooks" not in PROFILES[profile]["deploy"]["helm"]
        assert PROFILES[profile]["test"][0]["custom"][0]["command"] == "make test"


@pytest.mark.parametrize("profile", ENVIRONMENTS)
def test_the_chart_knows_every_value_that_is_set(profile: str) -> None:
    """A value that the chart has no use for would be set without anybody noticing."""
    known = yaml.safe_load((CHARTS / "coditect" / "values.yaml").read_text())
    release = releases(profile)["coditect"]
    for path in (*release["setValueTemplates"], *release.get("setValues", {})):
        inner = known
        for name in path.split("."):
            assert name in inner, path
            inner = inner[name]


@pytest.mark.parametrize("profile", ENVIRONMENTS)
def test_what_was_built_is_what_runs(profile: str) -> None:
    """Every container has one of the two images, by the digest that was built."""
    for one in deployed(profile):
        if one["kind"] != "Deployment":
            continue
        pod = one["spec"]["template"]["spec"]
        for container in (*pod["containers"], *pod.get("initContainers", [])):
            name, _, digest = container["image"].partition("@")
            assert name.removeprefix("registry.example/") in ARTIFACTS
            assert digest == DIGEST


def test_the_gateway_is_reached_from_outside() -> None:
    """The forwarded port is one of the gateway's Service."""
    (forward,) = SKAFFOLD["portForward"]
    assert (forward["resourceName"], forward["localPort"]) == ("gateway", 8080)
    found = [
        one
        for one in deployed("dev")
        if one["kind"] == "Service" and one["metadata"]["name"] == forward["resourceName"]
    ]
    assert forward["port"] in [port["port"] for port in found[0]["spec"]["ports"]]


def test_a_check_of_the_cluster_is_let_through() -> None:
    """The Job of `skaffold verify` is a good one, looks like the chart's own test, and is as shut in."""
    for check in SKAFFOLD["verify"]:
        job = yaml.safe_load((ROOT / manifest(check)).read_text())
        kubernetes_validate.validate(job, KUBERNETES, strict=True)
        (container,) = job["spec"]["template"]["spec"]["containers"]
        assert container["name"] == check["container"]["name"]
        assert check["container"]["image"] in ARTIFACTS
        (test,) = [
            one
            for one in deployed("dev")
            if one["metadata"]["name"] == "ready-test" and one["kind"] == "Pod"
        ]
        labels = job["spec"]["template"]["metadata"]["labels"]
        assert labels.items() <= test["metadata"]["labels"].items()
        assert container["securityContext"] == test["spec"]["containers"][0]["securityContext"]
        assert job["metadata"]["namespace"] == NAMESPACE
        assert job["metadata"]["labels"]  # Skaffold adds to them, and fails if there are none


def manifest(check: dict[str, Any]) -> str:
    """The Job of a check."""
    return check["executionMode"]["kubernetesCluster"]["jobManifestPath"]


def test_a_check_of_the_cluster_is_a_program() -> None:
    """What the checks run can be read by Python, and is in the image."""
    for check in SKAFFOLD["verify"]:
        match check["container"]["command"]:
            case ["python", "-c"]:
                (script,) = check["container"]["args"]
                compile(script, check["name"], "exec")
            case ["python", "-m", module]:
                assert (ROOT / module.replace(".", "/") / "__main__.py").is_file()


def test_a_hook_can_be_read_by_its_shell() -> None:
    """The script that makes the keys of a trial is a good one."""
    (hook,) = PROFILES["dev"]["deploy"]["helm"]["hooks"]["before"]
    shell, script = hook["host"]["command"]
    subprocess.run([shell, "-n", script], cwd=ROOT, check=True)


def test_copied_files_outlive_a_restart() -> None:
    """In the loop the program is on a volume that may be written to, though the root may not."""
    for pod in services(deployed("dev")):
        (service,) = pod["containers"]
        mounts = {mount["mountPath"]: mount for mount in service["volumeMounts"]}
        name = mounts[workdir()]["name"]
        assert not mounts[workdir()].get("readOnly")
        assert {"name": name, "emptyDir": {}} in pod["volumes"]
        assert service["securityContext"]["readOnlyRootFilesystem"] is True


@pytest.mark.parametrize("profile", ["staging", "prod"])
def test_nothing_can_be_copied_elsewhere(profile: str) -> None:
    """Outside of the loop the program is the image's, and nobody can change it."""
    for pod in services(deployed(profile)):
        (service,) = pod["containers"]
        assert workdir() not in [mount["mountPath"] for mount in service["volumeMounts"]]
        assert "command" not in service


def test_a_change_is_felt_without_a_new_container(tmp_path: Path) -> None:
    """What a container of the loop runs takes up changed files on the hook's signal, and stops when told."""
    service = next(services(deployed("dev")))["containers"][0]
    (hook,) = ARTIFACTS["coditect-services"]["sync"]["hooks"]["after"]
    assert hook["container"]["command"] == ["sh", "-c", "kill -HUP 1"]
    (tmp_path / "program.py").write_text(PROGRAM.format("old"))
    with Loop([*service["command"], "program"], tmp_path) as loop:
        loop.wait_for("old")
        (tmp_path / "program.py").write_text("this is no Python")
        loop.process.send_signal(signal.SIGHUP)
        loop.wait_for("SyntaxError")
        (tmp_path / "program.py").write_text(PROGRAM.format("new"))
        loop.process.send_signal(signal.SIGHUP)
        loop.wait_for("new")
        loop.process.terminate()
        assert loop.process.wait(20) == 0


class Loop:
    """A command in a folder, with what it says."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self._output = folder / "output"
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env={"PATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        """It runs."""
        return self

    def __exit__(self, *_: object) -> None:
        """Ends it and what it has started, whatever became of them."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        finally:
            self.process.wait()

    def wait_for(self, words: str) -> None:
        """Waits until it has said something."""
        for _ in range(400):
            if words in self._output.read_text():
                return
            time.sleep(0.05)
        raise AssertionError(f"nobody said {words}: {self._output.read_text()}")
