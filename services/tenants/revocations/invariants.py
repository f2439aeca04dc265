"""What always holds between the rows of access revocations."""

from collections.abc import Sequence
from uuid import UUID

from google.protobuf.message import DecodeError

from coditect.tenants.records.v1 import revocations_pb2
from kernel.storage import Read, counted
from kernel.storage.recipes.invariants import Invariant, Row, agrees
from services.tenants.revocations import repository

_NOTICES = 10_000  # looked through; with more of them, any row may be excused by one


async def not_excused_by_outbox(
    tx: Read,
    rows: Sequence[Row],
    tenants: Sequence[UUID],
    users: Sequence[UUID] | None = None,
) -> list[Row]:
    """Returns the rows that no pending notice of a removal or deletion explains.

    Args:
        tx: The transaction that has read the rows.
        rows: Rows of any context.
        tenants: The tenant of each row; a notice of its deletion excuses the row.
        users: The user of each row, if a notice of the removed membership excuses it too.
    """
    notices = await tx.get_range(
        *repository.SESSION_REVOCATIONS.rows.range(), limit=_NOTICES, reverse=True
    )
    if len(notices) == _NOTICES:
        return []
    removed = {_removed(value) for _, value in notices}
    whose: Sequence[UUID | None] = users or [None] * len(rows)
    return [
        row
        for row, tenant, user in zip(rows, tenants, whose, strict=True)
        if (str(tenant), "") not in removed and (str(tenant), str(user)) not in removed
    ]


def _removed(value: bytes) -> tuple[str, str]:
    try:
        record = revocations_pb2.AccessRevocationRecord.FromString(value)
    except DecodeError:  # reported where the notice itself is looked at
        return "", ""
    return record.tenant_id, record.user_id


def _epoch_of(row: Row) -> list[bytes]:
    record: revocations_pb2.AccessRevocationRecord = row.record
    tenant_id = UUID(record.tenant_id)
    ids = [record.tenant_id, record.user_id or record.tenant_id]
    if [str(UUID(one)) for one in ids] != ids or record.tenant_epoch < 1:
        raise ValueError("Not an access revocation.")
    return [repository.EPOCH.key(tenant_id)]


def _was_counted(row: Row, values: Sequence[bytes | None]) -> bool:
    (epoch,) = values  # none once a deleted organization is cleared out
    return epoch is None or row.record.tenant_epoch <= counted(epoch)


INVARIANTS: tuple[Invariant, ...] = tuple(
    agrees(outbox.rows, "is not an access revocation that was counted", _epoch_of, _was_counted)
    for outbox in (repository.TOKEN_REVOCATIONS, repository.SESSION_REVOCATIONS)
)
