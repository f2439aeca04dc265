"""`python -m ops COMMAND`: what an operator does on the command line. `--help` lists the commands."""

import argparse
from collections.abc import Sequence

from kernel import streams
from ops.converting import command as converting
from ops.desk import command as desk
from ops.end_all_logins import command as end_all_logins
from ops.exporting import command as exporting
from ops.importing import command as importing
from ops.operators import command as operators

COMMANDS = (operators, desk, importing, exporting, converting, end_all_logins)
"""Each has `register(subparsers)`, which sets `run` to a function that gives the exit code."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ops", description=__doc__)
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.register(subparsers)
    options = parser.parse_args(arguments)
    code: int = options.run(options)
    return code


if __name__ == "__main__":
    streams.run(main)
