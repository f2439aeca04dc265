"""`python -m tools.docs.openapi`: writes docs/openapi.yaml from the contract and the errors.

With `--check` it writes nothing, and fails if the document is out of date.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from gateway import contract
from gateway.contract import ContractError
from gateway.openapi import document
from tools.docs.errors import CONTRACT, service_reasons

DOCUMENT = Path("docs/openapi.yaml")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs.openapi", description=__doc__)
    parser.add_argument("--output", type=Path, default=DOCUMENT)
    parser.add_argument("--contract", type=Path, default=CONTRACT)
    parser.add_argument("--check", action="store_true", help="fail unless it is up to date")
    options = parser.parse_args(arguments)
    try:
        text = document.render(contract.load(options.contract), service_reasons())
    except ContractError as error:
        sys.stderr.write(f"openapi: {error}\n")
        return 1
    if not options.check:
        options.output.write_text(text, encoding="utf-8")
    elif not options.output.exists() or options.output.read_text(encoding="utf-8") != text:
        sys.stderr.write(f"openapi: {options.output} is out of date: make openapi\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
