"""The subspace of tenants.

    ("tenants", "tenant", tenant_id)             TenantRecord
    ("tenants", "member", tenant_id, user_id)    MemberRecord
    ("tenants", "of_user", user_id, tenant_id)   empty
    ("tenants", "erased", user_id)               empty: the user is deleted, make nothing for it
    ("tenants", "erased_expiry", ...)            kernel.storage.expiry, of the rows above

Ids are UUIDs.
"""

from uuid import UUID

from kernel.storage import Subspace

TENANTS = Subspace(("tenants",))

TENANT = TENANTS["tenant"]
MEMBER = TENANTS["member"]
OF_USER = TENANTS["of_user"]
ERASED = TENANTS["erased"]
ERASED_EXPIRY = TENANTS["erased_expiry"]


def tenant(tenant_id: UUID) -> bytes:
    """The key of a tenant."""
    return TENANT.pack((tenant_id,))


def member(tenant_id: UUID, user_id: UUID) -> bytes:
    """The key of a membership."""
    return MEMBER.pack((tenant_id, user_id))


def of_user(user_id: UUID, tenant_id: UUID) -> bytes:
    """The key that finds a tenant of a user."""
    return OF_USER.pack((user_id, tenant_id))


def tenants_of_user(user_id: UUID) -> tuple[bytes, bytes]:
    """Begin and end of the rows that find the tenants of a user."""
    return OF_USER.range((user_id,))


def tenant_id_of(key: bytes) -> UUID:
    """The tenant that a row of a user finds."""
    tenant_id: UUID = OF_USER.unpack(key)[-1]
    return tenant_id


def erased(user_id: UUID) -> bytes:
    """The key that says that a user is deleted."""
    return ERASED.pack((user_id,))
