"""Removes what has expired: logins, idempotency keys, revocations that no token can meet."""

import asyncio
from datetime import timedelta

from kernel import log
from kernel.clock import Clock
from kernel.errors import ServiceError
from kernel.storage import Store, Write
from kernel.storage.idempotency import Idempotency
from services.auth import keys, repository
from services.auth.settings import AuthSettings

_logger = log.get(__name__)

_BATCH = 100
_SLACK = timedelta(minutes=2)  # for clocks that differ


class Sweeper:
    """Sweeps in small transactions, so that it is in nobody's way."""

    def __init__(self, store: Store, clock: Clock, settings: AuthSettings) -> None:
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
        while await self._store.write(self._batch) >= _BATCH:
            pass

    async def _batch(self, tx: Write) -> int:
        """One small piece of each kind; gives the size of the largest."""
        now = self._clock.now()
        old = now - timedelta(seconds=self._settings.token_seconds) - _SLACK
        return max(
            await repository.clear_expired_logins(tx, now, _BATCH),
            await repository.clear_old_revocations(tx, old, _BATCH),
            await self._idempotency.sweep(tx, now, _BATCH),
        )
