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

from kernel.streams import say
from tools.laptop import READY_SECONDS, Laptop, Programs, Trouble
from tools.programs import services_and_gateway
from tools.settings import Settings, SetupError, read
from tools.site import built

_WATCH_SECONDS = 1.0

_CURL = "curl -s"
_CURL_WITHOUT_PROXY = "curl -s --noproxy '*'"
PASTE = """
TOKEN=$({curl} {url}/api/v5/auth/register -H 'content-type: application/json' -d '{{"email":"dev-'$(date +%s)-$RANDOM'@example.com","password":"five green laptops sing","firstName":"Ada","lastName":"Lovelace"}}' | python3 -c 'import json,sys; print(json.load(sys.stdin)["data"]["tokens"]["accessToken"])')
{curl} -w '\\n' {url}/api/v5/sessions -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{{"name":"my first session"}}'
{curl} -w '\\n' {url}/api/v5/sessions -H "authorization: Bearer $TOKEN"
"""


_FULL = """\
the store, or the disk below it, is full: only reading, logging out and deleting work until there is
space, see docs/runbooks/store-full.md"""


class Stopped(Exception):
    """This process was asked to stop, or the reader of its output has ended."""


def main(
    environ: Mapping[str, str],
    programs: Programs = services_and_gateway,
    ready_seconds: float = READY_SECONDS,
) -> int:
    """Runs until SIGTERM, SIGINT or SIGHUP, or until a program dies; returns the exit code.

    SIGINT and SIGHUP do nothing where the caller has ignored them.
    """
    began = time.monotonic()
    with Signals() as signals:
        try:
            laptop = Laptop(read(built.environ(environ)), programs)
        except SetupError as error:
            return _complain(2, *error.problems)
        code = 0
        try:
            _say_where(laptop.settings)
            laptop.start(signals.pause)
            ready = laptop.wait_until_ready(ready_seconds, signals.pause)
            _say_ready(laptop.settings, time.monotonic() - began, full=not ready)
            while True:
                for report in laptop.check():
                    say(f"{report}\nit was started again", sys.stderr)
                signals.pause(_WATCH_SECONDS)
        except Stopped:
            say("stopping (Ctrl-C again kills)")
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
        self._before = {number: signal.signal(number, _note) for number in _received()}
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


def _received() -> list[signal.Signals]:
    """The signals that end a pause.

    A caller that ignores Ctrl-C or the end of its terminal wants this program to run on, as with
    `nohup` or in a background job of a script.
    """
    ignorable = (signal.SIGINT, signal.SIGHUP)
    kept = [one for one in ignorable if signal.getsignal(one) is not signal.SIG_IGN]
    # SIGCHLD, so that the death of a child is seen at once.
    return [*kept, signal.SIGTERM, signal.SIGCHLD]


def _note(_number: int, _frame: FrameType | None) -> None:
    """Does nothing: Python itself writes the signal's number to the wake-up socket."""


def _stop(laptop: Laptop, signals: Signals) -> None:
    try:
        late = laptop.stop(pause=signals.pause_in_stop)
    except Stopped:
        say("killed")
    else:
        say(f"killed, since they did not stop: {', '.join(late)}" if late else "stopped")


def _say_where(settings: Settings) -> None:
    services = ", ".join(
        f"{name} at {where} (metrics {settings.metrics_ports[name]})"
        for name, where in settings.listen.items()
    )
    _announce(f"keys and logs in {settings.data}; the store is {settings.store}")
    if settings.mail_folder is not None:
        _announce(f"emails are written to {settings.mail_folder}")
    hosts = " and ".join(settings.gateway_hosts)
    _announce(f"starting {services}; on {hosts}: gateway {settings.port}")


def _say_ready(settings: Settings, seconds: float, *, full: bool) -> None:
    _announce(f"{'started' if full else 'ready'} after {seconds:.1f} s: {settings.url}")
    users = settings.environ["TOKEN_ISSUER"]
    _announce(f"for browsers and `coditect login --server`: {users}")
    if full:
        _announce(_FULL)
        return
    # Otherwise curl would ask the environment's proxy for an address of this machine.
    proxied = not {"http_proxy", "all_proxy", "ALL_PROXY"}.isdisjoint(settings.environ)
    lines = PASTE.format(curl=_CURL_WITHOUT_PROXY if proxied else _CURL, url=settings.url)
    _announce(f"paste these lines one after another; Ctrl-C stops everything\n{lines}")


def _announce(text: str) -> None:
    """Prints a line of the start. Raises `Stopped` if its reader has ended, as in `| head -1`."""
    if not say(text):
        raise Stopped


def _complain(code: int, *problems: str) -> int:
    for problem in problems:
        say(f"make run: {problem}", sys.stderr)
    return code
