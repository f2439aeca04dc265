"""Where the tokens of logins are kept: the keyring of the system, or else a file."""

from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from coditect_cli import files, tokens
from coditect_cli.tokens import Tokens


class SecretStore(Protocol):
    """Keeps the tokens of one login for each server."""

    name: str

    @property
    def usable(self) -> bool:
        """Whether this system has it."""

    def load(self, server: str) -> Tokens | None:
        """The tokens of the login at a server, or None."""

    def save(self, server: str, saved: Tokens) -> None:
        """Replaces the tokens of the login at a server."""

    def remove(self, server: str) -> None:
        """Removes the tokens of the login at a server."""


class FileStore:
    """A file per server with mode 0600, for systems without a keyring, such as containers."""

    name = "file"
    usable = True

    def load(self, server: str) -> Tokens | None:
        """Reads the file."""
        text = files.read(path_of(server, ".json"))
        return None if text is None else tokens.read(text)

    def save(self, server: str, saved: Tokens) -> None:
        """Replaces the file in one step."""
        files.write(path_of(server, ".json"), saved.write())

    def remove(self, server: str) -> None:
        """Removes the file."""
        files.remove(path_of(server, ".json"))


def best() -> SecretStore:
    """The keyring if the system has one that can be used, else the file."""
    keyring = _keyring()
    return keyring if keyring.usable else FileStore()


def named(name: str) -> SecretStore:
    """The store that a login was saved in."""
    return FileStore() if name == FileStore.name else _keyring()


def _keyring() -> SecretStore:
    """The library takes longer to import than the rest of the command, so only on demand."""
    from coditect_cli.keyring_store import KeyringStore  # noqa: PLC0415

    return KeyringStore()


def path_of(server: str, ending: str) -> Path:
    """A file of the login at a server."""
    return files.folder() / "logins" / (quote(server, safe="") + ending)
