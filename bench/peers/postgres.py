"""A PostgreSQL server for a measurement: an empty cluster with the default settings, behind a Unix socket."""

import grp
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.load import Skipped

USER = "bench"
_INSTALLED = Path("/usr/lib/postgresql")
_OWNERS = ("postgres", "nobody", "daemon")  # PostgreSQL refuses to run as root
_READY_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """A running server, in which user `bench` needs no password.

    Attributes:
        folder: Where its socket is.
        pid: Its first process, the parent of the others.
    """

    folder: Path
    pid: int

    def create_database(self, name: str) -> str:
        """Creates an empty database; returns its name."""
        argv = [str(_programs() / "createdb"), "-h", str(self.folder), "-U", USER, name]
        subprocess.run(argv, check=True)
        return name


@contextmanager
def server() -> Iterator[Server]:
    """Runs a server until the end of the block.

    Raises:
        Skipped: PostgreSQL is not installed, or does not start.
    """
    programs, owner = _programs(), _owner()
    with tempfile.TemporaryDirectory(prefix="coditect-postgres-") as text:
        folder, data = Path(text), Path(text) / "data"
        if owner:
            shutil.chown(folder, owner, owner)
        who: dict[str, Any] = {"user": owner, "group": owner, "cwd": folder}
        who["extra_groups"] = [] if owner else None
        argv = [str(programs / "initdb"), "-D", str(data), "-U", USER, "-A", "trust", "--no-sync"]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, **who)
        if done.returncode:
            raise Skipped(f"initdb fails: {done.stderr.strip()[-300:]}")
        argv = [str(programs / "postgres"), "-D", str(data), "-k", str(folder)]
        argv += ["-c", "listen_addresses="]
        with (
            (folder / "log").open("ab") as log,
            subprocess.Popen(argv, stdout=log, stderr=log, **who) as process,
        ):
            try:
                _wait_until_ready(programs, folder, process)
                yield Server(folder, process.pid)
            finally:
                process.send_signal(signal.SIGINT)  # a fast shutdown


def _programs() -> Path:
    """The folder of the newest installed server."""
    versions = sorted(_INSTALLED.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = versions[-1] if versions else shutil.which("initdb")
    if found is None:
        raise Skipped("PostgreSQL is not installed")
    return Path(found).parent


def _owner() -> str | None:
    """The user that runs the server, if root may not."""
    if os.geteuid():
        return None
    known = {entry.pw_name for entry in pwd.getpwall()} & {
        entry.gr_name for entry in grp.getgrall()
    }
    found = next((name for name in _OWNERS if name in known), None)
    if found is None:
        raise Skipped("PostgreSQL does not run as root, and there is no other user to run it as")
    return found


def _wait_until_ready(programs: Path, folder: Path, process: subprocess.Popen[bytes]) -> None:
    argv = [str(programs / "pg_isready"), "-q", "-h", str(folder), "-U", USER]
    end = time.monotonic() + _READY_SECONDS
    while subprocess.run(argv, check=False).returncode:
        if process.poll() is not None or time.monotonic() > end:
            raise Skipped(f"PostgreSQL does not start: {(folder / 'log').read_text()[-300:]}")
        time.sleep(0.1)
