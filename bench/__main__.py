"""Measures the performance budgets part by part, and prints one table.

python -m bench [PART ...] [--seconds N] [--scale]

Without names it measures every part but `scale`, which takes half an hour. What a part needs is in its
first lines. What cannot be measured on this machine is in the table, with the reason.
"""

import argparse
import importlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from bench.load import Skipped
from bench.system import Row, skipped, table

PARTS: Mapping[str, str] = {
    "reads": "bench.reads",
    "writes": "bench.writes",
    "peers": "bench.peers.reads",
    "stores": "bench.stores",
    "logins": "bench.logins",
    "beside": "bench.beside",
    "memory": "bench.memory",
    "sockets": "bench.sockets",
    "workers": "bench.workers",
    "teams": "bench.teams",
    "scale": "bench.scale",
}
"""The parts by name. The function `measure` of each module yields the rows of its part."""
LONG = "scale"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints, and returns 1 if a budget is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of: {', '.join(PARTS)}")
    parser.add_argument("--seconds", type=int, default=5, help="of each load (default: 5)")
    parser.add_argument("--scale", action="store_true", help="measure scale as well")
    options = parser.parse_args(arguments)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    names = options.parts or [name for name in PARTS if name != LONG]
    if options.scale and LONG not in names:
        names = [*names, LONG]
    rows = [
        row
        for name in names
        for row in measured(name, partial(_measure, PARTS[name]), options.seconds)
    ]
    return table(rows)


def measured(
    name: str, measure: Callable[[Path, int], Iterable[Row]], seconds: int
) -> Iterator[Row]:
    """Measures a part in a temporary folder.

    A part that cannot be measured here gives a row with the reason, one that fails a missed budget:
    the others are measured all the same.
    """
    began = time.monotonic()
    print(f"bench: measuring {name}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="coditect-bench-") as folder:
        try:
            yield from measure(Path(folder), seconds)
        except (Skipped, ImportError) as reason:  # an older checkout lacks what a part needs
            yield skipped(name, reason)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other parts go on
            yield Row(name, "failed", kept=False, note=repr(error))
    taken = time.monotonic() - began
    print(f"bench: measured {name} in {taken:.0f} s", file=sys.stderr, flush=True)


def _measure(module: str, folder: Path, seconds: int) -> Iterable[Row]:
    """Imports a part only when it is measured, so that the others need nothing of it."""
    rows: Iterable[Row] = importlib.import_module(module).measure(folder, seconds)
    return rows


if __name__ == "__main__":
    sys.exit(main())
