"""Runs the command `coditect` as its users do: as a process, without a terminal."""

import atexit
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
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


def _environ() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    path = os.pathsep.join([str(SOURCES), str(Path(__file__).parent)])
    return inherited | {"PYTHONPATH": path}


class _Forking:
    """The process that has loaded the command."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("forking.py"))],
            env=_environ(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self._end)

    def ask(self, asked: dict[str, Any]) -> int:
        """Has it run the command; returns the exit code."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def _end(self) -> None:
        self._process.communicate()


@cache
def _forking() -> _Forking:
    return _Forking()


@dataclass
class Command:
    """The command of a user with a folder for its configuration, without a keyring."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
        """Starts the command."""
        return subprocess.Popen(
            [sys.executable, "-m", "coditect_cli", *arguments],
            env=self._environ(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: str, **variables: str) -> Done:
        """Runs the command to its end, by a fork of a process that has loaded it."""
        with TemporaryDirectory() as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            asked = {"argv": arguments, "environ": self._environ(variables)}
            code = _forking().ask({**asked, "out": str(out), "err": str(err)})
            return Done(code, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))

    def _environ(self, variables: dict[str, str]) -> dict[str, str]:
        own = {"CODITECT_CONFIG_DIR": str(self.folder), "PYTHON_KEYRING_BACKEND": NO_KEYRING}
        return _environ() | own | self.variables | variables

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
