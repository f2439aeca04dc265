"""Access revocations: a member can do less than a token says.

Another role, the end of a membership and a change of the tenant's state revoke access. Each counts
the tenant's epoch on and queues a notice for auth and sessions.
"""

from uuid import UUID

from coditect.tenants.records.v1 import revocations_pb2
from kernel.storage import Write, counted
from services.tenants import keys
from services.tenants.model import AccessRevocation


async def revoke_access(
    tx: Write, tenant_id: UUID, user_id: UUID | None, *, end_sessions: bool
) -> None:
    """Queues the revocation for auth and sessions in the same transaction.

    Args:
        tx: The transaction.
        tenant_id: The organization.
        user_id: The member; None for all members.
        end_sessions: Whether sessions end too: the membership or the tenant has ended.
    """
    key = keys.EPOCH.key(tenant_id)
    # Read, so that two revocations at once conflict and get different epochs.
    epoch = counted(await tx.get(key)) + 1
    tx.add(key, 1)
    record = revocations_pb2.AccessRevocationRecord(
        tenant_id=str(tenant_id),
        user_id="" if user_id is None else str(user_id),
        tenant_epoch=epoch,
    )
    keys.TOKEN_REVOCATIONS.put(tx, record.SerializeToString())
    if end_sessions:
        keys.SESSION_REVOCATIONS.put(tx, record.SerializeToString())


def parse_revocation(value: bytes) -> AccessRevocation:
    """Reads a notice from either outbox."""
    record = revocations_pb2.AccessRevocationRecord.FromString(value)
    user_id = UUID(record.user_id) if record.user_id else None
    return AccessRevocation(UUID(record.tenant_id), user_id, record.tenant_epoch)
