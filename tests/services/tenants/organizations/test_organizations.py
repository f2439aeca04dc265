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
from kernel.identity.callers import Caller, Role
from kernel.storage import Store
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants import keys
from services.tenants.audit import repository as audit
from services.tenants.memberships.errors import (
    SelfTenantImmutable,
    TenantLimitReached,
    TenantNotActive,
)
from services.tenants.memberships.model import Act, Membership
from services.tenants.organizations.errors import SlugTaken
from services.tenants.organizations.model import TenantUpdate
from tests.services.tenants.harness import (
    ACT,
    DEVICE,
    TenantsHarness,
    act,
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
    made = await harness.organizations.create(ada, ACT, "Acme & Söhne", None)
    assert (made.tenant.name, made.tenant.slug) == ("Acme & Söhne", "acme-sohne")
    assert (made.tenant.kind, made.tenant.state) == ("organization", "active")
    assert (made.member.role, made.member.join_time) == (Role.OWNER, START)
    assert await harness.tenants.get(ada, made.tenant.tenant_id) == made
    assert made in (await harness.tenants.list(ada, 10, "")).memberships


async def test_repeat_makes_one(harness: TenantsHarness, ada: Caller) -> None:
    """A repeat under the same key gets the first answer; another request is refused."""
    first = await harness.organizations.create(ada, act("key"), "Acme", None)
    assert await harness.organizations.create(ada, act("key"), "Acme", None) == first
    other = act("key")
    assert other.replay is not None
    other = Act(DEVICE, replace(other.replay, digest=b"other"))
    with pytest.raises(IdempotencyKeyReused):
        await harness.organizations.create(ada, other, "Other", None)
    assert len((await harness.tenants.list(ada, 10, "")).memberships) == 2


async def test_slugs_are_unique(harness: TenantsHarness, ada: Caller) -> None:
    """A chosen slug is given once; one that is made gets a tail, and never fails."""
    await harness.organizations.create(ada, ACT, "One", "acme")
    with pytest.raises(SlugTaken):
        await harness.organizations.create(person(), ACT, "Two", "acme")
    made = await harness.organizations.create(person(), ACT, "Acme", None)
    assert made.tenant.slug == f"acme-{made.tenant.tenant_id.hex[:6]}"


async def test_one_slug_at_once(harness: TenantsHarness) -> None:
    """However many want a slug at once, one gets it: a hundred times."""
    for number in range(100):
        wanted = [
            harness.organizations.create(person(), ACT, "Acme", f"slug-{number}") for _ in range(4)
        ]
        assert await outcomes(*wanted) == ["", *["SLUG_TAKEN"] * 3]


async def test_slug_is_free_again(harness: TenantsHarness, ada: Caller) -> None:
    """With its organization a slug goes as well."""
    made = await harness.organizations.create(ada, ACT, "Acme", "acme")
    await harness.organizations.delete(call(ada, made.tenant.tenant_id), ACT)
    await harness.organizations.create(person(), ACT, "Acme", "acme")


async def test_limit_of_organizations(store: Store, clock: FixedClock) -> None:
    """A user is in no more than the limit, also at once; one that is left makes room."""
    harness = TenantsHarness(store, clock, make_settings(TENANTS_PER_USER="3"))
    for _ in range(20):
        ada = person()
        await harness.self_tenants.ensure(ada.user_id, START)
        wanted = [harness.organizations.create(ada, ACT, "Acme", None) for _ in range(5)]
        assert await outcomes(*wanted) == ["", "", "", *["TENANT_LIMIT_REACHED"] * 2]
        mine = (await harness.tenants.list(ada, 10, "")).memberships
        deleted = next(one.tenant.tenant_id for one in mine if one.tenant.kind == "organization")
        await harness.organizations.delete(call(ada, deleted), ACT)
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
    before = await harness.tenants.get(ada, acme)
    changed = await harness.organizations.update(call(ada, acme), ACT, TenantUpdate(name="New"))
    assert changed == Membership(replace(before.tenant, name="New"), before.member)
    assert await harness.tenants.get(ada, acme) == changed
    assert await harness.organizations.update(call(ada, acme), ACT, TenantUpdate()) == changed


async def test_state_is_for_owners(harness: TenantsHarness, acme: UUID) -> None:
    """An admin may rename and not what the contract keeps for owners."""
    admin = await harness.join(acme, Role.ADMIN)
    await harness.organizations.update(call(admin, acme, Role.ADMIN), ACT, TenantUpdate(name="New"))
    for changes in (SUSPEND, RESUME, TenantUpdate("Newer", "active")):
        with pytest.raises(RoleMissing):
            await harness.organizations.update(call(admin, acme, Role.OWNER), ACT, changes)


async def test_suspended_is_for_its_owners(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Owners read and resume; everything else, and everybody else, is refused."""
    admin, member = await harness.join(acme, Role.ADMIN), await harness.join(acme)
    assert (await harness.organizations.update(call(ada, acme), ACT, SUSPEND)).tenant.state == (
        "suspended"
    )
    assert (await harness.tenants.get(ada, acme)).tenant.state == "suspended"
    assert len((await harness.members.list(call(ada, acme), 10, "")).members) == 3
    assert await harness.noted(ada, acme)
    for caller in (admin, member):
        theirs = call(caller, acme)
        for refused in (
            harness.tenants.get(caller, acme),
            harness.members.list(theirs, 10, ""),
            harness.audit.list(theirs, 10, ""),
            harness.organizations.update(theirs, ACT, RESUME),
        ):
            with pytest.raises(TenantSuspended):
                await refused
    ours = call(ada, acme)
    for refused in (
        harness.organizations.update(ours, ACT, TenantUpdate(name="New")),
        harness.organizations.update(ours, ACT, SUSPEND),
        harness.members.remove(ours, ACT, member.user_id),
    ):
        with pytest.raises(TenantSuspended):
            await refused
    await harness.organizations.update(ours, ACT, RESUME)
    assert (await harness.tenants.get(member, acme)).tenant.state == "active"


async def test_suspended_is_deleted_by_its_owners(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Without a time in between in which everybody can work there again."""
    admin = await harness.join(acme, Role.ADMIN)
    await harness.organizations.update(call(ada, acme), ACT, SUSPEND)
    with pytest.raises(TenantSuspended):
        await harness.organizations.delete(call(admin, acme), ACT)
    await harness.organizations.delete(call(ada, acme), ACT)
    assert await harness.membership(acme, ada.user_id) is None


async def test_who_has_deleted_it_is_logged(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """By the process: the log of the organization goes with it."""
    last = person()
    other = await harness.found(last)
    with capture_logs() as logged:
        await harness.organizations.delete(call(ada, acme), ACT)
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
        harness.organizations.update(call(ada, own), ACT, TenantUpdate(name="New")),
        harness.organizations.update(call(ada, own), ACT, SUSPEND),
        harness.organizations.delete(call(ada, own), ACT),
        harness.members.remove(call(ada, own), ACT, ada.user_id),
        harness.members.update(call(ada, own), ACT, ada.user_id, Role.MEMBER),
    ):
        with pytest.raises(SelfTenantImmutable):
            await refused
    assert len((await harness.members.list(call(ada, own), 10, "")).members) == 1


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
        elsewhere = replace(call(caller, tenant_id), caller=replace(ada, user_id=caller.user_id))
        if error is TenantNotFound:
            elsewhere = call(caller, tenant_id)
        for refused in (
            harness.organizations.update(elsewhere, ACT, TenantUpdate(name="New")),
            harness.organizations.delete(elsewhere, ACT),
            harness.members.list(elsewhere, 10, ""),
            harness.members.remove(elsewhere, ACT, ada.user_id),
            harness.members.update(elsewhere, ACT, ada.user_id, Role.MEMBER),
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
    await harness.organizations.delete(call(ada, acme), ACT)
    for caller in (ada, members[7]):
        with pytest.raises(TenantNotFound):
            await harness.tenants.get(caller, acme)
        with pytest.raises(TenantNotFound):
            await harness.organizations.delete(call(caller, acme), ACT)
    assert len((await harness.tenants.list(ada, 10, "")).memberships) == 1
    await sweeper.sweep()
    left = await rows_between(store, *keys.TENANTS.range())
    assert [key for key, _ in left if acme.bytes in key] == [audit.AUDIT_BY_DAY.key(21916, acme)]
    assert (await harness.tenants.get(members[0], other)).member.role == Role.OWNER


async def test_two_delete_at_once(harness: TenantsHarness, ada: Caller) -> None:
    """One deletes, the other finds nothing: a hundred times."""
    for _ in range(100):
        acme = await harness.found(ada)
        deletes = [harness.organizations.delete(call(ada, acme), ACT) for _ in range(2)]
        assert await outcomes(*deletes) == ["", "TENANT_NOT_FOUND"]
