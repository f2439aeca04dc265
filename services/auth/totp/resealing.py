"""Seals the secrets of authenticator apps again, after a change of the seal keys.

They are kept for years, so the key that sealed them would have to be kept as long.
"""

import asyncio
from dataclasses import replace

from kernel import log
from kernel.errors import ServiceError
from kernel.runtime import Runtime
from kernel.seal import SealKeysWrong
from kernel.storage import Write
from kernel.storage.recipes.paging import page
from services.auth.totp.repository import TOTP, TOTPS

_AT_ONCE = 50
_PAUSE_SECONDS = 0.05
_RETRY_SECONDS = 5.0

_logger = log.get(__name__)


class ResealTotps:
    """Looks at every app once after the start of the process, if there is more than one seal key."""

    def __init__(self, runtime: Runtime, keys: int) -> None:
        self._runtime = runtime
        self._keys = keys

    async def run(self) -> None:
        """Seals all secrets with the current key, and then waits for ever."""
        if self._keys > 1:
            count = await self.reseal()
            _logger.info("authenticator apps are sealed with the current key", changed=count)
        await asyncio.Event().wait()

    async def reseal(self) -> int:
        """Seals all secrets with the current key; returns how many were not."""
        last_key: bytes | None = None
        count = 0
        while True:
            try:
                changed, last_key = await self._runtime.store.write(
                    lambda tx: self._reseal(tx, last_key),  # noqa: B023 - runs before the next turn
                    essential=True,
                )
            except ServiceError as error:
                _logger.warning("authenticator apps are not sealed", reason=error.reason)
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            count += changed
            if last_key is None:
                return count
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _reseal(self, tx: Write, after: bytes | None) -> tuple[int, bytes | None]:
        found = await page(tx, *TOTP.range(), after=after, limit=_AT_ONCE)
        changed = 0
        for _, value in found.items:
            totp = TOTPS.parse(value)
            try:
                renewed = self._runtime.seal.renewed(totp.sealed_secret)
            except SealKeysWrong:
                _logger.warning("authenticator app cannot be opened", factor_id=str(totp.factor_id))
                continue
            if renewed is not None:
                await TOTPS.put(tx, replace(totp, sealed_secret=renewed))
                changed += 1
        return changed, found.last_key
