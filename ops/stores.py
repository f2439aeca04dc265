"""The store that a command works on."""

import argparse
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kernel.storage import Store, StoreOpenFailed, open_store
from kernel.storage.moving.addresses import folder_of
from kernel.storage.moving.backup import DATA
from kernel.storage.moving.progress import is_unfinished


def add_store(parser: argparse.ArgumentParser) -> None:
    """Adds the argument that names the store."""
    parser.add_argument(
        "--store",
        metavar="STORE_URL",
        default=os.environ.get("STORE_URL", ""),
        help="lmdb:///folder or fdb:///cluster/file (default: the variable STORE_URL)",
    )


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """The store at a URL. It must be there, and whole. Raises `StoreOpenFailed`."""
    if not url:
        raise StoreOpenFailed("Name the store: --store STORE_URL, or the variable STORE_URL.")
    folder = folder_of(url)
    if folder is not None and not (folder / DATA).is_file():
        raise StoreOpenFailed(f"There is no store at {folder}.")  # opening would create one
    store = open_store(url)
    try:
        if await is_unfinished(store):
            raise StoreOpenFailed("The store is the target of a copy that is not finished.")
        yield store
    finally:
        await store.close()
