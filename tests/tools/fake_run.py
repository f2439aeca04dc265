"""`make run` with stand-ins (`tests.tools.fake`): `FAKE_AUTH=dies` says how one of them behaves.

`READY_SECONDS` limits how long it may take to get ready once its programs have started.
"""

import os
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

from kernel import streams
from tools.folder import DataFolder
from tools.processes import Program
from tools.programs import addresses, service
from tools.settings import CONTEXTS, HOST, Settings
from tools.supervisor import main

_START_SECONDS = 30.0


def fakes(settings: Settings, folder: DataFolder) -> Iterator[Program]:
    """The programs of the laptop system, each with the argv of a stand-in."""
    for context in CONTEXTS:
        for number in range(len(settings.workers[context])):
            made = service(context, settings, folder, number)
            yield replace(made, argv=_argv(context, settings))
    listen = {"LISTEN": f"{HOST}:{settings.port}"}
    environ = {**settings.environ, **addresses(settings), **listen}
    yield Program("gateway", _argv("gateway", settings), environ, stops_first=True)
    if settings.environ.get("FAKE_GATEWAY") == "never":
        _wait_until_listening(settings.port)


def _argv(name: str, settings: Settings) -> tuple[str, ...]:
    how = settings.environ.get(f"FAKE_{name.upper()}", "well")
    return (sys.executable, "-m", "tests.tools.fake", name, how)


def _wait_until_listening(port: int) -> None:
    """Keeps the start of Python, which takes its time on a busy machine, out of READY_SECONDS."""
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        try:
            socket.create_connection((HOST, port)).close()
        except ConnectionRefusedError:
            time.sleep(0.01)
        else:
            return
    raise TimeoutError(f"nothing listens on port {port}")


if __name__ == "__main__":
    streams.prepare()
    sys.exit(main(os.environ, fakes, float(os.environ.get("READY_SECONDS", "30"))))
