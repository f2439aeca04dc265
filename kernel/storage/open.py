"""Opens the backend for a store's address."""

from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from kernel.storage.keys import Subspace
from kernel.storage.port import Store, StoreOpenFailed


def open_store(url: str) -> Store:
    """Opens the store at an address.

    Args:
        url: One of

            - `lmdb:///absolute/folder`, with `?map_size=` for a maximum size of the file other than
              64 GiB, in bytes;
            - `fdb:///path/to/fdb.cluster`, with `?prefix=` and a name if the cluster is shared: all
              keys are then below that name. Must be opened on an event loop.

    Raises:
        StoreOpenFailed: The address is wrong, or the store behind it cannot be used.
    """
    parts = urlsplit(url)
    if parts.scheme == "fdb":
        return _fdb(parts)
    if parts.scheme == "lmdb":
        return _lmdb(parts)
    raise StoreOpenFailed("The address of a store begins with lmdb:/// or fdb:/// and a path.")


def _lmdb(parts: SplitResult) -> Store:
    from kernel.storage.lmdb.store import MAP_SIZE, LmdbStore  # noqa: PLC0415

    size = _option(parts, "map_size", str(MAP_SIZE))
    if not size.isascii() or not size.isdigit() or not int(size):
        raise StoreOpenFailed("The map_size of an lmdb address is a number of bytes.")
    return LmdbStore(_path(parts), map_size=int(size))


def _fdb(parts: SplitResult) -> Store:
    from kernel.storage.fdb import FdbStore  # noqa: PLC0415 - load only the used backend

    name = _option(parts, "prefix", "")
    return FdbStore(_path(parts), prefix=Subspace((name,)).prefix if name else b"")


def _path(parts: SplitResult) -> Path:
    path = Path(unquote(parts.path))
    if parts.netloc or parts.fragment or not path.is_absolute() or path == Path("/"):
        raise StoreOpenFailed(
            f"The address of an {parts.scheme} store is {parts.scheme}:/// and an absolute path."
        )
    return path


def _option(parts: SplitResult, name: str, default: str) -> str:
    """The one option that an address may have."""
    options = parse_qs(parts.query, keep_blank_values=True)
    given = options.pop(name, [default])
    if options or len(given) != 1:
        raise StoreOpenFailed(f"An {parts.scheme} address has no option but {name}.")
    return given[0]
