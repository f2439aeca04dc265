"""`pip install ./clients/cli` gives a user the command. Skipped without a package index."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[3] / "clients" / "cli"
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")


@pytest.mark.timeout(600)
def test_the_command_is_installed_with_what_it_needs(tmp_path: Path) -> None:
    """In an environment of its own it runs, and completes words in a shell."""
    _run(sys.executable, "-m", "venv", str(tmp_path / "venv"))
    python = str(tmp_path / "venv" / "bin" / "python")
    index = _run(python, *PIP, "download", "-d", str(tmp_path), "hatchling", check=False)
    if index.returncode:
        pytest.skip("no package index can be reached")
    _run(python, *PIP, "install", str(PACKAGE))
    coditect = str(tmp_path / "venv" / "bin" / "coditect")
    assert _run(coditect, "--version").stdout.startswith("coditect 5.")
    words = {"COMP_WORDS": "coditect sess", "COMP_CWORD": "1"}
    done = _run(coditect, _CODITECT_COMPLETE="complete_bash", **words)
    assert done.stdout.split() == ["sessions"]


def _run(*command: str, check: bool = True, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, env=environment | variables, capture_output=True, text=True, check=False
    )
    assert not check or done.returncode == 0, done.stderr
    return done
