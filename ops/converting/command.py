"""`python -m ops convert SOURCE FILE`: exit code 0: all is converted; 1: some is left out; 2: it cannot be read."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from kernel.settings import SettingsInvalid
from ops.converting import auth0, better_auth, keycloak, supabase
from ops.converting.values import NotConverted
from ops.importing.command import private_file
from ops.importing.settings import ToolSettings

CONVERTED, LEFT_OUT, FAILED = 0, 1, 2
SOURCES = {
    "keycloak": keycloak.convert,
    "supabase": supabase.convert,
    "auth0": auth0.convert,
    "better-auth": better_auth.convert,
}


NOT_AS_WRITTEN = (
    *(ValueError, KeyError, TypeError, AttributeError, IndexError),
    *(OverflowError, RecursionError),
)
"""What a converter raises for a file that its system has not written."""


def register(subparsers: Any) -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "convert",
        help="convert an export of another system for an import",
        description="Writes the users of an export as NDJSON for `python -m ops import`; see "
        "docs/import.md. PASSKEY_RP_ID comes from the environment.",
    )
    parser.add_argument("source", choices=sorted(SOURCES))
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--output", metavar="FILE", type=Path, help="stdout without it")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command; returns the exit code."""
    try:
        settings = ToolSettings.read(os.environ)
        with options.file.open("rb") as file:
            found = SOURCES[options.source](file, settings.passkey_rp_id)
            if options.output is None:
                return _write(found, sys.stdout)
            with private_file(options.output) as out:
                return _write(found, out)
    except BrokenPipeError:
        raise
    except (OSError, SettingsInvalid) as error:
        return _failed(str(error))
    except NOT_AS_WRITTEN as error:
        # The text of the error could quote a secret.
        return _failed(f"The file is not as {options.source} writes it ({type(error).__name__}).")


def _write(found: Iterator[dict[str, Any] | NotConverted], out: TextIO) -> int:
    left_out = 0
    for number, one in enumerate(found, 1):
        if isinstance(one, NotConverted):
            left_out += 1
            sys.stderr.write(f"record {number} is left out: {one}\n")
        else:
            out.write(json.dumps(one) + "\n")
    return LEFT_OUT if left_out else CONVERTED


def _failed(text: str) -> int:
    sys.stderr.write(f"convert: {text}\n")
    return FAILED
