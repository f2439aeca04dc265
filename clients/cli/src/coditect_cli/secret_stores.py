"""Where the tokens of logins are kept: the keyring of the system, or else a file."""

from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import keyring
from keyring.errors import KeyringError, PasswordDeleteError

from coditect_cli import files, tokens
from coditect_cli.failures import Failure
from coditect_cli.tokens import Tokens

_USABLE = 1  # the priority from which a backend is recommended by the library


class SecretStore(Protocol):
    """Keeps the tokens of one login for each server."""

    name: str

    def load(self, server: str) -> Tokens | None:
        """The tokens of the login at a server, or None."""

    def save(self, server: str, saved: Tokens) -> None:
        """Replaces the tokens of the login at a server."""

    def remove(self, server: str) -> None:
        """Removes the tokens of the login at a server."""


class FileStore:
    """A file per server with mode 0600, for systems without a keyring, such as containers."""

    name = "file"

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


class KeyringStore:
    """The keyring of the system: Keychain, Credential Manager, Secret Service or KWallet.

    Windows takes 2,560 bytes at most, so the refresh token has an entry of its own. It is written
    first: a login without its access token goes on, but not without its refresh token.
    """

    name = "keyring"

    def load(self, server: str) -> Tokens | None:
        """Reads both entries."""
        refresh_token = self._get(server, "refresh_token")
        if not refresh_token:
            return None
        access = tokens.read(self._get(server, "access_token") or "")
        if access is None:
            return Tokens("", refresh_token, 0, 0)
        return Tokens(access.access_token, refresh_token, access.expires_at, access.lifetime)

    def save(self, server: str, saved: Tokens) -> None:
        """Writes both entries; raises Failure if the keyring is locked."""
        access = Tokens(saved.access_token, "", saved.expires_at, saved.lifetime)
        try:
            keyring.set_password(_service(server), "refresh_token", saved.refresh_token)
            keyring.set_password(_service(server), "access_token", access.write())
        except KeyringError as error:
            raise _locked(error) from None

    def remove(self, server: str) -> None:
        """Removes both entries."""
        for name in ("refresh_token", "access_token"):
            try:
                with suppress(PasswordDeleteError):  # it is not there
                    keyring.delete_password(_service(server), name)
            except KeyringError as error:
                raise _locked(error) from None

    @staticmethod
    def _get(server: str, name: str) -> str | None:
        try:
            return keyring.get_password(_service(server), name)
        except KeyringError as error:
            raise _locked(error) from None


def best() -> SecretStore:
    """The keyring if the system has one that can be used, else the file."""
    return KeyringStore() if keyring.get_keyring().priority >= _USABLE else FileStore()


def named(name: str) -> SecretStore:
    """The store that a login was saved in."""
    return KeyringStore() if name == KeyringStore.name else FileStore()


def path_of(server: str, ending: str) -> Path:
    """A file of the login at a server."""
    return files.folder() / "logins" / (quote(server, safe="") + ending)


def _service(server: str) -> str:
    return f"coditect:{server}"


def _locked(error: KeyringError) -> Failure:
    reason = str(error) or type(error).__name__
    return Failure(f"The system's keyring cannot be used: {reason}.", "KEYRING_UNUSABLE")
