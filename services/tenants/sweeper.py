"""What expires in tenants: the memory of deleted users."""

from datetime import datetime

from kernel.clock import Clock
from kernel.storage import Store, Write
from kernel.storage.sweeping import BATCH, Sweeper
from services.tenants import keys
from services.tenants.settings import TenantsSettings


def sweeper(store: Store, clock: Clock, settings: TenantsSettings) -> Sweeper:
    """The sweeper of tenants."""

    async def batch(tx: Write, now: datetime) -> int:
        return await keys.ERASED.sweep(tx, now, BATCH)

    return Sweeper(store, clock, settings.sweep_seconds, batch)
