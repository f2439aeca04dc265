"""Writes mail into a folder, on laptops and in tests."""

import asyncio
import os
from email.message import EmailMessage
from pathlib import Path

from kernel import log
from kernel.mail.errors import MailUnavailable
from kernel.mail.message import FlatMail, flattened

_logger = log.get(__name__)


class FolderMail:
    """Writes mail into a folder; a mail with the same Message-ID replaces the previous one.

    Args:
        folder: The folder; created with the first mail.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage) -> None:
        """Writes a mail. Raises `MailRefused`, `MailUnavailable`."""
        flat = flattened(message)
        try:
            path = await asyncio.to_thread(self._write, flat)
        except OSError as error:
            raise MailUnavailable(type(error).__name__) from None
        _logger.info("mail written", path=str(path))

    def _write(self, flat: FlatMail) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{flat.id_left}.eml"
        new = path.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(flat.content)
        return new.replace(path)
