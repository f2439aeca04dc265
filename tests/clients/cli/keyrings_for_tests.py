"""Keyrings that a test can look into. The command loads them by name (PYTHON_KEYRING_BACKEND)."""

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class InFile(KeyringBackend):
    """A keyring in the file KEYRING_FILE."""

    priority = 5.0  # from 1 on the library recommends a backend

    def get_password(self, service: str, username: str) -> str | None:
        """Reads an entry."""
        return self._entries().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Writes an entry."""
        self._write(self._entries() | {f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        """Removes an entry."""
        entries = self._entries()
        if entries.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError
        self._write(entries)

    def _entries(self) -> dict[str, str]:
        file = self._file()
        return dict(json.loads(file.read_text("utf-8"))) if file.exists() else {}

    def _write(self, entries: dict[str, str]) -> None:
        self._file().write_text(json.dumps(entries), "utf-8")

    @staticmethod
    def _file() -> Path:
        return Path(os.environ["KEYRING_FILE"])


class Locked(InFile):
    """A keyring whose user does not unlock it."""

    def _entries(self) -> dict[str, str]:
        raise KeyringLocked
