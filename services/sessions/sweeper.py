"""Removes what has expired: sessions and idempotency keys.

Nobody sees an expired session even before that; the sweeper only gives back the room.
"""

import asyncio

from kernel import log
from kernel.clock import Clock
from kernel.errors import ServiceError
from kernel.storage import Store, Write
from kernel.storage.expiry import milliseconds
from kernel.storage.idempotency import Idempotency
from services.sessions import keys, repository
from services.sessions.settings import SessionsSettings

_logger = log.get(__name__)

_BATCH = 100


class Sweeper:
    """Sweeps in small transactions, so that it is in nobody's way."""

    def __init__(self, store: Store, clock: Clock, settings: SessionsSettings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._idempotency = Idempotency(keys.IDEMPOTENCY)

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
            return max(
                await repository.clear_expired(tx, milliseconds(now), _BATCH),
                await self._idempotency.sweep(tx, now, _BATCH),
            )

        while await self._store.write(batch) >= _BATCH:
            pass
