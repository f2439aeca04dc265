"""Which backend stands behind a store's address."""

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from kernel.storage.lmdb import MAP_SIZE, LmdbStore
from kernel.storage.port import Store, StoreOpenFailed


def open_store(url: str) -> Store:
    """Opens the store at an address.

    Args:
        url: `lmdb:///absolute/folder`, with `?map_size=` bytes if the file may grow to something
            other than 64 GiB.

    Raises:
        StoreOpenFailed: The address is wrong, or the store behind it cannot be used.
    """
    parts = urlsplit(url)
    if parts.scheme == "fdb":
        raise StoreOpenFailed("This build has no FoundationDB backend; use lmdb:///folder.")
    if parts.scheme != "lmdb":
        raise StoreOpenFailed("The address of a store begins with lmdb:/// and a folder.")
    folder = Path(unquote(parts.path))
    if parts.netloc or parts.fragment or not folder.is_absolute() or folder == Path("/"):
        raise StoreOpenFailed("An lmdb address is lmdb:/// and the absolute path of a folder.")
    return LmdbStore(folder, map_size=_map_size(parts.query))


def _map_size(query: str) -> int:
    options = parse_qs(query, keep_blank_values=True)
    given = options.pop("map_size", [str(MAP_SIZE)])
    if options or len(given) != 1:
        raise StoreOpenFailed("An lmdb address has no option but map_size.")
    if not given[0].isascii() or not given[0].isdigit() or not int(given[0]):
        raise StoreOpenFailed("The map_size of an lmdb address is a number of bytes.")
    return int(given[0])
