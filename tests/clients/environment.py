"""An environment of its own, in which a package is installed as a user does it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# One pip for all: putting another one into each environment takes longer than most installations.
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")


class Environment:
    """An environment in a folder, with nothing in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._run(sys.executable, "-m", "venv", "--without-pip", str(folder))

    def needs_an_index(self) -> None:
        """Skips the test if no package can be downloaded."""
        folder = str(self._folder / "probe")
        if self._pip("download", "-d", folder, "hatchling", check=False).returncode:
            pytest.skip("no package index can be reached")

    def install(self, what: str) -> None:
        """Installs a package and what it needs."""
        self._pip("install", what)

    def run(
        self, program: str, *arguments: str, **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        """Runs a program of the environment."""
        return self._run(str(self._folder / "bin" / program), *arguments, **variables)

    def _pip(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        python = str(self._folder / "bin" / "python")
        return self._run(sys.executable, *PIP, "--python", python, *arguments, check=check)

    def _run(
        self, *command: str, check: bool = True, **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        """Runs a command away from the repository, whose packages it must not find."""
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            command,
            cwd=self._folder.parent,
            env=environment | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done
