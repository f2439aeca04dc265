"""Files of the user's configuration: written as a whole, readable by the user alone, locked."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import typer

from coditect_cli.failures import Failure

_LOCK_SECONDS = 60.0
_TRY_SECONDS = 0.05


def folder() -> Path:
    """The folder of the user's configuration (CODITECT_CONFIG_DIR names another one)."""
    return Path(os.environ.get("CODITECT_CONFIG_DIR") or typer.get_app_dir("coditect"))


def read(path: Path) -> str | None:
    """The text of a file, or None if there is none; raises Failure if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _failure(path, error) from None


def write(path: Path, text: str) -> None:
    """Replaces a file in one step. Its mode is 0600 from the beginning."""
    try:
        _make_folder(path.parent)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _failure(path, error) from None


def remove(path: Path) -> None:
    """Removes a file if it is there."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _failure(path, error) from None


@contextmanager
def locked(path: Path, seconds: float = _LOCK_SECONDS) -> Iterator[None]:
    """Keeps other processes out until the block ends; raises Failure if one stays for too long.

    The system takes the lock away from a process that ends, so none is left over.
    """
    try:
        _make_folder(path.parent)
        file = path.open("a", encoding="utf-8")
    except OSError as error:
        raise _failure(path, error) from None
    with file:
        deadline = time.monotonic() + seconds
        while not _try_lock(file.fileno()):
            if time.monotonic() > deadline:
                raise Failure(f"Another process holds {path}.", "LOCKED")
            time.sleep(_TRY_SECONDS)
        try:
            yield
        finally:
            _unlock(file.fileno())


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        with suppress(OSError):
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _make_folder(path: Path) -> None:
    """Makes a folder of the configuration; `parents` alone would leave those readable by others."""
    for one in (folder(), path):
        one.mkdir(mode=0o700, parents=True, exist_ok=True)


def _failure(path: Path, error: Exception) -> Failure:
    reason = error.strerror if isinstance(error, OSError) else "it is no text"
    return Failure(f"{path} cannot be used: {reason}.", "CONFIGURATION_UNUSABLE")
