"""The rows of tenants and memberships, and how they are written, read and cleared."""

from dataclasses import replace
from uuid import UUID, uuid4

from coditect.tenants.records.v1 import memberships_pb2
from kernel.identity.callers import Role
from kernel.storage import Read, Store, Write
from kernel.storage.recipes.paging import Page
from services.tenants import keys
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import Membership, Policy
from services.tenants.users import repository as users
from tests.support.clock import START

UNKNOWN = b"\xa2\x06\x05hello"  # field 100


async def put(store: Store, new: Membership) -> None:
    """Writes a tenant and its member in a transaction of their own."""

    async def write(tx: Write) -> None:
        await memberships.ALL_TENANTS.put(tx, new.tenant)
        await memberships.MEMBERS.put(tx, new.member)

    await store.write(write)


async def found(store: Store, tenant_id: UUID, user_id: UUID) -> Membership | None:
    """The membership, read in a transaction of its own."""
    return await store.read(lambda tx: memberships.membership(tx, tenant_id, user_id))


async def rows(store: Store) -> list[bytes]:
    """The keys of all rows of the context."""

    async def read(tx: Read) -> list[bytes]:
        return [key for key, _ in await tx.get_range(*keys.TENANTS.range(), limit=1000)]

    return await store.read(read)


async def test_a_stored_membership_is_read_back(store: Store) -> None:
    """All values come back, and only for its own user and tenant."""
    user_id = uuid4()
    new = Membership.self_tenant(user_id, START)
    await put(store, new)
    await put(store, Membership.self_tenant(uuid4(), START))
    assert await found(store, new.tenant.tenant_id, user_id) == new
    assert await found(store, new.tenant.tenant_id, uuid4()) is None
    assert await found(store, uuid4(), user_id) is None


async def test_a_self_tenant_has_three_rows(store: Store) -> None:
    """They are the three of the table in keys.py, even if it is written twice."""
    user_id = uuid4()
    new = Membership.self_tenant(user_id, START)
    tenant_id = new.tenant.tenant_id
    await put(store, new)
    await put(store, new)
    assert await rows(store) == sorted(
        [
            memberships.TENANT.key(tenant_id),
            memberships.MEMBER.key(tenant_id, user_id),
            memberships.MEMBER_BY_USER.key(user_id, tenant_id),
        ]
    )


async def test_clearing_a_self_tenant_removes_every_row(store: Store) -> None:
    """Neither the tenant nor its member leaves a row."""
    user_id = uuid4()
    new = Membership.self_tenant(user_id, START)
    await put(store, new)

    async def clear(tx: Write) -> None:
        await users.clear_self_tenant(tx, new)

    await store.write(clear)
    assert await rows(store) == []


def test_a_tenant_of_an_older_version_asks_for_nothing() -> None:
    """A record without a policy parses with one that asks for nothing."""
    record = memberships_pb2.TenantRecord(tenant_id=str(uuid4()), kind="organization")
    assert memberships.ALL_TENANTS.parse(record.SerializeToString()).policy == Policy()
    assert not Policy().second_factor_required


async def test_unknown_fields_of_records_survive(store: Store) -> None:
    """A write keeps the fields that a newer version has added to a record."""
    user_id = uuid4()
    new = Membership.self_tenant(user_id, START)
    of_both = [
        memberships.TENANT.key(new.tenant.tenant_id),
        memberships.MEMBER.key(new.tenant.tenant_id, user_id),
    ]
    await put(store, new)

    async def add_unknown(tx: Write) -> None:
        for key in of_both:
            tx.set(key, (await tx.get(key) or b"") + UNKNOWN)

    await store.write(add_unknown)
    changed = Membership(replace(new.tenant, name="Other"), replace(new.member, role=Role.ADMIN))
    await put(store, changed)
    assert await found(store, new.tenant.tenant_id, user_id) == changed
    for value in await store.read(lambda tx: tx.get_many(of_both)):
        assert value is not None
        assert UNKNOWN in value


async def test_the_tenants_of_a_user_are_read_in_pages(store: Store) -> None:
    """Pages follow the order of ids, and skip the memberships of other users."""
    user_id = uuid4()
    tenant_ids = sorted(uuid4() for _ in range(7))
    for tenant_id in tenant_ids:
        for member_id in (user_id, uuid4()):
            own = Membership.self_tenant(member_id, START)
            await put(
                store,
                Membership(
                    replace(own.tenant, tenant_id=tenant_id),
                    replace(own.member, tenant_id=tenant_id, role=Role.MEMBER),
                ),
            )
    seen: list[UUID] = []
    sizes: list[int] = []
    after: bytes | None = None
    while not sizes or after is not None:

        async def read(tx: Read, after: bytes | None = after) -> Page[Membership]:
            return await memberships.memberships(tx, user_id, after=after, limit=3)

        page = await store.read(read)
        seen += [membership.tenant.tenant_id for membership in page.items]
        sizes.append(len(page.items))
        after = page.last_key
    assert (seen, sizes) == (tenant_ids, [3, 3, 1])
