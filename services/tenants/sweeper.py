"""Removes what has expired: invitations, idempotency keys, audit entries, tombstones, emails, counts.

Also the events that audit logs need not know again, and the rows that a deleted organization leaves behind.
"""

from datetime import datetime, timedelta

from kernel.clock import Clock
from kernel.storage import Store, Write
from kernel.storage.recipes.sweeping import BATCH, Sweeper
from services.tenants import keys
from services.tenants.audit import repository as audit
from services.tenants.invitations import repository as invitations
from services.tenants.memberships import repository as memberships
from services.tenants.organizations.purge import purge
from services.tenants.settings import TenantsSettings
from services.tenants.webhooks.removal import count_lost


def sweeper(store: Store, clock: Clock, settings: TenantsSettings) -> Sweeper:
    """The sweeper of tenants."""
    audit_life = timedelta(days=settings.audit_days)

    async def batch(tx: Write, now: datetime, settled: datetime) -> int:
        return max(
            await purge(tx, BATCH),
            await invitations.INVITATIONS.clear_expired(tx, now, BATCH),
            await invitations.EMAIL_QUOTA.sweep(tx, now, BATCH),
            await _clear_old_entries(tx, now - audit_life),
            # Early, it would let a repeat into a log.
            await audit.AUDIT_EVENTS.clear_expired(tx, settled, BATCH),
            await invitations.INVITATION_EMAILS.sweep(tx, now, BATCH),
            await keys.IDEMPOTENCY.sweep(tx, now, BATCH),
            await memberships.DELETED_USERS.sweep(tx, settled, BATCH),
        )

    return Sweeper(store, clock, settings.sweep_seconds, batch)


async def _clear_old_entries(tx: Write, before: datetime) -> int:
    """Removes old entries of an audit log; its webhooks count those that they have not sent."""
    removed = await audit.clear_old_entries(tx, before, BATCH)
    await count_lost(tx, removed)
    return 0 if removed.tenant_id is None else BATCH  # there may be another
