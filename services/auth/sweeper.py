"""Removes what has expired in auth: logins, idempotency keys, revocations of expired tokens."""

from datetime import datetime, timedelta

from kernel.clock import Clock
from kernel.storage import Store, Write
from kernel.storage.recipes.sweeping import BATCH, Sweeper
from services.auth import keys
from services.auth.logins.repository import LOGINS
from services.auth.revocations import repository as revocations
from services.auth.settings import AuthSettings

_SLACK = timedelta(minutes=2)  # for clocks that differ


def sweeper(store: Store, clock: Clock, settings: AuthSettings) -> Sweeper:
    """The sweeper of auth."""
    token_life = timedelta(seconds=settings.token_seconds)

    async def batch(tx: Write, now: datetime) -> int:
        return max(
            await LOGINS.clear_expired(tx, now, BATCH),
            await revocations.clear_old_revocations(tx, now - token_life - _SLACK, BATCH),
            await keys.IDEMPOTENCY.sweep(tx, now, BATCH),
        )

    return Sweeper(store, clock, settings.sweep_seconds, batch)
