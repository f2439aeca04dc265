"""What goes with a tenant: its clients, and their tokens."""

from datetime import datetime
from uuid import UUID

from kernel.storage import Write
from services.auth.oauth_clients import repository
from services.auth.oauth_clients.tenant_clients import remove

MOST_OF_TENANT = 500
"""As many clients as a setting lets a tenant have."""


async def erase_tenant_clients(tx: Write, tenant_id: UUID, now: datetime, limit: int) -> int:
    """Removes clients of a tenant and ends their tokens, `limit` at most; returns how many."""
    found = (await repository.of_tenant(tx, tenant_id, None, limit)).items
    for client in found:
        await remove(tx, client, now)
    return len(found)
