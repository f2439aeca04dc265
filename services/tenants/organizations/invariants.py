"""What always holds between the rows of deleted organizations."""

from collections.abc import Sequence
from uuid import UUID

from kernel.storage.recipes.invariants import Invariant, Row, agrees
from services.tenants.memberships import repository as memberships
from services.tenants.organizations import repository


def _rows_of_tenant(row: Row) -> list[bytes]:
    text: str = row.record.tenant_id
    if str(tenant_id := UUID(text)) != text:
        raise ValueError("Not the id of a tenant as it is written.")
    return [memberships.TENANT.key(tenant_id), memberships.DELETED_TENANT.key(tenant_id)]


def _is_cleared(_: Row, values: Sequence[bytes | None]) -> bool:
    return values == [None, None]


INVARIANTS: tuple[Invariant, ...] = (
    agrees(
        repository.TENANT_ERASURES.rows,
        "is no notice of a deleted organization",
        _rows_of_tenant,
        _is_cleared,
    ),
)
