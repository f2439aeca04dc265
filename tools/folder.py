"""The data folder of the laptop system: locked by one run at a time, with secrets made once."""

import base64
import contextlib
import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO, TypeVar

from tools import sockets
from tools.settings import CONTEXTS, STORE, SetupError

SERVICE_KEYS = "SERVICE_KEYS"
LOG_LIMIT = 10_000_000
"""Bytes of a log; beyond it the log begins anew, and one old log is kept."""
_OLD = ".old.log"
_BALLAST = f"{STORE}/ballast"  # of kernel.storage.lmdb.room, which takes long to import
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}

T = TypeVar("T")


def seal_keys(context: str) -> str:
    """The name of a context's seal key in the key file."""
    return f"{context.upper()}_SEAL_KEYS"


class DataFolder:
    """A data folder that this process keeps locked until `close`.

    Raises:
        SetupError: If the folder cannot be created or written, another run has locked it, or its
            key file is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._sockets = sockets.socket_folder(path)
        self._written(self._open)

    def close(self) -> None:
        """Unlocks the folder, and removes that of its sockets if it is elsewhere."""
        if self.path not in self._sockets.parents:
            shutil.rmtree(self._sockets, ignore_errors=True)
        self._lock.close()

    def log(self, name: str) -> Path:
        """The log file of a program, to append to."""
        return self.path / "log" / f"{name}.log"

    def rotate_logs(self) -> None:
        """Lets each log above the limit begin anew, also while its program runs.

        Programs append to their logs as they have opened them, so a log is copied and emptied. What is
        written between the two is lost.
        """
        for path in (self.path / "log").glob("*.log"):
            if not path.name.endswith(_OLD) and path.stat().st_size > LOG_LIMIT:
                _put_aside(path)
                os.truncate(path, 0)

    def write_private(self, name: str, content: str) -> Path:
        """Writes a file atomically that only its owner may read, and returns its path.

        Raises `SetupError` if it cannot be written.
        """
        return self._written(lambda: _write_private(self.path / name, content))

    def _open(self) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("log", "run"):
            (self.path / name).mkdir(mode=0o700, exist_ok=True)
        with contextlib.ExitStack() as undo:
            self._lock = undo.enter_context(_lock(self.path))
            sockets.prepare(self._sockets)
            self.keys = _keys(self.path / "keys.env")
            undo.pop_all()

    def _written(self, write: Callable[[], T]) -> T:
        """Runs what writes to the folder; on a full disk once more, in the space of the ballast."""
        try:
            try:
                return write()
            except OSError as error:
                if error.errno not in _NO_SPACE:
                    raise
                (self.path / _BALLAST).unlink(missing_ok=True)
                return write()
        except (FileExistsError, NotADirectoryError):
            raise SetupError(f"DATA={self.path} is a file or below one, not a folder") from None
        except OSError as error:
            raise SetupError(f"DATA={self.path} cannot be written: {error.strerror}") from None


def _put_aside(log: Path) -> None:
    """Copies a log over the old one. On a full disk it is lost, and the room is won."""
    old = log.with_suffix(_OLD)
    try:
        old.unlink(missing_ok=True)
        with log.open("rb") as source, os.fdopen(_create(old), "wb") as target:
            shutil.copyfileobj(source, target)
    except OSError:
        with contextlib.suppress(OSError):
            old.unlink(missing_ok=True)


def _lock(folder: Path) -> TextIO:
    """Locks the folder for as long as the returned file is open; the lock ends with the process."""
    file = (folder / "lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip()
        file.close()
        raise SetupError(
            f"DATA={folder} is in use by another `make run` (process {holder}): "
            "stop it, or give another folder with DATA="
        ) from None
    try:
        file.truncate(0)
        os.write(file.fileno(), f"{os.getpid()}\n".encode())
    except OSError:
        file.close()
        raise
    return file


def _keys(path: Path) -> Mapping[str, str]:
    """The secrets by name: those in the file, and a new one for each that is missing.

    Existing keys are never replaced, because they have sealed data in the stores.
    """
    keys = _read_keys(path)
    names = [SERVICE_KEYS, *map(seal_keys, CONTEXTS)]
    if missing := [name for name in names if name not in keys]:
        keys |= {name: _new_key() for name in missing}
        _write_private(path, "".join(f"{name}={key}\n" for name, key in keys.items()))
    path.chmod(0o600)
    return keys


def _read_keys(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        lines = ["not text"]
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    if not all(name and key for name, _, key in pairs):
        raise SetupError(
            f"{path} is damaged: put its backup in place, or give a new folder (DATA=)"
        )
    return {name: key for name, _, key in pairs}


def _new_key() -> str:
    """A Fernet key, made without importing `cryptography`, which would take a tenth of the start."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _write_private(path: Path, content: str) -> Path:
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(_create(new), "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return new.replace(path)


def _create(path: Path) -> int:
    """Opens a new file that only its owner may read."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
