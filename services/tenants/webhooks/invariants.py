"""What always holds between the rows of webhooks."""

from kernel.storage.recipes.invariants import Invariant, is_there
from services.tenants.audit import repository as audit
from services.tenants.memberships.invariants import has_tenant
from services.tenants.webhooks import repository
from services.tenants.webhooks.repository import FAILED_DELIVERIES

INVARIANTS: tuple[Invariant, ...] = (
    has_tenant(repository.WEBHOOK),
    is_there(
        repository.WEBHOOK,
        "has no progress",
        lambda row: [repository.WEBHOOK_PROGRESS.key(*row.elements)],
    ),
    is_there(
        repository.WEBHOOK_PROGRESS,
        "has no webhook",
        lambda row: [repository.WEBHOOK.key(*row.elements)],
    ),
    is_there(
        repository.FAILED_DELIVERY,
        "has no webhook",
        lambda row: [repository.WEBHOOK.key(*row.elements[:2])],
    ),
    is_there(
        repository.FAILED_DELIVERY,
        "has no entry of the audit log",
        lambda row: [audit.entry_key(row.elements[0], FAILED_DELIVERIES.parse(row.value).commit)],
    ),
)
