"""`python -m gateway edge|openapi`: renders what the gateway is made of.

Settings come from the environment (gateway/settings.py).
"""

import argparse
import os
import sys
from pathlib import Path

from gateway import contract, edge
from gateway.settings import Settings
from kernel.settings import SettingsInvalid

DOCUMENT = Path("docs/openapi.yaml")
_DESCRIPTORS = Path("build/contract.binpb")


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; gives the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "edge":
            settings = Settings.read(os.environ)
            text = edge.render(contract.load(settings.contract), settings)
        else:
            # Imported here: the launcher of Envoy has no use for it.
            from gateway import openapi  # noqa: PLC0415

            text = openapi.render(contract.load(options.contract))
    except (SettingsInvalid, contract.ContractError) as error:
        sys.stderr.write(f"gateway: {error}\n")
        return 1
    return _deliver(text, options.output, check=options.check)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gateway", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    edge_command = commands.add_parser("edge", help="the Envoy configuration of the edge")
    edge_command.add_argument("--output", type=Path, help="where to write it (default: stdout)")
    edge_command.add_argument("--check", action="store_true", help="render it and write nothing")
    openapi_command = commands.add_parser("openapi", help="the OpenAPI document")
    openapi_command.add_argument("--output", type=Path, default=DOCUMENT)
    openapi_command.add_argument("--contract", type=Path, default=_DESCRIPTORS)
    openapi_command.add_argument(
        "--check", action="store_true", help="fail unless the document is up to date"
    )
    return parser


def _deliver(text: str, output: Path | None, *, check: bool) -> int:
    if check:
        # A configuration has no file to be compared with; that it renders is the check.
        if output is None or (output.exists() and output.read_text() == text):
            return 0
        sys.stderr.write(f"gateway: {output} is out of date\n")
        return 1
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
