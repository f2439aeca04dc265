"""Whether a user may be in one more organisation."""

from uuid import UUID

from kernel.errors import AccessTokenRevoked
from kernel.storage import Read
from services.tenants import repository
from services.tenants.errors import TenantLimitReached


async def require_room(tx: Read, user_id: UUID, limit: int) -> None:
    """Raises `TenantLimitReached` if the user is in as many organisations as one may be.

    Raises `AccessTokenRevoked` if the user was deleted not long ago.
    """
    if await repository.is_erased(tx, user_id):
        raise AccessTokenRevoked
    if await repository.organisation_count(tx, user_id) >= limit:
        raise TenantLimitReached({"limit": str(limit)})
