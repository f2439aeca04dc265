"""Which servers the user has logged in to, and which of them is the current one. No secret."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from coditect_cli import files
from coditect_cli.failures import Failure


@dataclass(frozen=True, slots=True)
class KnownServer:
    """A server with a login: whose it is, and the name of the store that has its tokens."""

    email: str
    store: str


@dataclass(slots=True)
class KnownServers:
    """The servers by URL. `current` is the one that commands use if none is named."""

    current: str | None = None
    servers: dict[str, KnownServer] = field(default_factory=dict)


def load() -> KnownServers:
    """The servers that are known; raises Failure if the file is damaged."""
    text = files.read(_path())
    if text is None:
        return KnownServers()
    try:
        saved = json.loads(text)
        servers = {url: KnownServer(**known) for url, known in saved["servers"].items()}
        return KnownServers(saved["current"], servers)
    except (ValueError, TypeError, KeyError, AttributeError):
        message = f"{_path()} is damaged: remove it and log in again."
        raise Failure(message, "CONFIGURATION_UNUSABLE") from None


def remember(server: str, known: KnownServer) -> None:
    """Notes a login, and makes its server the current one."""
    with _changing() as changed:
        changed.servers[server] = known
        changed.current = server


def choose(server: str) -> bool:
    """Makes a server the current one; False if there is no login at it."""
    with _changing() as changed:
        if server not in changed.servers:
            return False
        changed.current = server
        return True


def forget(server: str) -> None:
    """Notes that a login has ended. The server stays the current one."""
    with _changing() as changed:
        changed.servers.pop(server, None)


@contextmanager
def _changing() -> Iterator[KnownServers]:
    """Locks the servers, and writes them if nothing fails."""
    with files.locked(_path().with_suffix(".lock")):
        servers = load()
        yield servers
        files.write(_path(), json.dumps(asdict(servers), indent=2) + "\n")


def _path() -> Path:
    return files.folder() / "servers.json"
