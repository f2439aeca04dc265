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


async def test_pages_of_members(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """All members come in pages with role, address and name; those of no other tenant."""
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


async def test_self_tenant_is_there_at_first_touch(harness: TenantsHarness, ada: Caller) -> None:
    """A user who lists something of the self-tenant finds it made."""
    own = self_tenant_id(ada.user_id)
    assert (await harness.audit.list(call(ada, own), 10, "")).items == []
    assert (await harness.invitations.list(call(ada, own), 10, "")).items == []
    (member,) = (await harness.members.list(call(ada, own), 10, "")).items
    assert (member.user_id, member.role) == (ada.user_id, OWNER)


async def test_page_tokens_are_good_for_one_list(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A token is good for its caller, tenant and list only."""
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
    # who, whom, and to what
    (OWNER, OWNER, MEMBER), (OWNER, ADMIN, OWNER), (OWNER, MEMBER, OWNER), (OWNER, MEMBER, ADMIN),
    (ADMIN, ADMIN, MEMBER), (ADMIN, MEMBER, ADMIN), (ADMIN, MEMBER, MEMBER),
]  # fmt: skip


@pytest.mark.parametrize("who", [OWNER, ADMIN, MEMBER])
@pytest.mark.parametrize("whom", [OWNER, ADMIN, MEMBER])
@pytest.mark.parametrize("what", [OWNER, ADMIN, MEMBER])
async def test_roles(
    harness: TenantsHarness, acme: UUID, who: Role, whom: Role, what: Role
) -> None:
    """Nobody gives a role above its own, or takes one; a mere member gives none."""
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
async def test_removal(harness: TenantsHarness, acme: UUID, who: Role, whom: Role) -> None:
    """Admins remove those of no higher role; members nobody."""
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
async def test_leaving(harness: TenantsHarness, acme: UUID, role: Role) -> None:
    """Anybody may leave, and finds the tenant no more."""
    caller = await harness.join(acme, role)
    await harness.members.remove(call(caller, acme), caller.user_id)
    with pytest.raises(TenantNotFound):
        await harness.tenants.get(call(caller), acme)


async def test_last_owner_stays(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """The last owner neither leaves nor becomes less, however many others there are."""
    await harness.join(acme, ADMIN)
    with pytest.raises(LastOwner):
        await harness.members.remove(call(ada, acme), ada.user_id)
    for role in (ADMIN, MEMBER):
        with pytest.raises(LastOwner):
            await harness.members.update(call(ada, acme), ada.user_id, role)
    assert (await harness.members.update(call(ada, acme), ada.user_id, OWNER)).role == OWNER
    assert await harness.owners(acme) == [ada.user_id]


async def test_two_owners_at_once(harness: TenantsHarness, ada: Caller) -> None:
    """Of two owners who leave, step down or remove each other at once one stays: 100 times."""
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
    """A caller who is that user."""
    return Caller(user_id, like.tenant_id, OWNER, like.login_id, 0, 0)


async def test_no_such_member(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """Whoever is no member of this tenant cannot be touched in it, wherever else it is one."""
    elsewhere = await harness.join(await harness.found(ada))
    for user_id in (uuid4(), elsewhere.user_id):
        with pytest.raises(MemberNotFound):
            await harness.members.update(call(ada, acme), user_id, ADMIN)
        with pytest.raises(MemberNotFound):
            await harness.members.remove(call(ada, acme), user_id)


async def test_repeats(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """A repeat under the same key gets the first answer and does nothing."""
    bob = await harness.join(acme)
    ours = call(ada, acme)
    first = await harness.members.update(call(ada, acme, key="one"), bob.user_id, ADMIN)
    await harness.members.update(ours, bob.user_id, MEMBER)
    assert await harness.members.update(call(ada, acme, key="one"), bob.user_id, ADMIN) == first
    await harness.members.remove(call(ada, acme, key="two"), bob.user_id)
    await harness.members.remove(call(ada, acme, key="two"), bob.user_id)
    with pytest.raises(MemberNotFound):
        await harness.members.remove(ours, bob.user_id)


async def test_a_page_costs_the_same_among_many(
    store: Store, harness: TenantsHarness, ada: Caller
) -> None:
    """A page reads as many rows among thousands of members as among a hundred."""
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
