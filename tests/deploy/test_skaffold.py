"""The development loop builds, copies, deploys and checks things that exist and fit together."""

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
# Skaffold's names for the parts of an image reference.
BUILT = {"REPO": "registry.example/{0}", "TAG": "g1234567", "DIGEST": DIGEST}
# A minimal program that stops on SIGTERM, like a service.
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
    """A template of Skaffold, filled in as after a build."""
    found = re.fullmatch(r"\{\{\.IMAGE_(REPO|TAG|DIGEST)_(\w+)\}\}", template)
    assert found, template
    image = found[2].replace("_", "-")
    assert image in ARTIFACTS
    return BUILT[found[1]].format(image)


def deployed(profile: str, chart: str = "coditect") -> list[Object]:
    """What a profile deploys from a chart, by default the product's."""
    release = releases(profile)[chart]
    given: dict[str, Any] = {}
    for path, template in release.get("setValueTemplates", {}).items():
        given = merged(given, nested(path, expanded(template)))
    for path, value in release.get("setValues", {}).items():
        given = merged(given, nested(path, yaml.safe_load(value)))
    return list(render(chart, merged(values_of(chart, profile), given)))


def nested(path: str, value: Any) -> dict[str, Any]:
    """A value at a path, in the format of Helm's --set."""
    for name in reversed(path.split(".")):
        value = {name: value}
    return value


def services(objects: list[Object]) -> Iterator[Object]:
    """The pods of the three services."""
    for one in objects:
        if one["kind"] == "Deployment" and one["metadata"]["name"] != "gateway":
            yield one["spec"]["template"]["spec"]


def workdir() -> str:
    """The folder of the program in the services' image."""
    return re.findall(r"^WORKDIR (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[-1]


def test_it_is_skaffolds_newest_schema() -> None:
    """The file declares its schema, the newest one."""
    assert (SKAFFOLD["apiVersion"], SKAFFOLD["kind"]) == ("skaffold/v4beta14", "Config")


def test_two_images_are_built() -> None:
    """Both Dockerfiles are built from the root folder, without a registry."""
    assert {name: one["docker"]["dockerfile"] for name, one in ARTIFACTS.items()} == {
        "coditect-services": "Dockerfile",
        "coditect-gateway": "gateway/Dockerfile",
    }
    for one in ARTIFACTS.values():
        assert (ROOT / one["context"] / one["docker"]["dockerfile"]).is_file()
    assert "defaultRepo" not in str(SKAFFOLD)


def test_a_tag_is_never_a_number() -> None:
    """Each tag begins with a letter, because Helm takes a tag of digits for a number."""
    assert SKAFFOLD["build"]["tagPolicy"]["gitCommit"]["prefix"].isalpha()


def test_what_is_copied_is_the_program() -> None:
    """Changed files of all our packages are copied to their place in the image."""
    rules = ARTIFACTS["coditect-services"]["sync"]["manual"]
    for rule in rules:
        assert list(ROOT.glob(rule["src"])), rule
        assert rule["dest"] == workdir()
        assert "strip" not in rule
    source = (ROOT / "Dockerfile").read_text()
    packages = set(re.findall(r"^COPY (\w+) \1$", source, re.MULTILINE))
    assert packages == {rule["src"].split("/")[0] for rule in rules}


def test_profiles_are_the_environments() -> None:
    """Each environment has its profile, with its own values files."""
    assert tuple(PROFILES) == ENVIRONMENTS
    for profile in PROFILES:
        for name, release in releases(profile).items():
            assert release["namespace"] == NAMESPACE
            assert (ROOT / release["chartPath"] / "Chart.yaml").is_file()
            assert release["valuesFiles"] == [f"charts/{name}/values-{profile}.yaml"]
            assert (ROOT / release["valuesFiles"][0]).is_file()


def test_the_database_comes_first_where_there_is_one() -> None:
    """The laptop uses the embedded store; elsewhere FoundationDB is deployed first."""
    assert set(releases("dev")) == {"coditect"}
    for profile in ("staging", "prod"):
        assert set(releases(profile)) == {"coditect", "foundationdb"}
        assert releases(profile)["coditect"]["dependsOn"] == ["foundationdb"]
        kinds = {one["kind"] for one in deployed(profile, "foundationdb")}
        assert "FoundationDBCluster" in kinds


def test_only_the_laptop_gets_trial_keys() -> None:
    """Only the laptop gets generated keys; elsewhere keys exist and are kept."""
    assert PROFILES["dev"]["activation"] == [{"command": "dev"}]
    assert "hooks" not in SKAFFOLD.get("deploy", {}).get("helm", {})
    for profile in ("staging", "prod"):
        assert "hooks" not in PROFILES[profile]["deploy"]["helm"]
        assert PROFILES[profile]["test"][0]["custom"][0]["command"] == "make test"


@pytest.mark.parametrize("profile", ENVIRONMENTS)
def test_the_chart_knows_every_value_that_is_set(profile: str) -> None:
    """The chart uses every value that is set; an unknown one would go unnoticed."""
    known = yaml.safe_load((CHARTS / "coditect" / "values.yaml").read_text())
    release = releases(profile)["coditect"]
    for path in (*release["setValueTemplates"], *release.get("setValues", {})):
        inner = known
        for name in path.split("."):
            assert name in inner, path
            inner = inner[name]


@pytest.mark.parametrize("profile", ENVIRONMENTS)
def test_what_was_built_is_what_runs(profile: str) -> None:
    """Every container has one of the two images, with the digest that was built."""
    for one in deployed(profile):
        if one["kind"] != "Deployment":
            continue
        pod = one["spec"]["template"]["spec"]
        for container in (*pod["containers"], *pod.get("initContainers", [])):
            name, _, digest = container["image"].partition("@")
            assert name.removeprefix("registry.example/") in ARTIFACTS
            assert digest == DIGEST


def test_the_gateway_is_reached_from_outside() -> None:
    """The forwarded port belongs to the gateway's Service."""
    (forward,) = SKAFFOLD["portForward"]
    assert (forward["resourceName"], forward["localPort"]) == ("gateway", 8080)
    found = [
        one
        for one in deployed("dev")
        if one["kind"] == "Service" and one["metadata"]["name"] == forward["resourceName"]
    ]
    assert forward["port"] in [port["port"] for port in found[0]["spec"]["ports"]]


def test_the_verify_job_may_reach_the_gateway() -> None:
    """The Job is valid, has the labels of the chart's own test, and is as restricted."""
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
        assert job["metadata"]["labels"]  # Skaffold adds labels, and fails if there are none


def manifest(check: dict[str, Any]) -> str:
    """The Job of a check."""
    return check["executionMode"]["kubernetesCluster"]["jobManifestPath"]


def test_a_check_of_the_cluster_is_a_program() -> None:
    """Python can parse what the checks run, and the image contains it."""
    for check in SKAFFOLD["verify"]:
        match check["container"]["command"]:
            case ["python", "-c"]:
                (script,) = check["container"]["args"]
                compile(script, check["name"], "exec")
            case ["python", "-m", module]:
                assert (ROOT / module.replace(".", "/") / "__main__.py").is_file()


def test_the_shell_can_parse_a_hook() -> None:
    """The script that creates the trial keys is valid."""
    (hook,) = PROFILES["dev"]["deploy"]["helm"]["hooks"]["before"]
    shell, script = hook["host"]["command"]
    subprocess.run([shell, "-n", script], cwd=ROOT, check=True)


def test_copied_files_survive_a_restart() -> None:
    """In the loop the program is on a writable volume, although the root is read-only."""
    for pod in services(deployed("dev")):
        (service,) = pod["containers"]
        mounts = {mount["mountPath"]: mount for mount in service["volumeMounts"]}
        name = mounts[workdir()]["name"]
        assert not mounts[workdir()].get("readOnly")
        assert {"name": name, "emptyDir": {}} in pod["volumes"]
        assert service["securityContext"]["readOnlyRootFilesystem"] is True


@pytest.mark.parametrize("profile", ["staging", "prod"])
def test_nothing_can_be_copied_elsewhere(profile: str) -> None:
    """Outside the loop the program is part of the image and cannot be changed."""
    for pod in services(deployed(profile)):
        (service,) = pod["containers"]
        assert workdir() not in [mount["mountPath"] for mount in service["volumeMounts"]]
        assert "command" not in service


def test_a_change_takes_effect_without_a_new_container(tmp_path: Path) -> None:
    """The program restarts with changed files on the hook's signal, and stops on SIGTERM."""
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
    """A running command in a folder, and its output."""

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
        """Returns the running command."""
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the command and all its child processes."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        finally:
            self.process.wait()

    def wait_for(self, words: str) -> None:
        """Waits until the output contains a text."""
        for _ in range(400):
            if words in self._output.read_text():
                return
            time.sleep(0.05)
        raise AssertionError(f"{words!r} was not printed: {self._output.read_text()}")
