"""Removes what has expired: the memory of deleted users."""

import asyncio

from kernel import log
from kernel.clock import Clock
from kernel.errors import ServiceError
from kernel.storage import Store, Write
from services.tenants import repository
from services.tenants.settings import TenantsSettings

_logger = log.get(__name__)

_BATCH = 100


class Sweeper:
    """Sweeps in small transactions, so that it is in nobody's way."""

    def __init__(self, store: Store, clock: Clock, settings: TenantsSettings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings

    async def run(self) -> None:
        """Sweeps for ever."""
        while True:
            try:
                await self.sweep()
            except ServiceError as error:
                _logger.warning("sweep failed", reason=error.reason)
            await asyncio.sleep(self._settings.sweep_seconds)

    async def sweep(self) -> None:
        """Removes all that has expired by now."""
        now = self._clock.now()

        async def batch(tx: Write) -> int:
            return await repository.clear_erased(tx, now, _BATCH)

        while await self._store.write(batch) >= _BATCH:
            pass
