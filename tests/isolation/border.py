"""What must hold whatever ours do: nothing of theirs changes, and nothing of it is ever answered."""

import base64
import re

import httpx

from tests.isolation.rows import Outside, Rows
from tests.isolation.theirs import MARK, Theirs

_JWT = re.compile(r"eyJ[\w-]*\.([\w-]+)\.[\w-]+")


class Border:
    """Between ours and theirs.

    What is theirs is told by their ids: as 16 bytes, as texts with hyphens and without; and by the
    mark. Not even an id that a call has sent may come back: no answer quotes what it was asked.

    Args:
        outside: The store.
        theirs: What there is of others, complete.
    """

    def __init__(self, outside: Outside, theirs: Theirs) -> None:
        ids = theirs.ids.values()
        texts = {text for one in ids for text in (str(one), one.hex)}
        self._ids = [*(one.bytes for one in ids), *(text.encode() for text in texts)]
        pages = {word for name, word in theirs.words.items() if "page" in name}
        self._secrets = sorted({MARK, *texts, *theirs.secrets, *pages})
        self._outside = outside
        self._before: Rows = outside.dump()
        self._theirs: Rows = {
            key: value
            for key, value in self._before.items()
            if self._has_id(key + value) or MARK.encode() in key + value
        }

    @property
    def rows(self) -> int:
        """How many rows are theirs."""
        return len(self._theirs)

    def crossings(self) -> list[str]:
        """What has happened to theirs since it was asked the last time."""
        now = self._outside.dump()
        found = [
            f"changed: {key!r}" for key, value in self._theirs.items() if now.get(key) != value
        ]
        # A row of ours that names one of them is an index, a membership or a message about it.
        found += [
            f"new: {key!r} {value!r}"
            for key, value in now.items()
            if self._before.get(key) != value
            and key not in self._theirs
            and self._has_id(key + value)
        ]
        self._before = now
        self._theirs = {key: now[key] for key in self._theirs if key in now}
        return found

    def leaks(self, answer: httpx.Response) -> list[str]:
        """What of theirs an answer tells, in its headers too, and inside of tokens."""
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        text = readable(f"{headers}\n{answer.text}")
        return [secret for secret in self._secrets if secret in text]

    def _has_id(self, row: bytes) -> bool:
        return any(one in row for one in self._ids)


def readable(text: str) -> str:
    """The text, with the claims of the access tokens in it."""
    claims = (base64.urlsafe_b64decode(found + "==") for found in _JWT.findall(text))
    return "\n".join([text, *(one.decode(errors="replace") for one in claims)])
