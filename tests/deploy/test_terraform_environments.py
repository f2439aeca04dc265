"""Terraform, run as a person runs it, never mixes two environments up."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

TERRAFORM = Path(__file__).parents[2] / "deploy" / "terraform"
ENVIRONMENTS = ("dev", "staging", "prod")


def in_environment(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Runs Terraform as a person does, through in.sh."""
    return subprocess.run(
        ["sh", root / "in.sh", *command],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"CHECKPOINT_DISABLE": "1", "TF_CLI_ARGS": "-no-color"},
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The root without the cloud: states in files, and only the resource that tells whose they are."""
    if shutil.which("terraform") is None:
        pytest.skip("Terraform is not installed")
    for name in ("in.sh", "backend.tf", "variables.tf"):
        shutil.copy(TERRAFORM / name, tmp_path)
    (tmp_path / "backend_override.tf").write_text('terraform {\n  backend "local" {}\n}\n')
    for environment in ENVIRONMENTS:
        folder = tmp_path / "environments" / environment
        folder.mkdir(parents=True)
        shutil.copy(TERRAFORM / "environments" / environment / "terraform.tfvars", folder)
        (folder / "own.tfvars").write_text(f'project_id = "project-of-{environment}"\n')
        (folder / "backend.hcl").write_text(f'path = "{environment}.tfstate"\n')
    for command in ("init", "plan", "apply"):
        done = in_environment(tmp_path, "dev", command)
        assert done.returncode == 0, done.stderr
    return tmp_path


@pytest.mark.parametrize("file", ["terraform.tfvars", "own.tfvars"])
def test_a_state_refuses_the_settings_of_another(root: Path, file: str) -> None:
    """Neither another environment nor another project is planned on it."""
    shutil.copy(root / "environments" / "prod" / file, root / "environments" / "dev")
    done = in_environment(root, "dev", "plan")
    assert done.returncode == 1
    assert "This is the state of dev in project-of-dev" in done.stderr


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('environment = "qa"\n', "Must be dev, staging or prod"),
        ("region =\n", "Invalid expression"),
    ],
)
def test_an_older_plan_is_not_applied(root: Path, wrong: str, said: str) -> None:
    """After a plan that failed, for no such environment or for a slip, nothing is left to apply."""
    assert in_environment(root, "dev", "plan").returncode == 0
    (root / "environments" / "dev" / "wrong.tfvars").write_text(wrong)
    assert said in in_environment(root, "dev", "plan").stderr
    assert in_environment(root, "dev", "apply").returncode == 1


def test_an_environment_knows_nothing_of_another(root: Path) -> None:
    """Each is initialised by itself, has its own state and plan, and none is there without in.sh."""
    assert "Backend initialization required" in in_environment(root, "prod", "plan").stderr
    assert in_environment(root, "prod", "init").returncode == 0
    assert in_environment(root, "prod", "apply").returncode == 1
    assert "1 to add" in in_environment(root, "prod", "plan").stdout
    assert "No changes" in in_environment(root, "dev", "plan").stdout
    assert not (root / "prod.tfstate").exists()
    assert not (root / ".terraform").exists()


@pytest.mark.parametrize("command", [(), ("dev",), ("qa", "plan"), ("", "plan"), ("..", "plan")])
def test_an_environment_that_is_none_is_refused(command: tuple[str, ...]) -> None:
    """Whoever does not say which, or says one that is not there, hears which there are."""
    done = in_environment(TERRAFORM, *command)
    assert done.returncode == 2
    assert all(environment in done.stderr for environment in ENVIRONMENTS)
