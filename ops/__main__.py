"""`python -m ops COMMAND`: what an operator does on the command line. `--help` lists the commands."""

import argparse
from collections.abc import Callable, Sequence

from kernel import streams
from ops.desk import commands as desk

# Each has `register(subparsers)`, whose commands set `run`, a function of the options that returns
# the exit code.
_MODULES = (desk,)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    return run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops", description="The operator's commands.")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in _MODULES:
        module.register(subparsers)
    return parser


if __name__ == "__main__":
    streams.run(main)
