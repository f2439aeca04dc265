"""Whether a user may be in one more organization."""

from uuid import UUID

from kernel.errors import AccessTokenRevoked
from kernel.storage import Read
from services.tenants.memberships import repository
from services.tenants.memberships.errors import TenantLimitReached


async def check_tenant_limit(tx: Read, user_id: UUID, limit: int) -> None:
    """Raises `TenantLimitReached` if the user is in `limit` organizations.

    Raises `AccessTokenRevoked` if the user was deleted not long ago.
    """
    if await repository.is_deleted(tx, user_id):
        raise AccessTokenRevoked
    if await repository.organization_count(tx, user_id) >= limit:
        raise TenantLimitReached({"limit": str(limit)})
