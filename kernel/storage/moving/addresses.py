"""The addresses of stores, as the tools that move stores check them before opening any."""

from pathlib import Path
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from kernel.storage.port import StoreOpenFailed

_INSIDE = "?prefix="


def folder_of(url: str) -> Path | None:
    """Returns the folder of an LMDB store; None for the address of any other.

    Raises:
        StoreOpenFailed: The address names no folder.
    """
    parts = urlsplit(url)
    if parts.scheme != "lmdb":
        return None
    folder = Path(unquote(parts.path))
    if parts.netloc or not folder.is_absolute() or folder == Path("/"):
        raise StoreOpenFailed("The address of an lmdb store is lmdb:/// and an absolute path.")
    return folder


def place_of(url: str) -> str:
    """Returns the part that all addresses of one store share: no links in paths, no sizes."""
    parts = urlsplit(url)
    path = Path(unquote(parts.path)).resolve()
    return f"{parts.scheme}://{_cluster(path) or path}{_inside(parts)}"


def overlap(one: str, other: str) -> bool:
    """Whether two places are the same, or one is a cluster and the other a part of it."""
    return one == other or other.startswith(one + _INSIDE) or one.startswith(other + _INSIDE)


def _cluster(path: Path) -> str | None:
    """The name in a cluster file, the same in every copy of it; None if it is no such file."""
    if not path.is_file():
        return None
    lines = path.read_text(errors="replace").splitlines()
    named = [line.partition("@") for line in lines if not line.startswith("#")]
    return next((name.strip() for name, at, _ in named if at), None)


def _inside(parts: SplitResult) -> str:
    (name, *_) = parse_qs(parts.query).get("prefix", [""])
    return _INSIDE + quote(name, safe="") if name else ""
