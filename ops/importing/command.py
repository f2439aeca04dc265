"""`python -m ops import FILE`: exit code 0: all lines are taken; 1: some are refused; 2: it did not end."""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from kernel.clock import SystemClock
from kernel.errors import ServiceError
from kernel.ids import SystemIds
from kernel.settings import SettingsInvalid
from kernel.storage import LimitExceeded, Store, StoreOpenFailed
from ops.importing.batches import Batches
from ops.importing.lines import read_lines
from ops.importing.overlay import Overlay
from ops.importing.report import Report
from ops.importing.run import AT_ONCE, Import
from ops.importing.seen import Seen
from ops.importing.settings import ToolSettings
from ops.stores import add_store, opened
from services.auth.importing.factors import FactorReader
from services.auth.importing.users import ImportUsers
from services.tenants.importing.organizations import ImportOrganizations, Limits

TAKEN, REFUSED, FAILED = 0, 1, 2
AGAIN = "Run the same command again to resume."


def register(subparsers: Any) -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "import",
        help="import users and organizations from a file",
        description="Imports users and organizations from NDJSON; see docs/import.md. SEAL_KEYS and "
        "PASSKEY_RP_ID of auth come from the environment.",
        epilog="Exit code 0: all lines are taken; 1: some are refused; 2: the import did not end.",
    )
    parser.add_argument("file", metavar="FILE", help="NDJSON; - for stdin")
    add_store(parser)
    parser.add_argument("--dry-run", action="store_true", help="check everything, write nothing")
    parser.add_argument(
        "--report", metavar="FILE", type=Path, help="where to list refused lines; stdout without it"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command; returns the exit code."""
    try:
        settings = ToolSettings.read(os.environ)
        with _opened(options.file) as file, _report_file(options.report) as out:
            report = Report(out, _say, time.monotonic)
            asyncio.run(_import(options, settings, file, report))
    except BrokenPipeError:
        raise
    except (StoreOpenFailed, LimitExceeded, SettingsInvalid, OSError) as error:
        return _failed(str(error))
    except ServiceError as error:
        cause = f" ({error.__cause__})" if error.__cause__ else ""
        return _failed(f"{error.message}{cause} {AGAIN}")
    except KeyboardInterrupt:
        return _failed(f"Interrupted. {AGAIN}")
    for line in report.summary():
        _say(line)
    return REFUSED if report.refused else TAKEN


async def _import(
    options: argparse.Namespace, settings: ToolSettings, file: BinaryIO, report: Report
) -> None:
    async with opened(options.store) as store:
        with tempfile.TemporaryDirectory() as folder:
            await _import_into(store, Path(folder), options, settings, file, report)


async def _import_into(
    store: Store,
    folder: Path,
    options: argparse.Namespace,
    settings: ToolSettings,
    file: BinaryIO,
    report: Report,
) -> None:
    clock, ids = SystemClock(), SystemIds()
    reader = FactorReader(ids, settings.seal, settings.passkey_rp_id)
    users = ImportUsers(clock, ids, reader)
    limits = Limits(settings.tenants_per_user, settings.members_per_tenant)
    tenants = ImportOrganizations(clock, limits)
    overlay = Overlay(store, folder) if options.dry_run else None
    with Seen(folder) as seen:
        batches = Batches(overlay or store, users, tenants)
        at_once = 1 if options.dry_run else AT_ONCE
        await Import(batches, users, tenants, seen, report, at_once).run(read_lines(file))
    if overlay is not None:
        overlay.close()


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as file:
        yield file


@contextmanager
def _report_file(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
        return
    with private_file(path) as file:
        yield file


def private_file(path: Path) -> TextIO:
    """Opens a file for writing that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(descriptor, 0o600)  # also if it was there
    return os.fdopen(descriptor, "w", encoding="utf-8")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _failed(text: str) -> int:
    _say(f"import: {text}")
    return FAILED
