"""`make run` with stand-ins (`tests.tools.fake`): `FAKE_AUTH=dies` says how one of them behaves.

`READY_SECONDS` is the time that it may take.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace

from tools.folder import DataFolder
from tools.processes import Program
from tools.programs import addresses, service
from tools.settings import CONTEXTS, HOST, Settings
from tools.supervisor import main


def fakes(settings: Settings, folder: DataFolder) -> Iterator[Program]:
    """The programs of the laptop system, each with the argv of a stand-in."""
    for context in CONTEXTS:
        yield replace(service(context, settings, folder), argv=_argv(context, settings))
    listen = {"LISTEN": f"{HOST}:{settings.port}"}
    environ = {**settings.environ, **addresses(settings), **listen}
    yield Program("gateway", _argv("gateway", settings), environ, door=True)


def _argv(name: str, settings: Settings) -> tuple[str, ...]:
    how = settings.environ.get(f"FAKE_{name.upper()}", "well")
    return (sys.executable, "-m", "tests.tools.fake", name, how)


if __name__ == "__main__":
    sys.exit(main(os.environ, fakes, float(os.environ.get("READY_SECONDS", "30"))))
