"""Checks that no row of the victim changes, and that no response contains its data."""

import base64
import re

import httpx

from tests.isolation.store import DirectStore, Rows
from tests.isolation.victim import MARK, Victim

_JWT = re.compile(r"eyJ[\w-]*\.([\w-]+)\.[\w-]+")


class LeakCheck:
    """Compares the victim's rows, and searches answers for the victim's data.

    The victim's data is recognized by its ids, as 16 bytes and as text with and without hyphens, and
    by the mark. A response must not even repeat an id that the call has sent.

    Args:
        store: The store of the running system.
        victim: Everything that the victim has.
    """

    def __init__(self, store: DirectStore, victim: Victim) -> None:
        ids = victim.ids.values()
        texts = {text for one in ids for text in (str(one), one.hex)}
        self._ids = [*(one.bytes for one in ids), *(text.encode() for text in texts)]
        pages = {word for name, word in victim.words.items() if "page" in name}
        self._secrets = sorted({MARK, *texts, *victim.secrets, *pages})
        self._store = store
        self._before: Rows = store.dump()
        self._rows: Rows = {
            key: value
            for key, value in self._before.items()
            if self._has_id(key + value) or MARK.encode() in key + value
        }

    @property
    def rows(self) -> int:
        """The number of the victim's rows."""
        return len(self._rows)

    def changes(self) -> list[str]:
        """The changes to the victim's rows, and new rows about it, since the last call."""
        now = self._store.dump()
        found = [f"changed: {key!r}" for key, value in self._rows.items() if now.get(key) != value]
        # A new row that names a victim's id is an index, a membership or a message about it.
        found += [
            f"new: {key!r} {value!r}"
            for key, value in now.items()
            if self._before.get(key) != value
            and key not in self._rows
            and self._has_id(key + value)
        ]
        self._before = now
        self._rows = {key: now[key] for key in self._rows if key in now}
        return found

    def leaks(self, answer: httpx.Response) -> list[str]:
        """The victim's data in an answer: in its body, headers and token claims."""
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        text = readable(f"{headers}\n{answer.text}")
        return [secret for secret in self._secrets if secret in text]

    def _has_id(self, row: bytes) -> bool:
        return any(one in row for one in self._ids)


def readable(text: str) -> str:
    """The text, followed by the decoded claims of the access tokens in it."""
    claims = (base64.urlsafe_b64decode(found + "==") for found in _JWT.findall(text))
    return "\n".join([text, *(one.decode(errors="replace") for one in claims)])
