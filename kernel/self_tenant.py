"""The self-tenant, which every user has from the moment of registration.

All its data is derived from the user, so auth can issue tokens for it before the tenants service
knows the user.
"""

from uuid import NAMESPACE_OID, UUID, uuid5

NAME = "Personal"
KIND = "self"
ACTIVE = "active"


def self_tenant_id(user_id: UUID) -> UUID:
    """The id of a user's self-tenant.

    The specified formula: UUIDv5 of `self-tenant-{user_id}` in the OID namespace (RFC 9562).
    """
    return uuid5(NAMESPACE_OID, f"self-tenant-{user_id}")


def slug(tenant_id: UUID) -> str:
    """The slug of a self-tenant, for URLs."""
    return f"personal-{tenant_id.hex[:12]}"
