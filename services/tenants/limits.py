"""Whether a user may be in one more organization."""

from uuid import UUID

from kernel.errors import AccessTokenRevoked
from kernel.storage import Read
from services.tenants import repository
from services.tenants.errors import TenantLimitReached


async def check_tenant_limit(tx: Read, user_id: UUID, limit: int) -> None:
    """Raises `TenantLimitReached` if the user is in as many organizations as one may be.

    Raises `AccessTokenRevoked` if the user was deleted not long ago.
    """
    if await repository.is_deleted(tx, user_id):
        raise AccessTokenRevoked
    if await repository.organization_count(tx, user_id) >= limit:
        raise TenantLimitReached({"limit": str(limit)})
