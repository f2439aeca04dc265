"""Programs as child processes: started, watched, stopped, and quoted when they die."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

LAST_WORDS = 20
_QUOTED_BYTES = 16_384
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Program:
    """What to start."""

    name: str
    argv: tuple[str, ...]
    environ: Mapping[str, str]
    door: bool = False
    """Lets the callers in: stopped first and alone, so that nobody is in the house after it."""


class Process:
    """A program that runs, or has run.

    Args:
        program: what to start.
        folder: its working folder.
        log: the file that its output is appended to; None leaves it to the terminal.
    """

    def __init__(self, program: Program, *, folder: Path, log: Path | None) -> None:
        self.name = program.name
        self.door = program.door
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
                # A group of its own: Ctrl-C reaches only the one who stops it in order. Not a
                # session, within which alone Linux lets the priority of hashing count.
                process_group=0,
                preexec_fn=_die_with_parent(),  # noqa: PLW1509 - it takes no lock
            )
        finally:
            if output is not None:
                os.close(output)

    @property
    def pid(self) -> int:
        """The process id, which is its process group's too."""
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._popen.poll() is None

    def terminate(self) -> None:
        """Asks it to stop."""
        self._popen.terminate()

    def kill(self) -> None:
        """Kills it with all that it has started, and waits until it is gone."""
        if self.alive:
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()

    def ending(self) -> str:
        """How it ended, for a person: `exit code 3`, `killed by SIGKILL`."""
        code = self._popen.poll()
        if code is None:
            return "still running"
        return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"

    def last_words(self) -> list[str]:
        """The last lines that this run of it has logged; none if it wrote to the terminal."""
        if self._log is None:
            return []
        with self._log.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(self._log_start, end - _QUOTED_BYTES))
            return file.read().decode(errors="replace").splitlines()[-LAST_WORDS:]


def _die_with_parent() -> Callable[[], None] | None:
    """What a new process runs on Linux, so that none outlives a supervisor that was killed.

    The kernel watches the *thread* that started the process: start processes from a thread that
    lives as long as they do. There is nothing like it elsewhere; there an orphan stays.
    """
    if sys.platform != "linux":
        return None
    # Looked up before the fork: after it nothing that takes a lock is safe.
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def arm() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)  # it died before the call

    return arm
