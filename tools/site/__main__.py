"""`python -m tools.site`: assembles the site in build/site, which `make run` serves.

Without Node.js, or if the console cannot be built, the site has the documentation alone, and this says
why in a line. `CONSOLE=` in the environment leaves the console out.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools import node
from tools.site import console
from tools.site.built import SITE
from tools.site.folder import DOCUMENT, ROOT, assemble

STAMP = ".made"
"""Beside the site, and newer than what it was made from: `make` need not make it again."""
_OFF = {"", "0", "no", "off"}


def main(
    arguments: Sequence[str] | None = None,
    environ: Mapping[str, str] = os.environ,
    root: Path = ROOT,
    places: tuple[Path, ...] | None = None,
) -> int:
    """Runs the command line; returns the exit code.

    Args:
        arguments: The command line.
        environ: The environment.
        root: The checkout whose console is built, and whose document is shown.
        places: The folders in which Node.js is looked for; the usual ones if None.
    """
    options = _parser().parse_args(arguments)
    stamp = options.output.with_name(f"{options.output.name}{STAMP}")
    stamp.unlink(missing_ok=True)
    built = options.console
    # At the next start it is made again, which costs little, if the console may be wanted or possible then.
    final = built is not None
    if built is None and environ.get("CONSOLE", "yes") not in _OFF:
        place = node.folder(places or node.places())
        final = place is not None
        try:
            built = _build(root, place)
        except console.NotBuilt as error:
            print(f"the console is not built: {error}", file=sys.stderr)
            if options.required:
                return 1
    assemble(options.output, built, root / DOCUMENT)
    if final:
        stamp.touch()
    return 0


def _build(root: Path, place: Path | None) -> Path:
    if place is None:
        raise console.NotBuilt(f"{node.MISSING}; `make console` gets one. Everything else works")
    print("building the console, the first time for about a minute", flush=True)
    return console.build(root, place)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.site",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--output", type=Path, default=SITE, help="the folder (default: build/site)"
    )
    parser.add_argument(
        "--console", type=Path, help="a folder with the built console, to build none"
    )
    parser.add_argument("--required", action="store_true", help="fail unless the console is built")
    return parser


if __name__ == "__main__":
    sys.exit(main())
