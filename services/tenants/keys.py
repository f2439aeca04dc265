"""The subspace of tenants: ("tenants", ...). Ids are UUIDs; docs/keyspace.md draws it."""

from uuid import UUID

from kernel.storage import Subspace
from kernel.storage.families import EMPTY, AnyFamily, Family, record, uuid
from kernel.storage.tombstones import Tombstones

TENANTS = Subspace(("tenants",))

TENANT = Family[UUID](
    TENANTS["tenant"],
    uuid("tenant_id"),
    value=record("coditect.tenants.records.v1.TenantRecord", 1_000),
    life="a self-tenant: as its user",
)
MEMBER = Family[UUID, UUID](
    TENANTS["member"],
    uuid("tenant_id"),
    uuid("user_id"),
    value=record("coditect.tenants.records.v1.MemberRecord", 120),
    life="as the tenant and the user",
)
OF_USER = Family[UUID, UUID](
    TENANTS["of_user"],
    uuid("user_id"),
    uuid("tenant_id"),
    value=EMPTY,
    life="as the membership",
    of=MEMBER,
)
ERASED = Tombstones(TENANTS["erased"], "user_id")
"""The users that are deleted: nothing is made for them."""

FAMILIES: tuple[AnyFamily, ...] = (TENANT, MEMBER, OF_USER, *ERASED.families)
