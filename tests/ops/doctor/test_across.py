"""The doctor excuses a session that should have ended while its end is still undelivered."""

import asyncio
from dataclasses import replace
from typing import TypeVar

import pytest

from kernel.identity.callers import Call, Role
from kernel.storage import Write
from services.sessions import keys as sessions
from services.tenants.memberships.model import Member
from services.tenants.revocations import repository as revocations
from services.tenants.revocations.model import AccessRevocation
from tests.ops.doctor.environment import DRAFT, Environment, findings
from tests.services.auth.harness import PASSWORD
from tests.services.tenants.harness import call, profile_of
from tests.support.clock import START
from tests.support.store import FarStore

T = TypeVar("T")

NO_MEMBERSHIP = "has no membership of its user, no task about the user and no pending revocation"
OUTLIVES = "is older than a tombstone, and has no pending revocation"


async def deliver_session_ends(environment: Environment, *, of_member: bool = True) -> None:
    """Delivers tenants' session ends; without `of_member`, loses the one of the member."""

    async def deliver(payload: bytes) -> None:
        revocation: AccessRevocation = revocations.parse_revocation(payload)
        if of_member or revocation.user_id != environment.member.user_id:
            await environment.sessions.end(
                revocation.tenant_id, revocation.user_id, revocation.tenant_epoch
            )

    assert (await revocations.SESSION_REVOCATIONS.drain(environment.store, deliver))[1] == 0


async def found(environment: Environment) -> set[str]:
    """The texts of the doctor's findings."""
    return {finding.text for finding in await findings(environment.store)}


async def remove(environment: Environment) -> None:
    """Removes the member with sessions from the organization."""
    admin = call(environment.caller, environment.acme_id)
    await environment.organizations.members.remove(admin, environment.member.user_id)


async def test_pending_removal_excuses_sessions(environment: Environment) -> None:
    """Sessions of a removed member are excused before delivery, and gone afterwards."""
    await remove(environment)
    assert await found(environment) == set()
    await deliver_session_ends(environment)
    assert await found(environment) == set()


async def test_an_undelivered_removal_is_a_finding(environment: Environment) -> None:
    """The doctor reports a removed member's sessions if the end was lost before delivery."""
    await remove(environment)
    await deliver_session_ends(environment, of_member=False)
    assert await found(environment) == {NO_MEMBERSHIP}


async def test_pending_deletion_excuses_sessions(environment: Environment) -> None:
    """Sessions in a deleted organization are excused before delivery, and gone afterwards."""
    await environment.organizations.organizations.delete(
        call(environment.caller, environment.acme_id)
    )
    assert await found(environment) == set()
    await deliver_session_ends(environment)
    assert await found(environment) == set()


@pytest.mark.parametrize("delivered", [False, True])
async def test_pending_erasure_excuses_rows(environment: Environment, delivered: bool) -> None:
    """Rows of a user who deletes the account are excused before delivery, and gone afterwards."""
    await environment.sessions.create(Call(environment.member), DRAFT)
    await environment.auth.deletion.delete(Call(environment.member), PASSWORD)
    if delivered:
        await environment.deliver()
    assert await found(environment) == set()


async def test_an_unfinished_end_of_sessions(environment: Environment) -> None:
    """The doctor excuses older sessions while their end is pending, and reports them afterwards."""
    await remove(environment)

    async def begin(tx: Write) -> None:
        who = environment.acme_id, environment.member.user_id
        await sessions.REMOVED_MEMBERS.put(tx, *who, until=START, epoch=1_000)

    await environment.store.write(begin)
    assert await found(environment) == set()
    await deliver_session_ends(environment, of_member=False)
    assert await found(environment) == {NO_MEMBERSHIP, OUTLIVES}


async def test_membership_changes_make_no_false_alarm(environment: Environment) -> None:
    """The doctor finds nothing while members join, create sessions and are removed."""
    parts, acme_id, rounds, running = environment.organizations, environment.acme_id, 0, True

    async def traffic(number: int) -> None:
        nonlocal rounds
        user = environment.auth.caller(await environment.auth.register(f"{number}@Example.com"))
        profile = profile_of(user.user_id)
        while running:
            await parts.put(Member(acme_id, user.user_id, Role.MEMBER, START, profile))
            epoch = await parts.epoch(acme_id)
            caller = replace(user, tenant_id=acme_id, tenant_epoch=epoch)
            await environment.sessions.create(Call(caller), DRAFT)
            await parts.members.remove(call(environment.caller, acme_id), user.user_id)
            await deliver_session_ends(environment)
            rounds += 1

    tasks = [asyncio.create_task(traffic(number)) for number in range(3)]
    seen = [await findings(FarStore(environment.store)) for _ in range(10)]
    enough, running = rounds > len(seen), False
    await asyncio.gather(*tasks)
    assert seen == [[]] * 10
    assert enough
