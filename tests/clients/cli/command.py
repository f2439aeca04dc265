"""Runs the command `coditect` as its users do: as a process, without a terminal."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).parents[3] / "clients" / "cli" / "src"
NO_KEYRING = "keyring.backends.fail.Keyring"
OURS = ("CODITECT_", "BROWSER", "DISPLAY", "WAYLAND_DISPLAY")


@dataclass(frozen=True)
class Done:
    """How a run of the command has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The result of a run with `--json`."""
        assert self.code == 0, self.err
        answer: dict[str, Any] = json.loads(self.out)
        return answer

    @property
    def error(self) -> dict[str, Any]:
        """The failure of a run with `--json`: the last line of stderr."""
        assert self.code != 0, self.out
        answer: dict[str, Any] = json.loads(self.err.splitlines()[-1])["error"]
        return answer


@dataclass
class Command:
    """The command of a user with a folder for its configuration, without a keyring."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
        """Starts the command."""
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(OURS)
        }
        environment |= {
            "CODITECT_CONFIG_DIR": str(self.folder),
            "PYTHON_KEYRING_BACKEND": NO_KEYRING,
            "PYTHONPATH": os.pathsep.join([str(SOURCES), str(Path(__file__).parent)]),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "coditect_cli", *arguments],
            env=environment | self.variables | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: str, **variables: str) -> Done:
        """Runs the command to its end."""
        return finish(self.start(*arguments, **variables))

    def files(self) -> dict[str, str]:
        """The content of all files of the configuration, by their names."""
        return {
            file.name: file.read_text(encoding="utf-8")
            for file in self.folder.rglob("*")
            if file.is_file()
        }


def finish(process: "subprocess.Popen[str]") -> Done:
    """Waits for a run."""
    out, err = process.communicate(timeout=60)
    return Done(process.returncode, out, err)
