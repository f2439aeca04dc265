"""The login of the operator, in a file that only the user of this machine can read."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ops.desk.failures import DeskFailed


class Saved(NamedTuple):
    """A login as it is kept between two commands."""

    url: str
    """The URL of the gateway."""
    refresh_token: str
    device_token: str
    """The secret of this device, so that wrong guesses of strangers do not stop the login."""


class State:
    """The file with the login. While it is open, other commands wait: a refresh token is good once.

    Args:
        folder: Where the file is; it is made if it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "operator.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps other commands out. Raises `DeskFailed` if the folder cannot be used."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = self._path.with_suffix(".lock").open("a", encoding="utf-8")
        except OSError as error:
            raise DeskFailed(f"{self._path.parent} cannot be used: {error.strerror}.") from None
        with lock:
            fcntl.flock(lock.fileno(), fcntl.LOCK_EX)
            yield

    def read(self) -> Saved | None:
        """The saved login, if there is one. Raises `DeskFailed` if the file is damaged."""
        try:
            return Saved(**json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError):
            raise DeskFailed(f"{self._path} cannot be read; remove it and log in.") from None

    def write(self, saved: Saved) -> None:
        """Replaces the file in one step; its mode is 0600 from the beginning."""
        new = self._path.with_suffix(".new")
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(saved._asdict(), file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)

    def remove(self) -> None:
        """Forgets the login."""
        self._path.unlink(missing_ok=True)


def folder() -> Path:
    """`coditect` in XDG_STATE_HOME (XDG Base Directory Specification), by default `~/.local/state`."""
    given = os.environ.get("XDG_STATE_HOME", "")
    return (Path(given) if given else Path.home() / ".local" / "state") / "coditect"
