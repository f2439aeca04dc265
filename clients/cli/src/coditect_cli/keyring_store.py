"""The keyring of the system as a store of tokens."""

from contextlib import suppress
from dataclasses import replace

import keyring
from keyring.errors import KeyringError, PasswordDeleteError

from coditect_cli import tokens
from coditect_cli.failures import Failure
from coditect_cli.tokens import Tokens

_RECOMMENDED = 1  # the least priority of a backend that the library recommends


class KeyringStore:
    """The keyring of the system: Keychain, Credential Manager, Secret Service or KWallet.

    Windows takes 2,560 bytes at most, so the refresh token has an entry of its own. It is written
    first: a login without its access token goes on, but not without its refresh token.
    """

    name = "keyring"

    @property
    def usable(self) -> bool:
        """Whether the library recommends the backend that it has found."""
        return bool(keyring.get_keyring().priority >= _RECOMMENDED)

    def load(self, server: str) -> Tokens | None:
        """Reads both entries."""
        refresh_token = self._get(server, "refresh_token")
        if not refresh_token:
            return None
        access = tokens.read(self._get(server, "access_token") or "")
        if access is None:
            return Tokens("", refresh_token, 0, 0)
        return replace(access, refresh_token=refresh_token)

    def save(self, server: str, saved: Tokens) -> None:
        """Writes both entries; raises Failure if the keyring is locked."""
        access = replace(saved, refresh_token="")
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


def _service(server: str) -> str:
    return f"coditect:{server}"


def _locked(error: KeyringError) -> Failure:
    reason = str(error) or type(error).__name__
    return Failure(f"The system's keyring cannot be used: {reason}.", "KEYRING_UNUSABLE")
