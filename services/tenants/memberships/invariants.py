"""What always holds between the rows of tenants and members."""

from collections.abc import Sequence

from google.protobuf.message import DecodeError

from coditect.tenants.records.v1 import memberships_pb2
from kernel.identity.callers import Role
from kernel.storage import Read
from kernel.storage.families import AnyFamily
from kernel.storage.recipes.invariants import Invariant, Row, agrees, is_sound, is_there
from services.tenants.memberships import repository
from services.tenants.memberships.model import ORGANIZATION, SUSPENDED
from services.tenants.revocations import repository as revocations

_MEMBERS = 10_000  # an owner is looked for among so many
_MEMBERS_AT_ONCE = 1_000


def is_owner(value: bytes) -> bool:
    """Whether a membership is an owner's. An unreadable one counts; it is reported elsewhere."""
    try:
        return memberships_pb2.MemberRecord.FromString(value).role == str(Role.OWNER)
    except DecodeError:  # found where the membership itself is looked at
        return True


async def _without_owner(tx: Read, rows: Sequence[Row]) -> list[Row]:
    ranges = [repository.MEMBER.range(*row.elements) for row in rows]
    begin, end = ranges[0][0], ranges[-1][1]
    # The tenants of a page are neighbours, and so are their members: one read shows nearly all.
    members = await tx.get_range(begin, end, limit=_MEMBERS_AT_ONCE)
    size = len(begin) - 1  # what all members of a tenant begin with is as long for every tenant
    owned = {key[:size] for key, value in members if is_owner(value)}
    return [
        row
        for row, (first, last) in zip(rows, ranges, strict=True)
        if first[:size] not in owned
        and not await _has_owner(tx, first, last)
        # What an operator has suspended is kept without members, too.
        and (not row.record.suspended_by_operator or await tx.get_range(first, last, limit=1))
    ]


async def _has_owner(tx: Read, begin: bytes, end: bytes) -> bool:
    for _ in range(0, _MEMBERS, _MEMBERS_AT_ONCE):
        rows = await tx.get_range(begin, end, limit=_MEMBERS_AT_ONCE)
        if any(is_owner(value) for _, value in rows):
            return True
        if len(rows) < _MEMBERS_AT_ONCE:
            return False
        begin = rows[-1][0] + b"\x00"
    return True


def has_tenant(family: AnyFamily) -> Invariant:
    """Every row of the family belongs to a tenant that is there, or deleted and being removed."""
    return agrees(family, "has no tenant", _tenant_or_deleted, _any)


def _tenant_or_deleted(row: Row) -> list[bytes]:
    return [repository.TENANT.key(row.elements[0]), repository.DELETED_TENANT.key(row.elements[0])]


def _any(_: Row, values: Sequence[bytes | None]) -> bool:
    return any(value is not None for value in values)


def _counts(_: Row, values: Sequence[bytes | None]) -> bool:
    tenant, deleted = values
    if tenant is None:
        return deleted is not None
    return memberships_pb2.TenantRecord.FromString(tenant).kind == ORGANIZATION


def _is_organization(row: Row) -> bool:
    return bool(row.record.kind == ORGANIZATION)


def _is_counted(row: Row) -> bool:
    """Whether a tenant has a count of its members: an organization, unless it may have lost the last one."""
    return _is_organization(row) and not row.record.suspended_by_operator


def _is_suspended(row: Row) -> bool:
    """Whether a tenant is suspended if an operator has suspended it."""
    return bool(row.record.state == SUSPENDED) or not row.record.suspended_by_operator


INVARIANTS: tuple[Invariant, ...] = (
    Invariant(repository.TENANT, "has no owner", _without_owner, page_rows=100),
    is_there(
        repository.TENANT,
        "has no count of its members",
        lambda row: [repository.MEMBER_COUNT.key(row.elements[0])] if _is_counted(row) else [],
    ),
    is_sound(repository.TENANT, "is active though an operator has suspended it", _is_suspended),
    agrees(revocations.EPOCH, "has no organization", _tenant_or_deleted, _counts),
    agrees(
        repository.DELETED_TENANT,
        "is there all the same",
        lambda row: [repository.TENANT.key(row.elements[0])],
        lambda _, values: values == [None],
    ),
    has_tenant(repository.MEMBER),
)
