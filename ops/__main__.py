"""`python -m ops VERB`: what an operator does on the store's host. `--help` lists the verbs."""

import argparse
from collections.abc import Callable, Sequence

from kernel import streams
from ops import end_all_logins

VERBS = (end_all_logins,)
"""Each has `register(subparsers)`, which adds its verbs and sets `run` to what one does."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ops", description="Operates the product.")
    subparsers = parser.add_subparsers(required=True, metavar="VERB")
    for verb in VERBS:
        verb.register(subparsers)
    options = parser.parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    return run(options)


if __name__ == "__main__":
    streams.run(main)
