"""The passwords that were found in breaches: which sources know them, and what if those do not answer."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter

from kernel import log

_SECONDS = 1.0
_logger = log.get(__name__)


class BreachedSource(Protocol):
    """One source of breached passwords.

    Attributes:
        name: Its name in the metric and in the log.
    """

    name: str

    async def check(self) -> None:
        """Raises `SettingsInvalid` if the source cannot work as configured."""

    async def contains(self, digest: str) -> bool:
        """Whether it holds a password, by its SHA-1 as 40 digits in upper case.

        Any exception means that it cannot tell. It is given a second.
        """

    async def close(self) -> None:
        """Gives back what the source holds."""


class BreachedPasswords:
    """Asks the sources one after the other, until one has the password.

    A source that fails or takes longer than a second is passed over: a registration must not depend on
    it. The log and `coditect_breached_password_checks_total{source,outcome}` say so.
    """

    def __init__(
        self, sources: Sequence[BreachedSource] = (), registry: CollectorRegistry | None = None
    ) -> None:
        self._sources = sources
        self._checks = Counter(
            "coditect_breached_password_checks",
            "Searches for a new password in a source of breached passwords: found, absent or failed.",
            ("source", "outcome"),
            registry=registry,
        )
        for source in sources:  # shown from the start, so that a rate can be computed
            for outcome in ("found", "absent", "failed"):
                self._checks.labels(source.name, outcome)

    async def check(self) -> None:
        """Raises `SettingsInvalid` if a source cannot work as configured."""
        for source in self._sources:
            await source.check()

    async def contain(self, password: str) -> bool:
        """Whether a password, in NFC, was found in a breach; False if no source can tell."""
        if not self._sources:
            return False
        # The sources publish SHA-1; the hash protects nothing here.
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        for source in self._sources:
            if await self._ask(source, digest):
                return True
        return False

    async def close(self) -> None:
        """Closes the sources."""
        for source in self._sources:
            await source.close()

    async def _ask(self, source: BreachedSource, digest: str) -> bool:
        try:
            async with asyncio.timeout(_SECONDS):
                found = await source.contains(digest)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets the password
            self._checks.labels(source.name, "failed").inc()
            # The text of an error can quote a part of the digest.
            _logger.warning(
                "breached passwords not checked", source=source.name, error=type(error).__name__
            )
            return False
        self._checks.labels(source.name, "found" if found else "absent").inc()
        return found
