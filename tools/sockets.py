"""The Unix sockets of the laptop system, in a folder that only the user who runs it can enter."""

import hashlib
import os
import re
import socket
import stat
import tempfile
from pathlib import Path

_UNIX = "unix:"
# As in kernel.settings, which takes long to import.
_PATH = re.compile(r"(/[A-Za-z0-9._-]+)+")
_PATH_BYTES = 103
_LONGEST_NAME = "sessions-64.lock"


def socket_folder(data: Path) -> Path:
    """Where the sockets of a data folder are: in it or, if its path does not fit, in a temporary folder.

    The path of a socket has few bytes, and neither gRPC nor Envoy takes all characters.
    """
    temporary = f"coditect-{os.getuid()}-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"
    folders = (data / "run", Path(tempfile.gettempdir()) / temporary)
    return next((one for one in folders if _fits(one)), Path("/tmp") / temporary)  # noqa: S108 - checked


def prepare(folder: Path) -> None:
    """Makes the folder. Raises `OSError` if it is not this user's alone: another one has made it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError(0, f"{folder}, the folder for its sockets, is another user's")
    folder.chmod(0o700)


def connect(address: str, seconds: float) -> socket.socket:
    """A connection to `unix:/path` or `host:port`. Raises `OSError` if no program listens there."""
    if not address.startswith(_UNIX):
        host, _, port = address.rpartition(":")
        return socket.create_connection((host, int(port)), seconds)
    made = socket.socket(socket.AF_UNIX)
    try:
        made.settimeout(seconds)
        made.connect(address.removeprefix(_UNIX))
    except OSError:
        made.close()
        raise
    return made


def listens(address: str, seconds: float = 2.0) -> bool:
    """Whether a program listens at an address."""
    try:
        connect(address, seconds).close()
    except OSError:
        return False
    return True


def _fits(folder: Path) -> bool:
    longest = str(folder / _LONGEST_NAME)
    return _PATH.fullmatch(longest) is not None and len(longest) <= _PATH_BYTES
