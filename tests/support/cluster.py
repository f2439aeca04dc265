"""A real FoundationDB cluster for tests: several `fdbserver` processes on free ports of this host."""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Self

PROCESSES = 3
READY_SECONDS = 60.0
MISSING = "FoundationDB's server, command line or client library is not installed"

_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin", "/usr/lib/foundationdb")


def program(name: str) -> str | None:
    """The path of one of FoundationDB's programs, if it is installed."""
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), *_FOLDERS)))


class Cluster:
    """Processes that keep two copies of everything on disk, and survive the loss of one process.

    Args:
        folder: Where the cluster file, the data and the logs are.

    Raises:
        RuntimeError: FoundationDB is not installed, or the cluster does not come up.
    """

    def __init__(self, folder: Path) -> None:
        server, self._cli = program("fdbserver"), program("fdbcli")
        if server is None or self._cli is None:
            raise RuntimeError(MISSING)
        self._server = server
        self.folder = folder
        self.file = folder / "fdb.cluster"
        self._ports = _free_ports(PROCESSES)
        self._processes: list[subprocess.Popen[bytes] | None] = [None] * PROCESSES
        coordinators = ",".join(f"127.0.0.1:{port}" for port in self._ports)
        self.file.write_text(f"test:test@{coordinators}\n")

    def __enter__(self) -> Self:
        """Starts it, with an empty database."""
        try:
            for number in range(PROCESSES):
                self.start(number)
            self.command("configure new double ssd")
            self.wait_until_healthy()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Kills it; its folder stays."""
        self.stop()

    def start(self, number: int) -> None:
        """Starts a process on its data, if it has any."""
        data, logs = self.folder / f"data-{number}", self.folder / f"log-{number}"
        logs.mkdir(exist_ok=True)
        argv = [self._server, "-C", str(self.file), "-d", str(data), "-L", str(logs)]
        argv += ["-p", f"127.0.0.1:{self._ports[number]}", "--cache-memory", "256MiB"]
        # Copies go to different zones, so each process counts as a separate machine.
        argv += [f"--locality-machineid=m{number}", f"--locality-zoneid=z{number}"]
        # Otherwise re-replication waits half a minute for late hosts.
        argv.append("--knob_initial_failure_reaction_delay=1")
        with (self.folder / f"server-{number}.log").open("ab") as log:
            self._processes[number] = subprocess.Popen(argv, stdout=log, stderr=log)

    def signal(self, number: int, sent: signal.Signals) -> None:
        """Sends a signal to a process; SIGKILL also waits for its end."""
        process = self._processes[number]
        assert process is not None
        process.send_signal(sent)
        if sent == signal.SIGKILL:
            process.wait()

    def restart(self) -> None:
        """Kills all processes at once, then starts them on their data."""
        for number in range(PROCESSES):
            self.signal(number, signal.SIGKILL)
        for number in range(PROCESSES):
            self.start(number)

    def stop(self) -> None:
        """Kills all processes."""
        for process in self._processes:
            if process is not None:
                process.kill()
                process.wait()

    @property
    def pids(self) -> list[int]:
        """The ids of the running processes."""
        return [process.pid for process in self._processes if process is not None]

    def command(self, text: str, seconds: float = 30) -> str:
        """The output of an `fdbcli` command; it may wait until the cluster is available."""
        argv = [str(self._cli), "-C", str(self.file), "--timeout", str(seconds), "--exec", text]
        end = time.monotonic() + READY_SECONDS
        while (
            done := subprocess.run(argv, capture_output=True, text=True, check=False)
        ).returncode:
            if time.monotonic() > end:
                raise RuntimeError(f"{text}: {done.stdout}{done.stderr}")
            time.sleep(0.2)
        return done.stdout

    def wait_until_healthy(self) -> None:
        """Waits until every process serves and all data is fully replicated."""
        end = time.monotonic() + READY_SECONDS
        while "The database is available" not in (status := self.command("status minimal")):
            if time.monotonic() > end:
                raise RuntimeError(status)
            time.sleep(0.3)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
