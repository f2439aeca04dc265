"""The address on which a gRPC server listens, and a Unix socket that one process holds at a time."""

import fcntl
import os
import stat
from contextlib import suppress
from pathlib import Path

import grpc

from kernel.settings import Endpoint, SocketPath

_PRIVATE = 0o177  # the umask with which a socket is for its owner alone


class CannotListen(Exception):
    """The listen address is in use or not local."""


class Listening:
    """An address on which one server of one process listens.

    A process that was killed leaves its socket behind, and gRPC replaces any socket, also one on which
    another process listens. Therefore a lock on a file beside the socket says whose it is; the kernel
    releases it when the process ends, however it ends.

    Args:
        where: The address.

    Raises:
        CannotListen: Another process has the socket, or something else is at its path.
    """

    def __init__(self, where: Endpoint) -> None:
        self._where = where
        self._lock: int | None = None
        if isinstance(where, SocketPath):
            self._lock = _take(where)

    def open(self, server: grpc.aio.Server) -> int:
        """Lets the server listen; returns its port, or 1 for a socket. Raises `CannotListen`."""
        before = os.umask(_PRIVATE) if isinstance(self._where, SocketPath) else None
        try:
            return server.add_insecure_port(str(self._where))
        except RuntimeError:
            reason = "is the port taken?" if before is None else "may it write to the folder?"
            raise CannotListen(f"cannot listen on {self._where}: {reason}") from None
        finally:
            if before is not None:
                os.umask(before)

    def close(self) -> None:
        """Lets another process take the socket. Call it after the server has stopped."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _take(where: SocketPath) -> int:
    """Locks a socket's path, and removes the socket of a process that has ended; returns the lock."""
    try:
        lock = os.open(f"{where.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotListen(f"cannot listen on {where}: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _remove(Path(where.path))
    except BlockingIOError:
        os.close(lock)
        raise CannotListen(f"cannot listen on {where}: another process does") from None
    except OSError as error:
        os.close(lock)
        raise CannotListen(f"cannot listen on {where}: {error.strerror}") from None
    return lock


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise FileExistsError(0, "the path is no socket")
        path.unlink()
