"""`python -m ops.selftest`: a line for each check that passes, and a summary at the end.

Exit code 0: all checks passed; 1: a check failed, and the last line says why.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from kernel import streams
from kernel.rpc.errors import RemoteError
from kernel.version import VERSION
from ops.selftest import programs
from ops.selftest.failure import Failed
from ops.selftest.journey import walk
from ops.selftest.library import load_client_library
from ops.selftest.modules import import_all
from ops.selftest.system import System


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="selftest-", dir=options.folder) as folder:
            asyncio.run(_test(Path(folder), foundationdb=options.foundationdb))
    except (Failed, RemoteError, OSError) as error:
        reason = f"{error.reason}: {error.message}" if isinstance(error, RemoteError) else error
        sys.stdout.write(f"selftest: FAILED: {reason}\n")
        return 1
    seconds = time.monotonic() - began
    sys.stdout.write(f"selftest: this is coditect {VERSION}, and it works ({seconds:.1f} s)\n")
    return 0


async def _test(folder: Path, *, foundationdb: bool) -> None:
    _say(f"{import_all()} modules can be imported")
    async with System(folder) as system:
        _say(f"{await system.check_programs()} print their version and accept their settings")
        if foundationdb:
            await load_client_library(folder)
            _say("FoundationDB's client library can be loaded")
        await system.start()
        _say("all of them serve")
        await walk(system.clients)
        _say("a user registered, logged in, opened a session, read it, logged out, lost access")
    _say("all of them stopped on request")
    rows = await programs.move_and_examine(folder, system.store)
    _say(f"the store was copied, and the copy is sound: {rows}")


def _say(text: str) -> None:
    sys.stdout.write(f"selftest: {text}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ops.selftest",
        description="Checks that this is the real program, complete, and works on this machine.",
        epilog="Exit code 0: all checks passed; 1: a check failed, and the last line says why.",
    )
    parser.add_argument(
        "--folder", metavar="FOLDER", help="where to work (default: the system's temporary folder)"
    )
    parser.add_argument(
        "--foundationdb",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="load FoundationDB's client library (the default)",
    )
    return parser


if __name__ == "__main__":
    streams.run(main)
