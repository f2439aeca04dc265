"""The rules of organizations."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from kernel.errors import (
    AccessTokenRevoked,
    IdempotencyKeyReused,
    RoleMissing,
    TenantNotFound,
    TenantSuspended,
)
from kernel.identity.callers import Call, Caller, Role
from kernel.storage import Store
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants import keys
from services.tenants.audit import repository as audit
from services.tenants.memberships.errors import (
    SelfTenantImmutable,
    TenantLimitReached,
    TenantNotActive,
)
from services.tenants.memberships.model import Membership
from services.tenants.organizations.errors import SlugTaken
from services.tenants.organizations.model import TenantUpdate
from tests.services.tenants.harness import (
    TenantsHarness,
    call,
    make_settings,
    outcomes,
    person,
)
from tests.support.clock import START, FixedClock
from tests.support.store import rows_between

SUSPEND, RESUME = TenantUpdate(state="suspended"), TenantUpdate(state="active")


async def test_creator_becomes_owner(harness: TenantsHarness, ada: Caller) -> None:
    """The organization is there, active, with a slug of its name and one owner."""
    made = await harness.organizations.create(call(ada), "Acme & Söhne", None)
    assert (made.tenant.name, made.tenant.slug) == ("Acme & Söhne", "acme-sohne")
    assert (made.tenant.kind, made.tenant.state) == ("organization", "active")
    assert (made.member.role, made.member.join_time) == (Role.OWNER, START)
    assert await harness.tenants.get(call(ada), made.tenant.tenant_id) == made
    assert made in (await harness.tenants.list(call(ada), 10, "")).items


async def test_repeat_makes_one(harness: TenantsHarness, ada: Caller) -> None:
    """A repeat under the same key gets the first answer; another request is refused."""
    first = await harness.organizations.create(call(ada, key="key"), "Acme", None)
    assert await harness.organizations.create(call(ada, key="key"), "Acme", None) == first
    other = call(ada, key="key", digest=b"other")
    with pytest.raises(IdempotencyKeyReused):
        await harness.organizations.create(other, "Other", None)
    assert len((await harness.tenants.list(call(ada), 10, "")).items) == 2


async def test_slugs_are_unique(harness: TenantsHarness, ada: Caller) -> None:
    """A chosen slug is given once; one that is made gets a tail, and never fails."""
    await harness.organizations.create(call(ada), "One", "acme")
    with pytest.raises(SlugTaken):
        await harness.organizations.create(call(person()), "Two", "acme")
    made = await harness.organizations.create(call(person()), "Acme", None)
    assert made.tenant.slug == f"acme-{made.tenant.tenant_id.hex[:6]}"


async def test_one_slug_at_once(harness: TenantsHarness) -> None:
    """However many want a slug at once, one gets it: a hundred times."""
    for number in range(100):
        wanted = [
            harness.organizations.create(call(person()), "Acme", f"slug-{number}") for _ in range(4)
        ]
        assert await outcomes(*wanted) == ["", *["SLUG_TAKEN"] * 3]


async def test_slug_is_free_again(harness: TenantsHarness, ada: Caller) -> None:
    """With its organization a slug goes as well."""
    made = await harness.organizations.create(call(ada), "Acme", "acme")
    await harness.organizations.delete(call(ada, made.tenant.tenant_id))
    await harness.organizations.create(call(person()), "Acme", "acme")


async def test_limit_of_organizations(store: Store, clock: FixedClock) -> None:
    """A user is in no more than the limit, also at once; one that is left makes room."""
    harness = TenantsHarness(store, clock, make_settings(TENANTS_PER_USER="3"))
    for _ in range(20):
        ada = person()
        await harness.self_tenants.ensure(ada.user_id, START)
        wanted = [harness.organizations.create(call(ada), "Acme", None) for _ in range(5)]
        assert await outcomes(*wanted) == ["", "", "", *["TENANT_LIMIT_REACHED"] * 2]
        mine = (await harness.tenants.list(call(ada), 10, "")).items
        deleted = next(one.tenant.tenant_id for one in mine if one.tenant.kind == "organization")
        await harness.organizations.delete(call(ada, deleted))
        await harness.found(ada)
        with pytest.raises(TenantLimitReached) as error:
            await harness.found(ada)
        assert error.value.metadata == {"limit": "3"}


async def test_deleted_user_makes_none(harness: TenantsHarness, ada: Caller) -> None:
    """No late token makes anything."""
    await harness.erasure.erase(ada.user_id)
    with pytest.raises(AccessTokenRevoked):
        await harness.found(ada)


async def test_changes(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """What is given changes, and the slug never."""
    before = await harness.tenants.get(call(ada), acme)
    changed = await harness.organizations.update(call(ada, acme), TenantUpdate(name="New"))
    assert changed == Membership(replace(before.tenant, name="New"), before.member)
    assert await harness.tenants.get(call(ada), acme) == changed
    assert await harness.organizations.update(call(ada, acme), TenantUpdate()) == changed


async def test_state_is_for_owners(harness: TenantsHarness, acme: UUID) -> None:
    """An admin may rename and not what the contract keeps for owners."""
    admin = await harness.join(acme, Role.ADMIN)
    await harness.organizations.update(call(admin, acme, Role.ADMIN), TenantUpdate(name="New"))
    for changes in (SUSPEND, RESUME, TenantUpdate("Newer", "active")):
        with pytest.raises(RoleMissing):
            await harness.organizations.update(call(admin, acme, Role.OWNER), changes)


async def test_suspended_is_for_its_owners(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Owners read and resume; everything else, and everybody else, is refused."""
    admin, member = await harness.join(acme, Role.ADMIN), await harness.join(acme)
    assert (await harness.organizations.update(call(ada, acme), SUSPEND)).tenant.state == (
        "suspended"
    )
    assert (await harness.tenants.get(call(ada), acme)).tenant.state == "suspended"
    assert len((await harness.members.list(call(ada, acme), 10, "")).items) == 3
    assert await harness.noted(ada, acme)
    for caller in (admin, member):
        theirs = call(caller, acme)
        for refused in (
            harness.tenants.get(call(caller), acme),
            harness.members.list(theirs, 10, ""),
            harness.audit.list(theirs, 10, ""),
            harness.organizations.update(theirs, RESUME),
        ):
            with pytest.raises(TenantSuspended):
                await refused
    ours = call(ada, acme)
    for refused in (
        harness.organizations.update(ours, TenantUpdate(name="New")),
        harness.organizations.update(ours, SUSPEND),
        harness.members.remove(ours, member.user_id),
    ):
        with pytest.raises(TenantSuspended):
            await refused
    await harness.organizations.update(ours, RESUME)
    assert (await harness.tenants.get(call(member), acme)).tenant.state == "active"


async def test_suspended_is_deleted_by_its_owners(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Without a time in between in which everybody can work there again."""
    admin = await harness.join(acme, Role.ADMIN)
    await harness.organizations.update(call(ada, acme), SUSPEND)
    with pytest.raises(TenantSuspended):
        await harness.organizations.delete(call(admin, acme))
    await harness.organizations.delete(call(ada, acme))
    assert await harness.membership(acme, ada.user_id) is None


async def test_who_has_deleted_it_is_logged(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """By the process: the log of the organization goes with it."""
    last = person()
    other = await harness.found(last)
    with capture_logs() as logged:
        await harness.organizations.delete(call(ada, acme))
        await harness.erasure.erase(last.user_id)
    assert [{**line, "log_level": ""} for line in logged] == [
        {"event": "organization deleted", "log_level": "", "tenant_id": str(acme),
         "user_id": str(ada.user_id)},
        {"event": "organization deleted", "log_level": "", "tenant_id": str(other)},
    ]  # fmt: skip


async def test_self_tenant_stays_as_it_is(harness: TenantsHarness, ada: Caller) -> None:
    """A self-tenant is neither changed nor deleted."""
    own = (await harness.self_tenants.ensure(ada.user_id, START)).tenant.tenant_id
    for refused in (
        harness.organizations.update(call(ada, own), TenantUpdate(name="New")),
        harness.organizations.update(call(ada, own), SUSPEND),
        harness.organizations.delete(call(ada, own)),
        harness.members.remove(call(ada, own), ada.user_id),
        harness.members.update(call(ada, own), ada.user_id, Role.MEMBER),
    ):
        with pytest.raises(SelfTenantImmutable):
            await refused
    assert len((await harness.members.list(call(ada, own), 10, "")).items) == 1


async def test_strangers_and_those_who_are_elsewhere(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A stranger finds nothing, whatever its token says; a member must be active there."""
    stranger = person()
    other = await harness.found(ada, "Other")
    for caller, tenant_id, error in (
        (stranger, acme, TenantNotFound),
        (ada, uuid4(), TenantNotFound),
        (replace(ada, tenant_id=other), acme, TenantNotActive),
    ):
        active = error is TenantNotFound
        elsewhere = call(caller, tenant_id) if active else Call(caller, tenant_id=tenant_id)
        for refused in (
            harness.organizations.update(elsewhere, TenantUpdate(name="New")),
            harness.organizations.delete(elsewhere),
            harness.members.list(elsewhere, 10, ""),
            harness.members.remove(elsewhere, ada.user_id),
            harness.members.update(elsewhere, ada.user_id, Role.MEMBER),
            harness.audit.list(elsewhere, 10, ""),
        ):
            with pytest.raises(error):
                await refused


async def test_neither_token_nor_store_gives_more_than_the_other(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A lowered role counts at once; a raised one counts from the next token on."""
    member = await harness.join(acme)
    for theirs in (
        call(member, acme, Role.ADMIN, token=Role.OWNER),
        call(ada, acme, Role.ADMIN, token=Role.MEMBER),
    ):
        with pytest.raises(RoleMissing):
            await harness.audit.list(theirs, 10, "")


async def test_deleted_at_once_and_cleared_later(
    store: Store, harness: TenantsHarness, sweeper: Sweeper, ada: Caller, acme: UUID
) -> None:
    """Nobody finds a deleted organization; sweeps remove the rest, in pieces, and no other's."""
    members = [await harness.join(acme) for _ in range(250)]
    other = await harness.found(members[0], "Other")
    await harness.organizations.delete(call(ada, acme))
    for caller in (ada, members[7]):
        with pytest.raises(TenantNotFound):
            await harness.tenants.get(call(caller), acme)
        with pytest.raises(TenantNotFound):
            await harness.organizations.delete(call(caller, acme))
    assert len((await harness.tenants.list(call(ada), 10, "")).items) == 1
    await sweeper.sweep()
    left = await rows_between(store, *keys.TENANTS.range())
    assert [key for key, _ in left if acme.bytes in key] == [audit.AUDIT_BY_DAY.key(21916, acme)]
    assert (await harness.tenants.get(call(members[0]), other)).member.role == Role.OWNER


async def test_two_delete_at_once(harness: TenantsHarness, ada: Caller) -> None:
    """One deletes, the other finds nothing: a hundred times."""
    for _ in range(100):
        acme = await harness.found(ada)
        deletes = [harness.organizations.delete(call(ada, acme)) for _ in range(2)]
        assert await outcomes(*deletes) == ["", "TENANT_NOT_FOUND"]
