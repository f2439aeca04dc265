"""`python -m ops export`: users, organizations and memberships as NDJSON.

It reads page by page, each in a transaction of its own, so what changes meanwhile may be in the export
in part. Users come first: who is deleted meanwhile can leave a membership that an import refuses.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, TypeAlias

from pydantic import BaseModel

from kernel.errors import ServiceError
from kernel.seal import SealKeysWrong
from kernel.settings import SettingsInvalid
from kernel.storage import LimitExceeded, Read, Store, StoreOpenFailed
from kernel.storage.recipes.paging import Page
from ops.importing.command import private_file
from ops.importing.settings import ToolSettings
from ops.stores import add_store, opened
from services.auth.importing.export import FactorSecrets, user_lines
from services.tenants.importing.export import membership_lines, organization_lines

DONE, FAILED = 0, 2
_ROWS = 200

ReadPage: TypeAlias = Callable[[Read, bytes | None], Awaitable[Page[Any]]]


def register(subparsers: Any) -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "export",
        help="export users and organizations to a file",
        description="Writes users, organizations and memberships as NDJSON; see docs/import.md.",
    )
    add_store(parser)
    parser.add_argument("--output", metavar="FILE", type=Path, help="stdout without it")
    parser.add_argument("--hashes", action="store_true", help="with password hashes")
    parser.add_argument(
        "--factors",
        action="store_true",
        help="with second factors and the secrets of apps in plain text; needs SEAL_KEYS of auth",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command; returns the exit code."""
    try:
        settings = ToolSettings.read(os.environ)
        if options.factors and settings.seal is None:
            return _failed("--factors needs SEAL_KEYS of auth in the environment.")
        with _output(options.output) as out:
            asyncio.run(_export(options, settings, out))
    except BrokenPipeError:
        raise
    except (StoreOpenFailed, LimitExceeded, SettingsInvalid, SealKeysWrong, OSError) as error:
        return _failed(str(error))
    except ServiceError as error:
        return _failed(f"{error.message} ({error.__cause__ or error.reason})")
    except KeyboardInterrupt:
        return _failed("Interrupted.")
    return DONE


async def _export(options: argparse.Namespace, settings: ToolSettings, out: TextIO) -> None:
    secrets = None
    if options.factors and settings.seal is not None:
        secrets = FactorSecrets(settings.seal, settings.passkey_rp_id)
    async with opened(options.store) as store:
        async for lines in _lines(store, secrets, hashes=options.hashes):
            out.writelines(f"{_json(line)}\n" for line in lines)


async def _lines(
    store: Store, secrets: FactorSecrets | None, *, hashes: bool
) -> AsyncIterator[Sequence[BaseModel]]:
    async def users(tx: Read, after: bytes | None) -> Page[Any]:
        return await user_lines(tx, after=after, limit=_ROWS, hashes=hashes, secrets=secrets)

    async def organizations(tx: Read, after: bytes | None) -> Page[Any]:
        return await organization_lines(tx, after=after, limit=_ROWS)

    async def memberships(tx: Read, after: bytes | None) -> Page[Any]:
        return await membership_lines(tx, after=after, limit=_ROWS)

    for read_page in (users, organizations, memberships):
        async for lines in _pages(store, read_page):
            yield lines


async def _pages(store: Store, read_page: ReadPage) -> AsyncIterator[Sequence[BaseModel]]:
    after: bytes | None = None

    async def read(tx: Read) -> Page[Any]:
        return await read_page(tx, after)

    more = True
    while more:
        page = await store.read(read)
        after, more = page.last_key, page.last_key is not None
        yield page.items


def _json(line: BaseModel) -> str:
    return line.model_dump_json(by_alias=True, exclude_defaults=True)


@contextmanager
def _output(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
        return
    with private_file(path) as file:
        yield file


def _failed(text: str) -> int:
    sys.stderr.write(f"export: {text}\n")
    return FAILED
