"""Breached passwords in a service that speaks Have I Been Pwned's range protocol.

The service gets the first 5 digits of a password's SHA-1 and answers with the other 35 of every breached
one that begins so, some hundreds of them (k-anonymity): it learns 20 bits of a hash, and padding hides
from others which range was asked for. See https://haveibeenpwned.com/API/v3#PwnedPasswords.
"""

import asyncio
import ssl

import httpx

from kernel.version import VERSION

_PREFIX = 5  # digits
_ANSWER_BYTES = 1 << 20  # a padded range has less than 100 KB
_CONNECTIONS = 8
_HEADERS = {"Add-Padding": "true", "User-Agent": f"coditect-auth/{VERSION}"}


class RangeRefused(Exception):
    """The service answered with something else than a range."""


class BreachedRange:
    """The passwords that one service knows.

    It is asked directly, whatever proxies the environment names, and no redirect is followed: the answer
    comes from the configured address or not at all. Certificates are verified against the system's
    authorities, or those of `SSL_CERT_FILE`.

    Args:
        url: Where the ranges are, without a slash at the end.
    """

    name = "url"

    def __init__(self, url: str) -> None:
        self._url = url
        self._trust = ssl.create_default_context()
        self._places = asyncio.Semaphore(_CONNECTIONS)

    async def check(self) -> None:
        """Does nothing: the service may be down while auth starts."""

    async def contains(self, digest: str) -> bool:
        """Whether the service knows a password. Raises `httpx.HTTPError`, `RangeRefused`."""
        prefix, suffix = digest[:_PREFIX], digest[_PREFIX:]
        async with (
            self._places,
            self._client() as client,
            client.stream("GET", f"{self._url}/{prefix}") as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise RangeRefused
            text = bytearray()
            async for part in answer.aiter_bytes():
                text += part
                if len(text) > _ANSWER_BYTES:
                    raise RangeRefused
        return _counts(bytes(text), suffix.encode())

    async def close(self) -> None:
        """Does nothing: no connection outlives its search."""

    def _client(self) -> httpx.AsyncClient:
        # One for each search: a search that is given up can leave its connection in a pool for good, and
        # a pool of such connections answers no more.
        return httpx.AsyncClient(
            headers=_HEADERS,
            verify=self._trust,
            trust_env=False,
            follow_redirects=False,
            timeout=None,  # noqa: S113 - BreachedPasswords limits the whole search
        )


def _counts(answer: bytes, suffix: bytes) -> bool:
    """Whether an answer has a suffix with a count that is not 0, which is padding."""
    for line in answer.split():
        found, _, count = line.partition(b":")
        if not count.isdigit():
            raise RangeRefused
        if found.upper() == suffix:
            return count.strip(b"0") != b""  # any number of digits
    return False
