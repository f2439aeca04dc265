"""The rules of organizations."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from kernel.errors import (
    AccessTokenRevoked,
    IdempotencyKeyReused,
    RoleMissing,
    TenantNotActive,
    TenantNotFound,
    TenantSuspended,
)
from kernel.identity.callers import Call, Caller, Role
from kernel.storage import Store
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants import keys
from services.tenants.audit import repository as audit
from services.tenants.memberships.errors import SelfTenantImmutable, TenantLimitReached
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


async def test_the_creator_of_an_organization_becomes_its_owner(
    harness: TenantsHarness, ada: Caller
) -> None:
    """The organization is active, and its slug is derived from its name."""
    made = await harness.organizations.create(call(ada), "Acme & Söhne", None)
    assert (made.tenant.name, made.tenant.slug) == ("Acme & Söhne", "acme-sohne")
    assert (made.tenant.kind, made.tenant.state) == ("organization", "active")
    assert (made.member.role, made.member.join_time) == (Role.OWNER, START)
    assert await harness.tenants.get(call(ada), made.tenant.tenant_id) == made
    assert made in (await harness.tenants.list(call(ada), 10, "")).items


async def test_an_idempotent_retry_creates_one_organization(
    harness: TenantsHarness, ada: Caller
) -> None:
    """A retry gets the first answer; another request under the same key is refused."""
    first = await harness.organizations.create(call(ada, key="key"), "Acme", None)
    assert await harness.organizations.create(call(ada, key="key"), "Acme", None) == first
    other = call(ada, key="key", digest=b"other")
    with pytest.raises(IdempotencyKeyReused):
        await harness.organizations.create(other, "Other", None)
    assert len((await harness.tenants.list(call(ada), 10, "")).items) == 2


async def test_slugs_are_unique(harness: TenantsHarness, ada: Caller) -> None:
    """A chosen slug is refused if it is taken; a derived slug gets a suffix."""
    await harness.organizations.create(call(ada), "One", "acme")
    with pytest.raises(SlugTaken):
        await harness.organizations.create(call(person()), "Two", "acme")
    made = await harness.organizations.create(call(person()), "Acme", None)
    assert made.tenant.slug == f"acme-{made.tenant.tenant_id.hex[:6]}"


async def test_concurrent_creations_use_a_slug_once(harness: TenantsHarness) -> None:
    """Of four organizations that choose one slug at once, one is created: a hundred times."""
    for number in range(100):
        wanted = [
            harness.organizations.create(call(person()), "Acme", f"slug-{number}") for _ in range(4)
        ]
        assert await outcomes(*wanted) == ["", *["SLUG_TAKEN"] * 3]


async def test_deleting_an_organization_frees_its_slug(
    harness: TenantsHarness, ada: Caller
) -> None:
    """Another user can choose it."""
    made = await harness.organizations.create(call(ada), "Acme", "acme")
    await harness.organizations.delete(call(ada, made.tenant.tenant_id))
    await harness.organizations.create(call(person()), "Acme", "acme")


async def test_the_number_of_organizations_per_user_is_limited(
    store: Store, clock: FixedClock
) -> None:
    """The limit holds under concurrency; deleting an organization makes room for another."""
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


async def test_a_deleted_user_cannot_create_an_organization(
    harness: TenantsHarness, ada: Caller
) -> None:
    """The service refuses the access token of a deleted user as revoked."""
    await harness.erasure.erase(ada.user_id)
    with pytest.raises(AccessTokenRevoked):
        await harness.found(ada)


async def test_an_update_changes_only_the_given_fields(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A new name leaves the slug; an empty update changes nothing."""
    before = await harness.tenants.get(call(ada), acme)
    changed = await harness.organizations.update(call(ada, acme), TenantUpdate(name="New"))
    assert changed == Membership(replace(before.tenant, name="New"), before.member)
    assert await harness.tenants.get(call(ada), acme) == changed
    assert await harness.organizations.update(call(ada, acme), TenantUpdate()) == changed


async def test_only_owners_change_the_state(harness: TenantsHarness, acme: UUID) -> None:
    """An admin may rename, but a call that requires an owner is refused."""
    admin = await harness.join(acme, Role.ADMIN)
    await harness.organizations.update(call(admin, acme, Role.ADMIN), TenantUpdate(name="New"))
    for changes in (SUSPEND, RESUME, TenantUpdate("Newer", "active")):
        with pytest.raises(RoleMissing):
            await harness.organizations.update(call(admin, acme, Role.OWNER), changes)


async def test_owners_may_read_and_resume_a_suspended_organization(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """They cannot rename it or remove members; all calls by admins and members are refused."""
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


async def test_an_owner_deletes_a_suspended_organization(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The owner need not resume it first; an admin is refused."""
    admin = await harness.join(acme, Role.ADMIN)
    await harness.organizations.update(call(ada, acme), SUSPEND)
    with pytest.raises(TenantSuspended):
        await harness.organizations.delete(call(admin, acme))
    await harness.organizations.delete(call(ada, acme))
    assert await harness.membership(acme, ada.user_id) is None


async def test_the_process_logs_the_deletion_of_an_organization(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The audit log goes with the organization. After an erasure no user is named."""
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


async def test_a_self_tenant_can_be_neither_changed_nor_deleted(
    harness: TenantsHarness, ada: Caller
) -> None:
    """Its user can neither leave it nor change roles in it."""
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


async def test_calls_require_a_membership_in_the_active_tenant(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A user who is not a member finds no tenant; a member needs a token for it."""
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


async def test_the_lower_of_the_roles_in_token_and_store_counts(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A demotion counts at once; a promotion counts from the next token on."""
    member = await harness.join(acme)
    for theirs in (
        call(member, acme, Role.ADMIN, token=Role.OWNER),
        call(ada, acme, Role.ADMIN, token=Role.MEMBER),
    ):
        with pytest.raises(RoleMissing):
            await harness.audit.list(theirs, 10, "")


async def test_a_deleted_organization_is_gone_at_once_and_swept_later(
    store: Store, harness: TenantsHarness, sweeper: Sweeper, ada: Caller, acme: UUID
) -> None:
    """Its members do not find it. The sweeper removes its rows, and no other organization's."""
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


async def test_concurrent_deletions_delete_once(harness: TenantsHarness, ada: Caller) -> None:
    """One call deletes, and the other finds no tenant: a hundred times."""
    for _ in range(100):
        acme = await harness.found(ada)
        deletes = [harness.organizations.delete(call(ada, acme)) for _ in range(2)]
        assert await outcomes(*deletes) == ["", "TENANT_NOT_FOUND"]
