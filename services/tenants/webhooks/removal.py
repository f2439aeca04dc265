"""What the end of entries of an audit log, and of an organization, means for its webhooks."""

from dataclasses import replace
from uuid import UUID

from kernel.storage import Write
from services.tenants.audit.repository import Removed
from services.tenants.webhooks import repository
from services.tenants.webhooks.model import Progress

_MOST_PER_TENANT = 1_000


async def count_lost(tx: Write, removed: Removed) -> None:
    """Counts the removed entries that each webhook of the tenant has not sent, and tells it of them.

    In the transaction that removes them. Failed deliveries go with their entries.
    """
    if removed.tenant_id is None or not removed.commits:
        return
    begin, end = repository.WEBHOOK_PROGRESS.range(removed.tenant_id)
    for _, value in await tx.get_range(begin, end, limit=_MOST_PER_TENANT):
        progress = repository.PROGRESS.parse(value)
        await _clear_failed(tx, progress, removed)
        lost = sum(commit > progress.position for commit in removed.commits)
        if lost:
            counted = replace(progress, lost_events=progress.lost_events + lost)
            await repository.PROGRESS.put(tx, counted)


async def clear_webhooks(tx: Write, tenant_id: UUID, limit: int) -> int:
    """Removes the webhooks of a deleted organization, `limit` rows at most of each kind.

    Returns `limit` if there may be more, else less.
    """
    if await repository.FAILED_DELIVERIES.clear_some(tx, tenant_id, limit=limit) == limit:
        return limit
    return max(
        await repository.WEBHOOKS.clear_some(tx, tenant_id, limit=limit),
        await repository.PROGRESS.clear_some(tx, tenant_id, limit=limit),
    )


async def _clear_failed(tx: Write, progress: Progress, removed: Removed) -> None:
    family = repository.FAILED_DELIVERY
    begin, end = family.range(progress.tenant_id, progress.webhook_id)
    gone = set(removed.commits)
    for _, value in await tx.get_range(begin, end, limit=_MOST_PER_TENANT):
        failed = repository.FAILED_DELIVERIES.parse(value)
        if failed.commit in gone:
            await repository.FAILED_DELIVERIES.clear(tx, failed)
