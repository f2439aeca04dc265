"""Terraform, run through in.sh as a person runs it, never mixes up two environments."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

TERRAFORM = Path(__file__).parents[2] / "deploy" / "terraform"
ENVIRONMENTS = ("dev", "staging", "prod")


def in_environment(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Runs Terraform through in.sh, as a person does."""
    return subprocess.run(
        ["sh", root / "in.sh", *command],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"CHECKPOINT_DISABLE": "1", "TF_CLI_ARGS": "-no-color"},
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The root without the cloud: local states, and only the resource that records the owner."""
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
def test_a_state_rejects_the_settings_of_another(root: Path, file: str) -> None:
    """It plans neither for another environment nor for another project."""
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
    """After a failed plan (wrong environment, syntax error) there is nothing to apply."""
    assert in_environment(root, "dev", "plan").returncode == 0
    (root / "environments" / "dev" / "wrong.tfvars").write_text(wrong)
    assert said in in_environment(root, "dev", "plan").stderr
    assert in_environment(root, "dev", "apply").returncode == 1


def test_environments_are_independent(root: Path) -> None:
    """Each has its own init, state and plan, and none works without in.sh."""
    assert "Backend initialization required" in in_environment(root, "prod", "plan").stderr
    assert in_environment(root, "prod", "init").returncode == 0
    assert in_environment(root, "prod", "apply").returncode == 1
    assert "1 to add" in in_environment(root, "prod", "plan").stdout
    assert "No changes" in in_environment(root, "dev", "plan").stdout
    assert not (root / "prod.tfstate").exists()
    assert not (root / ".terraform").exists()


@pytest.mark.parametrize("command", [(), ("dev",), ("qa", "plan"), ("", "plan"), ("..", "plan")])
def test_an_unknown_environment_is_rejected(command: tuple[str, ...]) -> None:
    """If the environment is missing or unknown, the message lists the environments."""
    done = in_environment(TERRAFORM, *command)
    assert done.returncode == 2
    assert all(environment in done.stderr for environment in ENVIRONMENTS)
