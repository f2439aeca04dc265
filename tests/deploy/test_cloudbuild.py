"""Cloud Build turns a commit into images that were run before anyone can pull them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy import promote
from tests.deploy.gitops import Repository, git

ROOT = Path(__file__).parents[2]
FILE = ROOT / "cloudbuild.yaml"
BUILD: dict[str, Any] = yaml.safe_load(FILE.read_text())
STEPS: dict[str, dict[str, Any]] = {step["id"]: step for step in BUILD["steps"]}
# Substitutions that Cloud Build itself sets.
BUILTIN = {"COMMIT_SHA", "PROJECT_ID"}
IMAGES = ["coditect-services", "coditect-gateway", "coditect-frontend"]
DOCKERFILES = ("Dockerfile", "gateway/Dockerfile", "console/Dockerfile")


def lines(*steps: str) -> str:
    """The scripts of steps, without comments."""
    scripts = "\n".join(STEPS[step]["script"] for step in steps)
    return re.sub(r"^\s*#.*$", "", scripts, flags=re.MULTILINE)


def test_each_step_waits_for_the_one_before() -> None:
    """Only tested code is built, only verified images are pushed, and only those are promoted."""
    order = ["settings", "history", "check", "test", "build", "verify", "push", "promote"]
    assert list(STEPS) == order
    assert not any("waitFor" in step or "allowFailure" in step for step in STEPS.values())


def test_the_suite_is_the_one_that_people_run() -> None:
    """The build runs the same checks as a developer, and the whole suite."""
    assert "make check" in lines("check")
    assert "make test-all" in lines("test")


def test_only_verified_images_are_pushed() -> None:
    """`docker push` comes after the verification, and Cloud Build pushes the same images."""
    for step in STEPS:
        assert ("docker push" in lines(step)) == (step == "push")
    assert BUILD["images"] == [f"${{_REGISTRY}}/{image}:$COMMIT_SHA" for image in IMAGES]
    for image in IMAGES:
        assert image in lines("build")
        assert image in lines("verify")


def test_an_image_is_verified_by_running_it() -> None:
    """Every image passes its self-test, and programs print their version, without privileges or network."""
    script = lines("verify")
    for context in ("auth", "tenants", "sessions"):
        assert (ROOT / "services" / context / "__main__.py").is_file()
        assert context in script
    for program in ("ops.selftest", "gateway.selftest"):
        assert program in script
        assert list(ROOT.glob(program.replace(".", "/") + "*"))
    assert "/srv/selftest.sh" in script
    for limit in ("--network none", "--read-only", "--cap-drop ALL", "no-new-privileges"):
        assert limit in script


def test_an_image_has_its_commit_in_a_label() -> None:
    """The Dockerfiles accept the build's arguments, and a stale image is detected."""
    for dockerfile in DOCKERFILES:
        assert dockerfile in lines("build")
        taken = set(re.findall(r"^ARG (\w+)", (ROOT / dockerfile).read_text(), re.MULTILINE))
        assert {"REVISION", "VERSION", "SOURCE", "CREATED", "PYTHON_IMAGE"} <= taken
    told = set(re.findall(r"--build-arg (\w+)=", lines("build")))
    assert told <= taken_anywhere()
    assert '"$revision" = "$COMMIT_SHA"' in lines("verify")


def taken_anywhere() -> set[str]:
    """The arguments that at least one of the Dockerfiles accepts."""
    texts = [(ROOT / name).read_text() for name in DOCKERFILES]
    return {name for text in texts for name in re.findall(r"^ARG (\w+)", text, re.MULTILINE)}


def test_the_version_is_found() -> None:
    """The command for the version label prints the version of the programs."""
    command = re.search(r"VERSION=\"\$\((sed .*)\)\"", lines("build"))
    assert command
    said = subprocess.run(
        ["sh", "-c", command[1]], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() in (ROOT / "kernel" / "version.py").read_text()
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", said.stdout)


def test_every_setting_is_declared_and_used() -> None:
    """Every substitution that is used is declared, and every declared one is used."""
    text = re.sub(r"^\s*#.*$", "", FILE.read_text(), flags=re.MULTILINE)
    declared = set(BUILD["substitutions"])
    used = set(re.findall(r"\$\{?(_[A-Z_]+)", text))
    assert used == declared
    env = {one.partition("=")[0] for step in STEPS.values() for one in step.get("env", [])}
    everything = set(re.findall(r"\$\{?([A-Z_]{2,})", text))
    assert everything - declared - env == BUILTIN | {"TOKEN"}


def test_no_image_is_called_latest() -> None:
    """No step and no result uses a tag that can move."""
    assert "latest" not in FILE.read_text()
    for step in STEPS.values():
        name = step["name"].strip("${}")
        assert ":" in BUILD["substitutions"][name]


def test_no_registry_is_named() -> None:
    """The trigger sets the registries of all images."""
    assert BUILD["substitutions"]["_REGISTRY"] == ""
    for image in (value for value in BUILD["substitutions"].values() if ":" in value):
        assert "/" not in image


@pytest.mark.parametrize("step", STEPS)
def test_scripts_are_well_formed(step: str) -> None:
    """Each script names its shell, stops at the first failure, and that shell can parse it."""
    script = STEPS[step]["script"]
    shell = script.splitlines()[0].split("/")[-1].split()[-1]
    assert script.startswith("#!")
    assert script.splitlines()[1].startswith("set -eu")
    command = [shutil.which(shell) or shell, "-n"]
    done = subprocess.run(command, input=script, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


ENVOY = "envoyproxy/envoy@sha256:" + "b" * 64


@pytest.mark.parametrize(
    "missing", ["COMMIT_SHA", "_REGISTRY", "_REPOSITORY", "_ENVOY_IMAGE", None]
)
def test_a_missing_setting_is_reported_first(missing: str | None) -> None:
    """A build without a commit or an address fails at once, and names what is missing."""
    done = run_settings(**({missing: ""} if missing else {}))
    assert (done.returncode != 0) == bool(missing)
    assert (missing or "") in done.stderr


@pytest.mark.parametrize("named", ["envoyproxy/envoy:distroless-v1.40.0", ENVOY[:-1], f"{ENVOY} x"])
def test_envoy_is_named_by_digest(named: str) -> None:
    """A tag of Envoy's image, which can move, or half a digest fails the build at once."""
    done = run_settings(_ENVOY_IMAGE=named)
    assert done.returncode != 0
    assert "_ENVOY_IMAGE: must end with a digest" in done.stderr


def run_settings(**changed: str) -> subprocess.CompletedProcess[str]:
    """Runs the first step with good settings, apart from some."""
    good = {"COMMIT_SHA": "a" * 40, "_REGISTRY": "r", "_REPOSITORY": "u", "_ENVOY_IMAGE": ENVOY}
    environ = {**good, "PATH": os.environ["PATH"], **changed}
    command = ["bash", "-c", STEPS["settings"]["script"]]
    return subprocess.run(command, env=environ, text=True, capture_output=True, check=False)


def test_a_commit_is_compared_with_those_before_it(tmp_path: Path) -> None:
    """A shallow clone gets the history and the release tags; a full clone is left alone."""
    origin = Repository(tmp_path)
    git(origin.work, "tag", "v0.1")
    git(origin.work, "push", "--quiet", "origin", "v0.1")
    commit = origin.commit("another")
    source, clone = f"file://{origin.bare}", tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth=1", source, str(clone))
    environ = {**os.environ, "COMMIT_SHA": commit, "_REPOSITORY": source}
    for _ in range(2):
        script = ["bash", "-c", STEPS["history"]["script"]]
        subprocess.run(script, cwd=clone, env=environ, check=True)
        assert git(clone, "describe", "--tags", "--abbrev=0", "HEAD^") == "v0.1\n"


@pytest.mark.parametrize("name", ["history", "promote"])
def test_git_gets_the_token_without_writing_it_down(name: str, tmp_path: Path) -> None:
    """Git reads the secret as its password; no file and no argument contains it."""
    step = STEPS[name]
    assert step["secretEnv"] == ["TOKEN"]
    assert "TOKEN" not in step["script"]
    # In Cloud Build $$ is an escaped dollar.
    settings = dict(one.replace("$$", "$").split("=", 1) for one in step["env"])
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TOKEN": "s3cret", **settings}
    asked = subprocess.run(
        ["git", "credential", "fill"],
        input="protocol=https\nhost=git.example.com\n\n",
        env=environ | {"GIT_TERMINAL_PROMPT": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "password=s3cret" in asked.stdout.splitlines()
    assert list(tmp_path.iterdir()) == []


def test_what_was_pushed_is_what_is_promoted(tmp_path: Path) -> None:
    """The promotion takes the digests that the push recorded."""
    repository = Repository(tmp_path)
    digest = "sha256:" + "a" * 64
    noting = re.search(r"echo .*$", lines("push"), re.MULTILINE)
    assert noting
    environ = {
        "PATH": os.environ["PATH"],
        "COMMIT_SHA": "f" * 40,
        "_ENVIRONMENT": BUILD["substitutions"]["_ENVIRONMENT"],
        "_REPOSITORY": str(repository.bare),
        "_BRANCH": BUILD["substitutions"]["_BRANCH"],
    }
    for name in promote.IMAGES:
        note = here(f"name={name} reference=registry/image@{digest}; {noting[0]}", tmp_path)
        subprocess.run(["sh", "-c", note], env=environ, check=True)
    script = here(lines("promote"), tmp_path).replace(".venv/bin/python", sys.executable)
    subprocess.run(["bash", "-c", script], cwd=ROOT, env=environ, check=True)
    expected = {"tag": "f" * 40, "digest": digest}
    assert promote.read(repository.read("dev")) == dict.fromkeys(promote.IMAGES, expected)


def here(script: str, folder: Path) -> str:
    """A script of Cloud Build, with another folder instead of the shared workspace."""
    return script.replace("/workspace", str(folder))
