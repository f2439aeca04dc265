"""What `make run` does: starts the system, prints its addresses, and watches it until it is stopped.

Exit codes: 0 stopped on request, 1 a program died or did not get ready, 2 a setting is wrong.
"""

import signal
import socket
import sys
import time
from collections.abc import Mapping
from types import FrameType
from typing import Self

from tools.laptop import READY_SECONDS, Laptop, Programs, Trouble
from tools.programs import services_and_gateway
from tools.settings import HOST, Settings, SetupError, read

_WATCH_SECONDS = 1.0

PASTE = """
TOKEN=$(curl -s {url}/api/v5/auth/register -H 'content-type: application/json' -d '{{"email":"dev-'$(date +%s)-$RANDOM'@example.com","password":"five green laptops sing","firstName":"Ada","lastName":"Lovelace"}}' | python3 -c 'import json,sys; print(json.load(sys.stdin)["data"]["tokens"]["accessToken"])')
curl -s -w '\\n' {url}/api/v5/sessions -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{{"name":"my first session"}}'
curl -s -w '\\n' {url}/api/v5/sessions -H "authorization: Bearer $TOKEN"
"""


_FULL = """\
the store, or the disk below it, is full: only reading, logging out and deleting work until there is
space, see docs/runbooks/store-full.md"""


class Stopped(Exception):
    """This process was asked to stop."""


def main(
    environ: Mapping[str, str],
    programs: Programs = services_and_gateway,
    ready_seconds: float = READY_SECONDS,
) -> int:
    """Runs until SIGINT, SIGTERM or SIGHUP, or until a program dies. Returns the exit code."""
    began = time.monotonic()
    with Signals() as signals:
        try:
            laptop = Laptop(read(environ), programs)
        except SetupError as error:
            return _complain(2, *error.problems)
        code = 0
        try:
            _say_where(laptop.settings)
            laptop.start()
            ready = laptop.wait_until_ready(ready_seconds, signals.pause)
            _say_ready(laptop.settings, time.monotonic() - began, full=not ready)
            while True:
                laptop.check()
                signals.pause(_WATCH_SECONDS)
        except Stopped:
            _say("stopping (Ctrl-C again kills)")
        except SetupError as error:
            code = _complain(2, *error.problems)
        except Trouble as trouble:
            code = _complain(1, str(trouble))
        finally:
            _stop(laptop, signals)
        return code


class Signals:
    """Receives signals while waiting, so that no handler interrupts other work."""

    def __enter__(self) -> Self:
        """Installs the handlers."""
        self._inbox, outbox = socket.socketpair()
        self._outbox = outbox
        for end in (self._inbox, outbox):
            end.setblocking(False)
        signal.set_wakeup_fd(outbox.fileno(), warn_on_full_buffer=False)
        # SIGCHLD ends a pause, so that the death of a child is seen at once.
        self._before = {
            number: signal.signal(number, _note)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
        }
        return self

    def __exit__(self, *_: object) -> None:
        """Restores the handlers."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(-1)
        self._inbox.close()
        self._outbox.close()

    def pause(self, seconds: float) -> None:
        """Waits for a signal or the end of the seconds. Raises `Stopped` if asked to stop."""
        if self._wait(seconds) - {signal.SIGCHLD}:
            raise Stopped

    def pause_in_stop(self, seconds: float) -> None:
        """Like `pause`, while stopping: only Ctrl-C raises `Stopped`, which kills what still runs.

        Another SIGTERM does not: `make` passes on the one that its process group has already received.
        """
        if signal.SIGINT in self._wait(seconds):
            raise Stopped

    def _wait(self, seconds: float) -> set[int]:
        self._inbox.settimeout(seconds)
        try:
            return set(self._inbox.recv(64))
        except TimeoutError:
            return set()


def _note(_number: int, _frame: FrameType | None) -> None:
    """Does nothing: Python itself writes the signal's number to the wake-up socket."""


def _stop(laptop: Laptop, signals: Signals) -> None:
    try:
        late = laptop.stop(pause=signals.pause_in_stop)
    except Stopped:
        _say("killed")
    else:
        _say(f"killed, since they did not stop: {', '.join(late)}" if late else "stopped")


def _say_where(settings: Settings) -> None:
    services = " · ".join(
        f"{name} {port} (metrics {settings.metrics_ports[name]})"
        for name, port in settings.ports.items()
    )
    _say(f"keys and logs in {settings.data}; the store is {settings.store}")
    _say(f"starting on {HOST}: {services} · gateway {settings.port}")


def _say_ready(settings: Settings, seconds: float, *, full: bool) -> None:
    _say(f"{'started' if full else 'ready'} after {seconds:.1f} s: {settings.url}")
    _say(
        _FULL
        if full
        else f"paste these lines one after another; Ctrl-C stops everything\n"
        f"{PASTE.format(url=settings.url)}"
    )


def _complain(code: int, *problems: str) -> int:
    for problem in problems:
        print(f"make run: {problem}", file=sys.stderr, flush=True)
    return code


def _say(text: str) -> None:
    print(text, flush=True)
