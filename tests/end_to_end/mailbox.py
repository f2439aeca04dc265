"""The emails that a laptop writes into its folder, as their reader sees them."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tools.laptop import Laptop

_LINK = re.compile(r"/([a-z-]+)#token=([\w-]{43})\b")
_CODE = re.compile(r"\b([0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4})\b")
_SECONDS = 30.0


class Mail(NamedTuple):
    """An email.

    Attributes:
        page: The page of its link, such as `verify-email`; empty if it has no link.
        token: The token in its link.
        code: The code that it shows; empty if it shows none.
        subject: Its subject.
        text: Its plain text.
        message: The whole email.
    """

    page: str
    token: str
    code: str
    subject: str
    text: str
    message: EmailMessage


class Mailbox:
    """The emails to one address.

    Args:
        laptop: The system that sends them.
        address: The address.
    """

    def __init__(self, laptop: Laptop, address: str) -> None:
        folder = laptop.settings.mail_folder
        assert folder is not None, "a laptop writes its emails into a folder"
        self._folder = folder
        self._address = address.casefold()
        self._read: set[Path] = set()

    def next(self, page: str = "", subject: str = "", seconds: float = _SECONDS) -> Mail:
        """The oldest email that was not read yet, with this page and this subject if they are given."""
        mail = self.find(page, subject, seconds)
        assert mail is not None, f"no email to {self._address} in {seconds:g} s"
        return mail

    def find(self, page: str = "", subject: str = "", seconds: float = _SECONDS) -> Mail | None:
        """Like `next`; None if there is no such email in time."""
        end = time.monotonic() + seconds
        while True:
            for path, mail in self._unread():
                if page in {"", mail.page} and subject in {"", mail.subject}:
                    self._read.add(path)
                    return mail
            if time.monotonic() > end:
                return None
            time.sleep(0.02)

    def unread(self) -> list[Mail]:
        """The emails that are there and were not read yet."""
        return [mail for _, mail in self._unread()]

    def _unread(self) -> Iterator[tuple[Path, Mail]]:
        found = [one for one in _emails(self._folder) if one.path not in self._read]
        for one in sorted(found, key=lambda one: one.written):
            if one.to == self._address:
                yield one.path, one.mail


class _Email(NamedTuple):
    path: Path
    written: int
    to: str
    mail: Mail


def _emails(folder: Path) -> Iterator[_Email]:
    """All emails in a folder. Tests that share a system share it too, and look again and again."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".eml"):
                yield _email(Path(entry.path), entry.inode())


@cache
def _email(path: Path, _inode: int) -> _Email:
    """The email in a file, which is replaced as a whole and never changed."""
    mail = read(path.read_bytes())
    return _Email(path, path.stat().st_mtime_ns, str(mail.message["To"]).casefold(), mail)


def read(content: bytes) -> Mail:
    """An email from its bytes."""
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    text: str = body.get_content()
    link, code = _LINK.search(text), _CODE.search(text)
    page, token = (link[1], link[2]) if link else ("", "")
    return Mail(page, token, code[1] if code else "", str(message["Subject"]), text, message)
