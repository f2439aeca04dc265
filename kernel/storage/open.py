"""Opens the backend for a store's address."""

import re
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from kernel.storage.keys import Subspace
from kernel.storage.port import Store, StoreOpenFailed

_NUMBER = re.compile(r"[0-9]{1,20}")
_MOST_BYTES = 1 << 44  # an eighth of what a process can address, because several may be open


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
    check_address(url)
    parts = urlsplit(url)
    return _fdb(parts) if parts.scheme == "fdb" else _lmdb(parts)


def check_address(url: str) -> None:
    """Checks the address of a store without opening it. Raises `StoreOpenFailed`."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    if parts.scheme not in {"fdb", "lmdb"}:
        raise StoreOpenFailed("The address of a store begins with lmdb:/// or fdb:/// and a path.")
    _path(parts)
    if parts.scheme == "fdb":
        _option(parts, "prefix", "")
    else:
        _map_size(parts, "1")


def _lmdb(parts: SplitResult) -> Store:
    from kernel.storage.lmdb.store import MAP_SIZE, LmdbStore  # noqa: PLC0415

    return LmdbStore(_path(parts), map_size=_map_size(parts, str(MAP_SIZE)))


def _map_size(parts: SplitResult, default: str) -> int:
    size = _option(parts, "map_size", default)
    if not _NUMBER.fullmatch(size) or not 0 < int(size) <= _MOST_BYTES:
        raise StoreOpenFailed(
            f"The map_size of an lmdb address is a number of bytes, at most {_MOST_BYTES}."
        )
    return int(size)


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
