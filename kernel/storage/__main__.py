"""Moves whole stores. See docs/operations.md.

Exit codes: 0 done, 1 refused or failed with one line that says why, 2 wrong arguments.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from kernel import streams
from kernel.errors import ServiceError
from kernel.storage.lmdb import last_backup
from kernel.storage.lmdb.store import LmdbStore
from kernel.storage.moving.addresses import folder_of, overlap, place_of
from kernel.storage.moving.backup import DATA, BackupFailed, copy_folder
from kernel.storage.moving.copy import Copy, CopyFailed, Show
from kernel.storage.moving.progress import CopyRefused
from kernel.storage.open import open_store
from kernel.storage.port import LimitExceeded, Store, StoreOpenFailed

AGAIN = "Run the same command again to resume."


def main() -> int:
    """Runs the command line; returns the exit code."""
    arguments = _arguments().parse_args()
    try:
        arguments.run(arguments)
    except (BackupFailed, CopyFailed, CopyRefused, LimitExceeded, StoreOpenFailed) as error:
        return _failed(str(error))
    except ServiceError as error:  # from a store, so in the middle of a copy
        cause = f" ({error.__cause__})" if error.__cause__ else ""
        return _failed(f"{error.message}{cause} {AGAIN}")
    except KeyboardInterrupt:
        return _failed("Interrupted.")
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m kernel.storage", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    copy = commands.add_parser("copy", help="copy a store that is not in use into an empty one")
    copy.add_argument("source", metavar="FROM_URL")
    copy.add_argument("target", metavar="TO_URL")
    copy.add_argument(
        "--verify",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="read both stores at the end and compare every row (the default)",
    )
    copy.add_argument(
        "--anew",
        action="store_true",
        help="first remove the rows of an unfinished copy from the target",
    )
    copy.set_defaults(run=_copy)
    backup = commands.add_parser("backup", help="copy an LMDB store, in use or not, to a folder")
    backup.add_argument("url", metavar="LMDB_URL")
    backup.add_argument("folder", metavar="FOLDER", type=Path)
    backup.set_defaults(run=_back_up)
    restore = commands.add_parser("restore", help="make an LMDB store from such a folder")
    restore.add_argument("folder", metavar="FOLDER", type=Path)
    restore.add_argument("url", metavar="LMDB_URL")
    restore.set_defaults(run=_restore)
    return parser


def _copy(arguments: argparse.Namespace) -> None:
    if overlap(place_of(arguments.source), place_of(arguments.target)):
        raise CopyRefused("The two stores are the same, or one is a part of the other.")
    folder = folder_of(arguments.source)
    if folder is not None and not (folder / DATA).is_file():
        raise CopyRefused(f"There is no store at {folder}.")
    asyncio.run(_copy_stores(arguments))


async def _copy_stores(arguments: argparse.Namespace) -> None:
    source = open_store(arguments.source)
    try:
        target = open_store(arguments.target)
        try:
            copy = Copy(source, target, place_of(arguments.source))
            await copy.begin(anew=arguments.anew)
            await _run(copy, source, verify=arguments.verify)
        finally:
            await target.close()
    finally:
        await source.close()


async def _run(copy: Copy, source: Store, *, verify: bool) -> None:
    begun, earlier = time.monotonic(), copy.position
    # LMDB's own counters: for the progress bar, and to detect writes that the comparison misses.
    local = source if isinstance(source, LmdbStore) else None
    commits = local.commits() if local else None
    with _bar("copying", local.entries() if local else None, earlier.rows) as show:
        await copy.move_rows(show)
    seconds = time.monotonic() - begun
    if verify:
        with _bar("comparing", copy.position.rows) as show:
            await copy.compare(show)
    if local and local.commits() != commits:
        raise CopyFailed(f"The source was written to during the copy: stop what uses it. {AGAIN}")
    await copy.finish()
    done = copy.position
    _print("copied", done.rows - earlier.rows, done.size - earlier.size, seconds)
    if earlier.rows:
        sys.stdout.write(f"after {earlier.rows:,} rows copied by an earlier run\n")
    if verify:
        total = time.monotonic() - begun
        sys.stdout.write(f"compared all {done.rows:,} rows; {total:,.1f} seconds in all\n")


def _back_up(arguments: argparse.Namespace) -> None:
    source, began = _lmdb_folder(arguments.url), time.time()
    _copy_folder("backed up", source, arguments.folder.absolute())
    try:
        last_backup.note(source, began)
    except OSError as error:
        raise BackupFailed(f"The backup is good, but its time cannot be noted: {error}") from error


def _restore(arguments: argparse.Namespace) -> None:
    _copy_folder("restored", arguments.folder.absolute(), _lmdb_folder(arguments.url))


def _lmdb_folder(url: str) -> Path:
    folder = folder_of(url)
    if folder is None:
        raise BackupFailed(
            "This command backs up lmdb:/// stores only; for FoundationDB use its own fdbbackup, "
            "see docs/operations.md."
        )
    return folder


def _copy_folder(what: str, source: Path, target: Path) -> None:
    begun = time.monotonic()
    rows, size = copy_folder(source, target)
    _print(what, rows, size, time.monotonic() - begun)


@contextmanager
def _bar(what: str, total: int | None, done: int = 0) -> Iterator[Show]:
    """Shows the progress, on a terminal only."""
    with tqdm(
        desc=what, total=total, initial=done, unit=" rows", unit_scale=True, disable=None
    ) as bar:
        yield bar.update


def _print(what: str, rows: int, size: int, seconds: float) -> None:
    rate = rows / max(seconds, 0.001)
    sys.stdout.write(
        f"{what} {rows:,} rows, {size:,} bytes in {seconds:,.1f} seconds: {rate:,.0f} rows/s\n"
    )


def _failed(text: str) -> int:
    sys.stderr.write(f"{' '.join(text.split())}\n")
    return 1


if __name__ == "__main__":
    streams.run(main)
