"""What always holds between the rows of the audit log."""

from kernel.storage.recipes.invariants import Invariant, Row, is_there
from services.tenants.audit import repository
from services.tenants.audit.repository import parse_entry
from services.tenants.memberships.invariants import has_tenant


def _audit_of_users(row: Row) -> list[bytes]:
    users = parse_entry(row.value).users
    return [repository.AUDIT_BY_USER.key(user_id, row.elements[0]) for user_id in users]


INVARIANTS: tuple[Invariant, ...] = (
    has_tenant(repository.AUDIT),
    is_there(
        repository.AUDIT,
        "has no row of its day",
        lambda row: [
            repository.AUDIT_BY_DAY.key(repository.day_of_entry(row.record), row.elements[0])
        ],
    ),
    is_there(repository.AUDIT, "has no row that finds it from its users", _audit_of_users),
    is_there(
        repository.AUDIT_BY_USER,
        "has no row that finds it from the tenant",
        lambda row: [repository.AUDIT_USER.key(row.elements[1], row.elements[0])],
    ),
    has_tenant(repository.AUDIT_USER),
    is_there(
        repository.AUDIT_USER,
        "has no row that finds it from the user",
        lambda row: [repository.AUDIT_BY_USER.key(row.elements[1], row.elements[0])],
    ),
)
