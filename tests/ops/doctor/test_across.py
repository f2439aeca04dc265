"""What excuses a session that should have ended: that sessions has yet to learn of it."""

import asyncio
from dataclasses import replace
from typing import TypeVar

import pytest

from kernel.identity.callers import Role
from kernel.storage import Write
from services.sessions import keys as sessions
from services.tenants import keys as tenants
from services.tenants import revocation_repository
from services.tenants.model import AccessRevocation, Member
from tests.ops.doctor.world import DRAFT, World, findings
from tests.services.auth.parts import PASSWORD
from tests.services.tenants.parts import ACT, call, profile_of
from tests.support.clock import START
from tests.support.store import FarStore

T = TypeVar("T")

NO_MEMBERSHIP = "has no membership of its user, no task about the user and no pending revocation"
OUTLIVES = "is older than a tombstone, and has no pending revocation"


async def tell(world: World, *, of_member: bool = True) -> None:
    """Has sessions learn of what has ended, of the member or all but that; none is left to tell."""

    async def deliver(payload: bytes) -> None:
        loss: AccessRevocation = revocation_repository.parse_revocation(payload)
        if of_member or loss.user_id != world.member.user_id:
            await world.sessions.end(loss.tenant_id, loss.user_id, loss.tenant_epoch)

    assert (await tenants.SESSION_REVOCATIONS.drain(world.store, deliver))[1] == 0


async def found(world: World) -> set[str]:
    """What the doctor finds."""
    return {finding.text for finding in await findings(world.store)}


async def remove(world: World) -> None:
    """Removes the member, who is at work, from the organization."""
    admin = call(world.caller, world.acme_id)
    await world.organizations.members.remove(admin, ACT, world.member.user_id)


async def test_news_of_a_removal_excuse_until_they_are_told(world: World) -> None:
    """The sessions of who is no member any more are clean before, and there are none after."""
    await remove(world)
    assert await found(world) == set()
    await tell(world)
    assert await found(world) == set()


async def test_removal_that_sessions_never_learns_of(world: World) -> None:
    """Without news its sessions should not be there."""
    await remove(world)
    await tell(world, of_member=False)
    assert await found(world) == {NO_MEMBERSHIP}


async def test_news_of_a_deletion_excuse_until_they_are_told(world: World) -> None:
    """So it is with everybody's sessions in an organization that is deleted."""
    await world.organizations.organizations.delete(call(world.caller, world.acme_id), ACT)
    assert await found(world) == set()
    await tell(world)
    assert await found(world) == set()


@pytest.mark.parametrize("told", [False, True])
async def test_tasks_excuse_what_is_kept_of_the_deleted(world: World, told: bool) -> None:
    """The sessions, memberships and entries of who deletes the account are clean at any time."""
    await world.sessions.create(world.member, DRAFT, None)
    await world.auth.accounts.delete(world.member, PASSWORD)
    if told:
        await world.deliver()
    assert await found(world) == set()


async def test_end_that_is_not_finished(world: World) -> None:
    """It is known from its beginning on; what it has yet to end is excused while it is news."""
    await remove(world)

    async def begin(tx: Write) -> None:
        who = world.acme_id, world.member.user_id
        await sessions.REMOVED_MEMBERS.put(tx, *who, until=START, epoch=1_000)

    await world.store.write(begin)
    assert await found(world) == set()
    await tell(world, of_member=False)
    assert await found(world) == {NO_MEMBERSHIP, OUTLIVES}


async def test_comings_and_goings_make_no_false_alarm(world: World) -> None:
    """Whoever joins, works, is removed and joins again is never seen with half of it."""
    parts, acme_id, rounds, running = world.organizations, world.acme_id, 0, True

    async def traffic(number: int) -> None:
        nonlocal rounds
        user = world.auth.caller(await world.auth.register(f"{number}@Example.com"))
        profile = profile_of(user.user_id)
        while running:
            await parts.put(Member(acme_id, user.user_id, Role.MEMBER, START, profile))
            epoch = await parts.epoch(acme_id)
            caller = replace(user, tenant_id=acme_id, tenant_epoch=epoch)
            await world.sessions.create(caller, DRAFT, None)
            await parts.members.remove(call(world.caller, acme_id), ACT, user.user_id)
            await tell(world)
            rounds += 1

    tasks = [asyncio.create_task(traffic(number)) for number in range(3)]
    seen = [await findings(FarStore(world.store)) for _ in range(10)]
    enough, running = rounds > len(seen), False
    await asyncio.gather(*tasks)
    assert seen == [[]] * 10
    assert enough
