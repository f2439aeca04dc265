"""The rules of members."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from kernel.errors import PageTokenInvalid, RoleMissing, TenantNotFound
from kernel.identity.callers import Caller, Role
from kernel.self_tenant import self_tenant_id
from kernel.storage import Store
from services.tenants.members.errors import LastOwner, MemberNotFound
from services.tenants.memberships.model import Member
from tests.services.tenants.harness import (
    TenantsHarness,
    call,
    outcomes,
    person,
    profile_of,
)
from tests.support.clock import START
from tests.support.store import CountedReads

OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER


async def test_members_are_listed_in_pages(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Pages show address, name and role, and no member of another organization."""
    joined = [await harness.join(acme) for _ in range(24)]
    await harness.join(await harness.found(person()))
    found: list[list[Member]] = []
    token = ""
    while not found or token:
        page = await harness.members.list(call(joined[0], acme), 10, token)
        found.append(page.items)
        token = page.next_page_token
    assert [len(page) for page in found] == [10, 10, 5]
    members = [member for page in found for member in page]
    assert [one.user_id for one in members] == sorted(one.user_id for one in (ada, *joined))
    assert all(one.profile == profile_of(one.user_id) for one in members)
    assert {one.user_id for one in members if one.role == OWNER} == {ada.user_id}


async def test_listing_creates_the_self_tenant(harness: TenantsHarness, ada: Caller) -> None:
    """Its user can list audit log, invitations and members before auth has ensured it."""
    own = self_tenant_id(ada.user_id)
    assert (await harness.audit.list(call(ada, own), 10, "")).items == []
    assert (await harness.invitations.list(call(ada, own), 10, "")).items == []
    (member,) = (await harness.members.list(call(ada, own), 10, "")).items
    assert (member.user_id, member.role) == (ada.user_id, OWNER)


async def test_a_page_token_works_only_for_its_caller_tenant_and_list(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The service refuses it from another member, in another tenant and for another list."""
    member = await harness.join(acme)
    other = await harness.found(ada)
    await harness.join(other)
    token = (await harness.members.list(call(ada, acme), 1, "")).next_page_token
    for theirs in (call(member, acme), call(ada, other)):
        with pytest.raises(PageTokenInvalid):
            await harness.members.list(theirs, 1, token)
    with pytest.raises(PageTokenInvalid):
        await harness.audit.list(call(ada, acme), 1, token)


MAY = [
    # the caller's role, the member's role, and the new role
    (OWNER, OWNER, MEMBER), (OWNER, ADMIN, OWNER), (OWNER, MEMBER, OWNER), (OWNER, MEMBER, ADMIN),
    (ADMIN, ADMIN, MEMBER), (ADMIN, MEMBER, ADMIN), (ADMIN, MEMBER, MEMBER),
]  # fmt: skip


@pytest.mark.parametrize("who", [OWNER, ADMIN, MEMBER])
@pytest.mark.parametrize("whom", [OWNER, ADMIN, MEMBER])
@pytest.mark.parametrize("what", [OWNER, ADMIN, MEMBER])
async def test_admins_and_owners_change_roles_up_to_their_own(
    harness: TenantsHarness, acme: UUID, who: Role, whom: Role, what: Role
) -> None:
    """They neither give nor take a higher role; a plain member changes no role."""
    caller, other = await harness.join(acme, who), await harness.join(acme, whom)
    change = harness.members.update(call(caller, acme, ADMIN), other.user_id, what)
    if who >= ADMIN and max(whom, what) <= who:
        assert (await change).role == what
    else:
        assert (who, whom, what) not in MAY
        with pytest.raises(RoleMissing):
            await change
    member = await harness.member(acme, other.user_id)
    assert member is not None
    assert (member.role == what) == (whom == what or (who >= ADMIN and max(whom, what) <= who))


@pytest.mark.parametrize("who", [OWNER, ADMIN, MEMBER])
@pytest.mark.parametrize("whom", [OWNER, ADMIN, MEMBER])
async def test_admins_and_owners_remove_members_up_to_their_own_role(
    harness: TenantsHarness, acme: UUID, who: Role, whom: Role
) -> None:
    """A removed member no longer finds the tenant; a plain member removes no other member."""
    caller, other = await harness.join(acme, who), await harness.join(acme, whom)
    removal = harness.members.remove(call(caller, acme), other.user_id)
    allowed = who >= ADMIN and whom <= who
    if allowed:
        await removal
        with pytest.raises(TenantNotFound):
            await harness.members.list(call(other, acme), 10, "")
    else:
        with pytest.raises(RoleMissing):
            await removal
    assert (await harness.member(acme, other.user_id) is None) == allowed


@pytest.mark.parametrize("role", [OWNER, ADMIN, MEMBER])
async def test_any_member_may_leave(harness: TenantsHarness, acme: UUID, role: Role) -> None:
    """Afterwards the member no longer finds the tenant."""
    caller = await harness.join(acme, role)
    await harness.members.remove(call(caller, acme), caller.user_id)
    with pytest.raises(TenantNotFound):
        await harness.tenants.get(call(caller), acme)


async def test_the_last_owner_can_neither_leave_nor_step_down(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The organization has an admin as well, but no other owner."""
    await harness.join(acme, ADMIN)
    with pytest.raises(LastOwner):
        await harness.members.remove(call(ada, acme), ada.user_id)
    for role in (ADMIN, MEMBER):
        with pytest.raises(LastOwner):
            await harness.members.update(call(ada, acme), ada.user_id, role)
    assert (await harness.members.update(call(ada, acme), ada.user_id, OWNER)).role == OWNER
    assert await harness.owners(acme) == [ada.user_id]


async def test_two_owners_acting_at_once_leave_one_owner(
    harness: TenantsHarness, ada: Caller
) -> None:
    """Each leaves or steps down, or removes or demotes the other: a hundred times."""
    for number in range(100):
        acme = await harness.found(person())
        (first,) = await harness.owners(acme)
        bob = await harness.join(acme, OWNER)
        ours, theirs = call(person_of(first, ada), acme), call(bob, acme)
        whom = [(first, bob.user_id), (bob.user_id, first)][number % 2]
        at_once: list[Any] = (
            [
                harness.members.remove(ours, whom[0]),
                harness.members.remove(theirs, whom[1]),
            ]
            if number % 4 < 2
            else [
                harness.members.update(ours, whom[0], MEMBER),
                harness.members.update(theirs, whom[1], ADMIN),
            ]
        )
        (refused,) = (reason for reason in await outcomes(*at_once) if reason)
        assert refused in {"LAST_OWNER", "ROLE_MISSING", "TENANT_NOT_FOUND"}
        assert len(await harness.owners(acme)) == 1


def person_of(user_id: UUID, like: Caller) -> Caller:
    """A caller with that user id."""
    return Caller(user_id, like.tenant_id, OWNER, like.login_id, 0, 0)


async def test_a_user_who_is_not_a_member_is_not_found(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A member of another organization is answered like an unknown user."""
    elsewhere = await harness.join(await harness.found(ada))
    for user_id in (uuid4(), elsewhere.user_id):
        with pytest.raises(MemberNotFound):
            await harness.members.update(call(ada, acme), user_id, ADMIN)
        with pytest.raises(MemberNotFound):
            await harness.members.remove(call(ada, acme), user_id)


async def test_an_idempotent_retry_returns_the_member_as_it_is(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A retry changes nothing, and a retried removal succeeds although the member is gone."""
    bob = await harness.join(acme)
    ours = call(ada, acme)
    first = await harness.members.update(call(ada, acme, key="one"), bob.user_id, ADMIN)
    assert await harness.members.update(call(ada, acme, key="one"), bob.user_id, ADMIN) == first
    changed = await harness.members.update(ours, bob.user_id, MEMBER)
    assert await harness.members.update(call(ada, acme, key="one"), bob.user_id, ADMIN) == changed
    page = await harness.members.list(ours, 10, "")
    assert [one.role for one in page.items if one.user_id == bob.user_id] == [MEMBER]
    await harness.members.remove(call(ada, acme, key="two"), bob.user_id)
    with pytest.raises(MemberNotFound):
        await harness.members.update(call(ada, acme, key="one"), bob.user_id, ADMIN)
    await harness.members.remove(call(ada, acme, key="two"), bob.user_id)
    with pytest.raises(MemberNotFound):
        await harness.members.remove(ours, bob.user_id)


async def test_the_cost_of_a_page_does_not_grow_with_the_organization(
    store: Store, harness: TenantsHarness, ada: Caller
) -> None:
    """A page reads the same number of rows among 3,000 members as among 100."""
    small, large = await harness.found(ada), await harness.found(ada)
    for tenant_id, count in ((small, 100), (large, 3_000)):
        some = [uuid4() for _ in range(count)]
        await asyncio.gather(
            *(
                harness.put(*(Member(tenant_id, one, MEMBER, START) for one in some[n : n + 500]))
                for n in range(0, count, 500)
            )
        )
    seen: list[int] = []
    for tenant_id in (small, large):
        counting = CountedReads(store)
        listing = TenantsHarness(counting, harness.clock, harness.settings).members
        token = (await listing.list(call(ada, tenant_id), 50, "")).next_page_token
        await listing.list(call(ada, tenant_id), 50, token)
        seen.append(counting.rows)
    assert seen == [2 * (51 + 2)] * 2
