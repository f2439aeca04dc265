"""How it is stored that somebody has lost a standing, as in repository.py.

A standing is lost by another role, the end of a membership, and a change of the tenant's state: of
each of them a token may say more than is so. The tenant counts it, and others learn of it.
"""

from uuid import UUID

from coditect.tenants.records.v1 import records_pb2
from kernel.storage import Write, counted
from services.tenants import keys
from services.tenants.model import Loss


async def lose(tx: Write, tenant_id: UUID, user_id: UUID | None, *, ended: bool) -> None:
    """Has others learn, in the transaction that makes it so, that somebody lost a standing.

    Args:
        tx: The transaction.
        tenant_id: In which organisation.
        user_id: Who; None for everybody.
        ended: Whether the membership, or the tenant, is no more: then sessions end as well.
    """
    key = keys.EPOCH.key(tenant_id)
    # Read, so that of two who lose at once the store lets one go first.
    epoch = counted(await tx.get(key)) + 1
    tx.add(key, 1)
    record = records_pb2.StandingRecord(
        tenant_id=str(tenant_id),
        user_id="" if user_id is None else str(user_id),
        tenant_epoch=epoch,
    )
    keys.REVOCATIONS.put(tx, record.SerializeToString())
    if ended:
        keys.ENDINGS.put(tx, record.SerializeToString())


def parse_loss(value: bytes) -> Loss:
    """What others must learn, from either outbox."""
    record = records_pb2.StandingRecord.FromString(value)
    user_id = UUID(record.user_id) if record.user_id else None
    return Loss(UUID(record.tenant_id), user_id, record.tenant_epoch)
