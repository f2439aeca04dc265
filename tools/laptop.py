"""The whole system on one machine, for `make run` and for the end-to-end tests.

with Laptop(settings.read({**os.environ, "PORT": "0", "DATA": str(folder)})) as laptop:
    laptop.wait_until_ready()
    laptop.kill("auth")
    laptop.restart("auth")
"""

import time
from collections.abc import Callable, Collection, Iterable
from http.client import HTTPConnection, HTTPException
from typing import Self

from tools.folder import DataFolder
from tools.problems import FULL, problems
from tools.processes import Process, Program
from tools.programs import ROOT, services_and_gateway
from tools.settings import HOST, Settings
from tools.sockets import listens

Programs = Callable[[Settings, DataFolder], Iterable[Program]]
Pause = Callable[[float], object]

READY_PATH = "/api/v5/ready"
READY_SECONDS = 30.0
LISTENING_SECONDS = 20.0
"""The gateway is started after this time in any case: it says which service it cannot reach."""
STOP_SECONDS = 12.0
"""Slightly more than a service's own `STOP_SECONDS`, so that it can close its store."""
SETTLED_SECONDS = 10.0
"""A program that runs for less is not started again: it would only die again."""
_PROBE_SECONDS = 2.0
_TICK_SECONDS = 0.03
_LOOK_SECONDS = 1.0


class Trouble(Exception):
    """The system does not run as it should; the message says why."""


class Laptop:
    """The services and the gateway as processes, over one data folder.

    Start it from a thread that lives as long as it does (see `tools.processes`). To wait, it calls
    `pause` with a number of seconds; an exception from `pause` ends the wait.

    Args:
        settings: From `tools.settings.read`.
        programs: The programs, in the order in which they are started; each is taken from the
            iterator after the one before has started.

    Raises:
        SetupError: If the data folder cannot be used.
    """

    def __init__(self, settings: Settings, programs: Programs = services_and_gateway) -> None:
        self.settings = settings
        self._folder = DataFolder(settings.data)
        self._wanted = programs
        self._programs: dict[str, Program] = {}
        self._processes: dict[str, Process] = {}

    def __enter__(self) -> Self:
        """Starts the system."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops the system."""
        self.stop()

    def start(self, pause: Pause = time.sleep) -> None:
        """Starts every program; if one cannot be started, stops those before it."""
        try:
            for program in self._wanted(self.settings, self._folder):
                self._programs[program.name] = program
                self._wait_until_listening(program.waits_for, pause)
                self.restart(program.name)
        except BaseException:
            self.stop()
            raise

    def wait_until_ready(self, seconds: float = READY_SECONDS, pause: Pause = time.sleep) -> bool:
        """Waits until the gateway answers that everything is ready.

        Returns:
            False if everything runs, but the store is full; see `tools.problems`.

        Raises:
            Trouble: If a program dies meanwhile, or the time is over; it says what was asked and
                what the last answer was.
        """
        end, look = time.monotonic() + seconds, time.monotonic() + _LOOK_SECONDS
        while reason := self._why_not_ready():
            self.check()
            if time.monotonic() > look or time.monotonic() > end:
                found = problems(self.settings.metrics_ports)
                if [*found.values()] == [FULL] * len(self.settings.metrics_ports):
                    return False
                look = time.monotonic() + _LOOK_SECONDS
            if time.monotonic() > end:
                why = "".join(f"\n{name}: {problem}" for name, problem in found.items())
                raise Trouble(
                    f"not ready after {seconds:g} s: GET {self.settings.url}{READY_PATH}: {reason}"
                    f"{why}\nthe logs are in {self.settings.data / 'log'}"
                )
            pause(_TICK_SECONDS)
        return True

    def check(self) -> list[str]:
        """Looks whether programs have ended by themselves, and rotates the logs.

        Returns:
            The exit reports of those that it has started again, because others like them run.

        Raises:
            Trouble: With the exit report of another one, or of one that has ended soon after its start.
        """
        self._folder.rotate_logs()
        reports = []
        for process in [one for one in self._processes.values() if not one.alive]:
            report = _exit_report(process)
            if not self._programs[process.name].restarted or process.age < SETTLED_SECONDS:
                raise Trouble(report)
            self.restart(process.name)
            reports.append(report)
        return reports

    def pid(self, name: str) -> int:
        """The process id of a running program."""
        return self._processes[name].pid

    def kill(self, name: str) -> None:
        """Kills a program with SIGKILL and waits until it is gone."""
        self._processes.pop(name).kill()

    def restart(self, name: str) -> None:
        """Starts a program, as it was started before."""
        log = None if self.settings.verbose else self._folder.log(name)
        self._processes[name] = Process(self._programs[name], folder=ROOT, log=log)

    def stop(self, seconds: float = STOP_SECONDS, pause: Pause = time.sleep) -> list[str]:
        """Stops the gateway, then the services, and releases the data folder.

        Afterwards nothing is running, even if `pause` raises.

        Returns:
            The names of the programs that did not stop in time and were killed.
        """
        running = [process for process in self._processes.values() if process.alive]
        first = [process for process in running if process.stops_first]
        rest = [process for process in running if not process.stops_first]
        try:
            return _end(first, seconds, pause) + _end(rest, seconds, pause)
        finally:
            for process in running:
                process.kill()
            self._processes.clear()
            self._folder.close()

    def _wait_until_listening(self, addresses: Collection[str], pause: Pause) -> None:
        """Waits until programs listen at these addresses, or one has ended, or the time is over."""
        end = time.monotonic() + LISTENING_SECONDS
        while not all(map(listens, addresses)) and time.monotonic() < end:
            if not all(process.alive for process in self._processes.values()):
                return  # `check` reports it
            pause(_TICK_SECONDS)

    def _why_not_ready(self) -> str | None:
        connection = HTTPConnection(HOST, self.settings.port, timeout=_PROBE_SECONDS)
        try:
            connection.request("GET", READY_PATH)
            answer = connection.getresponse()
            body = answer.read().decode(errors="replace").strip()
        except (OSError, HTTPException) as error:
            return str(error) or type(error).__name__
        finally:
            connection.close()
        return None if answer.status == 200 else f"{answer.status} {body}"  # noqa: PLR2004


def _end(processes: Collection[Process], seconds: float, pause: Pause) -> list[str]:
    for process in processes:
        process.terminate()
    end = time.monotonic() + seconds
    while any(process.alive for process in processes) and time.monotonic() < end:
        pause(_TICK_SECONDS)
    late = [process for process in processes if process.alive]
    for process in late:
        process.kill()
    return [process.name for process in late]


def _exit_report(process: Process) -> str:
    lines = [f"{process.name} died: {process.ending()}"]
    if tail := process.log_tail():
        lines += ["the end of its log:", *(f"  {line}" for line in tail)]
    return "\n".join(lines)
