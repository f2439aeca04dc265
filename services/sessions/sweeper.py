"""Removes what has expired in sessions: sessions, idempotency keys, tombstones."""

from datetime import datetime

from kernel.clock import Clock
from kernel.storage import Store, Write
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.sweeping import BATCH, Sweeper
from services.sessions import keys, repository
from services.sessions.settings import SessionsSettings


def sweeper(store: Store, clock: Clock, settings: SessionsSettings) -> Sweeper:
    """The sweeper of sessions."""

    async def batch(tx: Write, now: datetime, settled: datetime) -> int:
        return max(
            await repository.clear_expired(tx, milliseconds(now), BATCH),
            await keys.IDEMPOTENCY.sweep(tx, now, BATCH),
            await keys.DELETED_USERS.sweep(tx, settled, BATCH),
            await keys.REMOVED_MEMBERS.sweep(tx, settled, BATCH),
            await keys.DELETED_TENANTS.sweep(tx, settled, BATCH),
        )

    return Sweeper(store, clock, settings.sweep_seconds, batch)
