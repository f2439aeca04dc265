"""The proof of an address by a secret that another service has mailed."""

import asyncio
from uuid import uuid4

from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.users.model import User
from tests.services.auth.harness import (
    EMAIL,
    PASSWORD,
    AuthHarness,
    ensure_self_tenant,
)
from tests.support.clock import START, FixedClock

ADDRESS = EMAIL.lower()


async def read(harness: AuthHarness, user: User) -> User:
    """The user in the store."""
    return await harness.profile.of_user(user.user_id)


async def test_a_proof_is_kept_with_its_time(harness: AuthHarness, clock: FixedClock) -> None:
    """A repeat, also one at the same time, changes nothing; tenants is told once."""
    user = (await harness.register()).user
    assert not user.email_verified
    await asyncio.gather(*(harness.email_proof.prove(user.user_id, ADDRESS) for _ in range(5)))
    clock.advance(seconds=1)
    await harness.email_proof.prove(user.user_id, ADDRESS)
    proved = await read(harness, user)
    assert (proved.email_verify_time, proved.profile_revision) == (START, user.profile_revision)
    told = OutboxTask(TaskKind.UPDATE_PROFILE, user.user_id)
    assert await harness.tasks() == [ensure_self_tenant(user), told]


async def test_the_proof_of_another_address_proves_nothing(harness: AuthHarness) -> None:
    """The user may have another address by the time that the proof arrives."""
    user = (await harness.register()).user
    for address in ("other@example.com", "", EMAIL):  # the last one is not normalized
        await harness.email_proof.prove(user.user_id, address)
    assert not (await read(harness, user)).email_verified
    assert await harness.tasks() == [ensure_self_tenant(user)]


async def test_the_proof_of_a_deleted_user_proves_nothing(harness: AuthHarness) -> None:
    """It succeeds, or tenants would repeat it; the next account with the address is not proved."""
    first = await harness.register()
    await harness.deletion.delete(harness.call(first), PASSWORD)
    again = (await harness.register()).user
    for user_id in (first.user.user_id, uuid4()):
        await harness.email_proof.prove(user_id, ADDRESS)
    assert not (await read(harness, again)).email_verified
