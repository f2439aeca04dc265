"""The supervisor as a process, over stand-ins."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.program import python_ignoring
from tools.programs import ROOT


class Run:
    """`make run` as a process, with stand-ins for the services and the gateway."""

    def __init__(self, environ: dict[str, str], ignored: str = "") -> None:
        self.popen = subprocess.Popen(
            [*python_ignoring(ignored), "-m", "tests.tools.fake_run"],
            cwd=ROOT,
            env={**os.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.output: list[str] = []

    def wait_until_ready(self) -> list[psutil.Process]:
        """Reads the output up to the last printed line; returns the processes it has started."""
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            self.output.append(line)
            if line.startswith("curl") and "-d" not in line:
                return psutil.Process(self.popen.pid).children()
        raise AssertionError("".join([*self.output, *self.popen.communicate()]))

    def child(self, name: str) -> psutil.Process:
        """The process of a stand-in."""
        children = psutil.Process(self.popen.pid).children()
        return next(child for child in children if child.cmdline()[-2] == name)

    def end(self) -> tuple[int, str, str]:
        """Waits for its end: exit code, all of stdout, all of stderr."""
        out, err = self.popen.communicate(timeout=60)
        return self.popen.returncode, "".join(self.output) + out, err

    def close(self) -> None:
        """Kills it, and closes its streams."""
        self.popen.kill()
        for stream in (self.popen.stdout, self.popen.stderr):
            assert stream is not None
            stream.close()
        self.popen.wait()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Starts the supervisor on a free port over `tmp_path / "data"`, with the variables given.

    `ignored` names signals that it ignores when it starts.
    """
    started: list[Run] = []

    def start(ignored: str = "", **environ: str) -> Run:
        run = Run({"PORT": "0", "DATA": str(tmp_path / "data"), **environ}, ignored)
        started.append(run)
        return run

    yield start
    for run in started:
        run.close()


def gone(processes: list[psutil.Process], seconds: float = 30) -> bool:
    """Whether all of the processes end within the seconds."""
    end = time.monotonic() + seconds
    while any(_runs(process) for process in processes):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
