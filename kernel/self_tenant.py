"""The self-tenant: what every user has from the first moment, known without asking anybody.

Everything about it is derived from the user, so auth can issue tokens for it before the tenants
service has heard of the user.
"""

from uuid import NAMESPACE_OID, UUID, uuid5

NAME = "Personal"
KIND = "self"
ACTIVE = "active"


def self_tenant_id(user_id: UUID) -> UUID:
    """The id of a user's own tenant.

    The formula is the report's: UUIDv5 of `self-tenant-{user_id}` in the OID namespace (RFC 9562).
    """
    return uuid5(NAMESPACE_OID, f"self-tenant-{user_id}")


def slug(tenant_id: UUID) -> str:
    """The name of a self-tenant in addresses."""
    return f"personal-{tenant_id.hex[:12]}"
