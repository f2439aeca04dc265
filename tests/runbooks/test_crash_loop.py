"""Runs docs/runbooks/crash-loop-without-logs.md on a program that is really empty."""

import shutil
from pathlib import Path

import pytest

from tests.runbooks.runbook import ROOT, Runbook, run

RUNBOOK = Runbook("crash-loop-without-logs")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The folders of this repository that the services' image contains."""
    for name in ("coditect", "kernel", "ops", "services"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_an_empty_program_is_found(image: Path) -> None:
    """The commands list the empty file, and only it, and the self-test names the program."""
    (image / "services" / "auth" / "__main__.py").write_text("")

    done = RUNBOOK.run("look-inside", image)

    said = done.stdout.splitlines()
    assert said[0] == "exit code 0"
    assert "0 services/auth/__main__.py" in {line.strip() for line in said}
    assert [line for line in said if line.startswith("services/")] == ["services/auth/__main__.py"]
    assert said[-1].startswith("selftest: FAILED: ")
    assert "services.auth is not the real program" in said[-1]
    assert (done.returncode, done.stderr) == (1, "")


def test_the_real_program_is_not_reported(image: Path) -> None:
    """The program prints its name and version, and the commands list no empty file."""
    block = RUNBOOK.rehearsed("look-inside").splitlines()
    quick = [line for line in block if "selftest" not in line]  # an image build runs that one

    done = run("\n".join(quick), image, {})

    said = done.stdout.splitlines()
    assert said[0].startswith("auth ")
    assert said[1] == "exit code 0"
    assert [
        line for line in said if line.startswith(("coditect/", "kernel/", "ops/", "services/"))
    ] == []
