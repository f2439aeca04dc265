"""How access revocations are stored: the epoch of a tenant, and notices for auth and sessions.

A changed role, the end of a membership and a change of the tenant's state revoke access. Each
increments the tenant's epoch and queues a notice.
"""

from uuid import UUID

from coditect.tenants.records.v1 import revocations_pb2
from kernel.storage import Write, counted
from kernel.storage.families import COUNTER, Family, record, uuid
from kernel.storage.recipes.outbox import Outbox
from services.tenants.keys import TENANTS
from services.tenants.revocations.model import AccessRevocation

# The number of access revocations in the tenant. A token contains the epoch at which its role was
# read; a self-tenant has no epoch.
EPOCH = Family[UUID](
    TENANTS["epoch"],
    uuid("tenant_id"),
    value=COUNTER,
    life="as the organization, from the first access revocation in it",
)
_REVOCATION = record("coditect.tenants.records.v1.AccessRevocationRecord", 100)
TOKEN_REVOCATIONS = Outbox(TENANTS["token_revocations"], _REVOCATION)
"""Notices for auth: reject the tokens."""
SESSION_REVOCATIONS = Outbox(TENANTS["session_revocations"], _REVOCATION)
"""Notices for sessions: end the sessions."""


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
    key = EPOCH.key(tenant_id)
    # Read, so that two concurrent revocations conflict and get different epochs.
    epoch = counted(await tx.get(key)) + 1
    tx.add(key, 1)
    record = revocations_pb2.AccessRevocationRecord(
        tenant_id=str(tenant_id),
        user_id="" if user_id is None else str(user_id),
        tenant_epoch=epoch,
    )
    TOKEN_REVOCATIONS.put(tx, record.SerializeToString())
    if end_sessions:
        SESSION_REVOCATIONS.put(tx, record.SerializeToString())


def parse_revocation(value: bytes) -> AccessRevocation:
    """Reads a notice from either outbox."""
    record = revocations_pb2.AccessRevocationRecord.FromString(value)
    user_id = UUID(record.user_id) if record.user_id else None
    return AccessRevocation(UUID(record.tenant_id), user_id, record.tenant_epoch)
