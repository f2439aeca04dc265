"""`python -m ops.doctor STORE_URL`: reports broken invariants in a store, and changes nothing.

A line per finding, then one per family with the number of its rows. Exit code 0: no findings; 1:
findings; 2: the store cannot be read.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence

from kernel import streams
from kernel.errors import ServiceError
from kernel.storage import LimitExceeded, StoreOpenFailed
from ops.doctor.catalogue import Catalogue
from ops.doctor.examination import examine
from ops.doctor.report import Finding, Report
from ops.stores import opened

CLEAN, PROBLEMS, UNREADABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    catalogue, report = Catalogue(), Report(_print_json if options.json else _print)
    try:
        asyncio.run(_run(options.store, catalogue, report))
    except (StoreOpenFailed, LimitExceeded) as error:
        return _failed(str(error))
    except ServiceError as error:
        return _failed(f"{error.message} ({error.__cause__ or error.reason})")
    except KeyboardInterrupt:
        return _failed("Interrupted.")
    rows = {family.name: report.rows[family.name] for family in catalogue.families}
    if options.json:
        summary = {"rows": rows, "strays": report.strays, "findings": report.findings}
        sys.stdout.write(json.dumps(summary) + "\n")
    else:
        for name, count in rows.items():
            sys.stdout.write(f"{name}: {count:,} rows\n")
        total = report.strays + sum(rows.values())
        sys.stdout.write(f"{total:,} rows, {report.findings:,} problems\n")
    return PROBLEMS if report.findings else CLEAN


async def _run(url: str, catalogue: Catalogue, report: Report) -> None:
    async with opened(url) as store:
        await examine(store, catalogue, report)


def _print(finding: Finding) -> None:
    sys.stdout.write(f"{finding}\n")


def _print_json(finding: Finding) -> None:
    sys.stdout.write(json.dumps(finding._asdict()) + "\n")


def _failed(text: str) -> int:
    sys.stderr.write(f"doctor: {text}\n")
    return UNREADABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ops.doctor",
        description="Reports broken invariants in a store, and changes nothing.",
        epilog="Exit code 0: no findings; 1: findings; 2: the store cannot be read.",
    )
    parser.add_argument("store", metavar="STORE_URL", help="lmdb:///folder or fdb:///cluster/file")
    parser.add_argument("--json", action="store_true", help="a JSON object per line")
    return parser


if __name__ == "__main__":
    streams.run(main)
