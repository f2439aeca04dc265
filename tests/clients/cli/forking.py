"""Starts the command by a fork of a process that has loaded it: an import costs ten times a run.

Reads a line of JSON for each run: `argv`, `environ`, and the files for `out` and `err`. Writes its exit code.
"""

import json
import os
import sys
import traceback
from typing import Any

from coditect_cli.app import run


def _become(asked: dict[str, Any]) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    for number, opened in (
        (0, os.open(os.devnull, os.O_RDONLY)),
        (1, os.open(asked["out"], flags, 0o600)),
        (2, os.open(asked["err"], flags, 0o600)),
    ):
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(asked["environ"])
    sys.argv = ["coditect", *asked["argv"]]


def _run() -> int:
    try:
        run()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - as an interpreter does
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    """Serves until its input ends."""
    # Not an iteration over the lines, which would read ahead and leave them to the children.
    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
            code = _run()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - it is the answer


if __name__ == "__main__":
    main()
