"""Programs as child processes: starts, watches and stops them, and reads the end of their logs."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

LOG_TAIL_LINES = 20
_QUOTED_BYTES = 16_384
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Program:
    """What to start."""

    name: str
    argv: tuple[str, ...]
    environ: Mapping[str, str]
    stops_first: bool = False
    """The entry point for callers: stopped before the others, so that these finish their calls."""
    waits_for: tuple[str, ...] = ()
    """The addresses of the other programs that it calls: it is started when they listen."""
    restarted: bool = False
    """Started again if it dies, because others like it do its work meanwhile."""


class Process:
    """A program that was started.

    Args:
        program: what to start.
        folder: its working folder.
        log: the file that its output is appended to; None leaves it to the terminal.
    """

    def __init__(self, program: Program, *, folder: Path, log: Path | None) -> None:
        self.name = program.name
        self.stops_first = program.stops_first
        self._began = time.monotonic()
        self._log = log
        self._log_start = log.stat().st_size if log and log.exists() else 0
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if log else None
        try:
            self._popen = subprocess.Popen(
                program.argv,
                cwd=folder,
                env=program.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if log else None,
                # A process group of its own: Ctrl-C then reaches only the supervisor, which stops
                # everything in order. Not a new session: Linux weighs the hashing threads' priority
                # only within one session.
                process_group=0,
                preexec_fn=_die_with_parent(),  # noqa: PLW1509 - it takes no lock
            )
        finally:
            if output is not None:
                os.close(output)

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its process group."""
        return self._popen.pid

    @property
    def age(self) -> float:
        """How many seconds ago it was started."""
        return time.monotonic() - self._began

    @property
    def alive(self) -> bool:
        """Whether it is still running."""
        return self._popen.poll() is None

    def terminate(self) -> None:
        """Asks it to stop."""
        self._popen.terminate()

    def kill(self) -> None:
        """Kills it and everything it has started, and waits until it is gone."""
        if self.alive:
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()

    def ending(self) -> str:
        """How it ended, for a person: `exit code 3`, `killed by SIGKILL`."""
        code = self._popen.poll()
        if code is None:
            return "still running"
        return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"

    def log_tail(self) -> list[str]:
        """The last lines that this run has logged; none if it wrote to the terminal."""
        if self._log is None:
            return []
        with self._log.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            begin = self._log_start if self._log_start <= end else 0  # it may have been rotated
            file.seek(max(begin, end - _QUOTED_BYTES))
            return file.read().decode(errors="replace").splitlines()[-LOG_TAIL_LINES:]


def _die_with_parent() -> Callable[[], None] | None:
    """Returns what a new process runs on Linux so that it dies with a supervisor that is killed.

    The kernel watches the *thread* that started the process: start processes from a thread that
    lives as long as they do. Other systems have nothing like it; there the orphans keep running.
    """
    if sys.platform != "linux":
        return None
    # Looked up before the fork: after it, taking a lock is not safe.
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def arm() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)  # the parent died before the call to prctl

    return arm
