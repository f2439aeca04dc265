"""Access revocations are delivered to auth and sessions before the caller has its answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from coditect.tenants.v5 import members_pb2, tenants_pb2
from kernel.errors import StorageConflict
from kernel.identity.callers import Caller, Role
from kernel.storage import Store
from services.tenants.app import build
from services.tenants.revocations import repository as revocations
from services.tenants.revocations.model import AccessRevocation
from tests.services.tenants.fakes import FakeServices
from tests.services.tenants.harness import TenantsHarness, call, make_settings
from tests.support.clock import FixedClock
from tests.support.eventually import eventually
from tests.support.ids import FixedIds
from tests.support.service import Service, serve
from tests.support.stubs import TenantsStub
from tests.support.tokens import User, somebody

DELIVERIES = ("deliver_token_revocations", "deliver_session_revocations")
"""The tasks of the outboxes among those of the app."""
LONG, SHORT = "5", "0.1"


class Place:
    """A running service that delivers revocations, and Ada's organization with Bob in it."""

    def __init__(self, service: Service, owner: User, bob: Caller, acme: UUID) -> None:
        self.service = service
        self.stub = service.stub(TenantsStub)
        self.owner = owner
        self.bob = bob
        self.acme = acme
        self.target = {"tenant_id": str(acme), "user_id": str(bob.user_id)}

    async def promote(self, role: str = "admin") -> None:
        """Gives Bob a role."""
        request = members_pb2.UpdateMemberRequest(**self.target, role=role)
        await self.service.call(self.stub.UpdateMember, request, user=self.owner)

    async def remove(self) -> None:
        """Removes Bob."""
        request = members_pb2.RemoveMemberRequest(**self.target)
        await self.service.call(self.stub.RemoveMember, request, user=self.owner)

    async def rename(self) -> None:
        """Does something by which nobody loses anything."""
        request = tenants_pb2.UpdateTenantRequest(tenant_id=str(self.acme), name="New")
        await self.service.call(self.stub.UpdateTenant, request, user=self.owner)


@pytest.fixture
async def bob(harness: TenantsHarness, acme: UUID) -> Caller:
    """A member of Ada's organization."""
    return await harness.join(acme)


@asynccontextmanager
async def delivering(
    harness: TenantsHarness, fakes: FakeServices, bob: Caller, settle: str
) -> AsyncIterator[Place]:
    """Runs tenants with the tasks that deliver revocations."""
    settings = make_settings(
        AUTH_ADDRESS=fakes.address, SESSIONS_ADDRESS=fakes.address, SETTLE_SECONDS=settle
    )
    app = build(settings, harness.store, harness.clock, FixedIds())
    (owner_id,) = await harness.owners(bob.tenant_id)
    owner = somebody(user_id=owner_id, tenant_id=bob.tenant_id)
    tasks = {name: app.tasks[name] for name in DELIVERIES}
    async with serve("tenants", app, settings, harness.clock, tasks=tasks) as service:
        yield Place(service, owner, bob, bob.tenant_id)


async def test_both_are_told(harness: TenantsHarness, fakes: FakeServices, bob: Caller) -> None:
    """With tenant, user and count; sessions of what ends only."""
    changed, removed = (
        AccessRevocation(bob.tenant_id, bob.user_id, 1),
        AccessRevocation(bob.tenant_id, bob.user_id, 2),
    )
    async with delivering(harness, fakes, bob, LONG) as place:
        await place.promote()
        assert (fakes.revoked, fakes.ended) == ([changed], [])
        await place.remove()
        assert fakes.revoked == [changed, removed]
        await eventually(lambda: fakes.ended == [removed])
        deleted = AccessRevocation(bob.tenant_id, None, 3)
        request = tenants_pb2.DeleteTenantRequest(tenant_id=str(place.acme))
        await place.service.call(place.stub.DeleteTenant, request, user=place.owner)
        assert fakes.revoked[-1] == deleted
        await eventually(lambda: fakes.ended == [removed, deleted])


async def test_the_answer_means_that_it_is_felt(
    harness: TenantsHarness, fakes: FakeServices, bob: Caller
) -> None:
    """It comes when auth has said so, and not before."""
    fakes.holds = asyncio.Event()
    async with delivering(harness, fakes, bob, LONG) as place:
        change = asyncio.create_task(place.promote())
        done, _ = await asyncio.wait([change], timeout=0.2)
        assert (done, fakes.revoked) == (set(), [])
        fakes.holds.set()
        await change
        assert len(fakes.revoked) == 1


async def test_an_answer_is_not_held_up_for_long(
    harness: TenantsHarness, fakes: FakeServices, bob: Caller
) -> None:
    """An auth that fails holds a change up for the time of the setting, and learns of it later."""
    fakes.fails = StorageConflict()
    async with delivering(harness, fakes, bob, SHORT) as place:
        async with asyncio.timeout(2):
            await place.promote()
        assert len(await harness.token_revocations()) == 1
        assert fakes.revoked == []
        fakes.fails = None
        await eventually(lambda: len(fakes.revoked) == 1)


async def test_what_costs_nobody_anything_waits_for_nothing(
    harness: TenantsHarness, fakes: FakeServices, bob: Caller
) -> None:
    """However much others still have to learn."""
    fakes.holds = asyncio.Event()
    async with delivering(harness, fakes, bob, LONG) as place:
        change = asyncio.create_task(place.promote())
        while not await harness.token_revocations():  # noqa: ASYNC110 - the store has no event for it
            await asyncio.sleep(0.005)
        async with asyncio.timeout(2):
            await place.rename()
            await place.promote()
        assert not change.done()
        fakes.holds.set()
        await change


@pytest.mark.parametrize("what", ["a role", "a tenant"])
async def test_a_repeat_waits_as_well(
    store: Store, clock: FixedClock, ada: Caller, bob: Caller, what: str
) -> None:
    """Whoever has given up waiting for the first answer asks again to have what it means."""
    harness = TenantsHarness(store, clock, make_settings(SETTLE_SECONDS=LONG))
    ours = call(ada, bob.tenant_id, key="key")

    async def change() -> None:
        if what == "a role":
            await harness.members.update(ours, bob.user_id, Role.ADMIN)
        else:
            await harness.organizations.delete(ours)

    async def take(_: bytes) -> None:
        assert first.cancelled() or first.done()

    first = asyncio.create_task(change())
    while not await harness.token_revocations():  # noqa: ASYNC110 - the store has no event for it
        await asyncio.sleep(0.005)
    first.cancel()
    repeat = asyncio.create_task(change())
    assert (await asyncio.wait([repeat], timeout=0.2))[0] == set()
    await revocations.TOKEN_REVOCATIONS.drain(store, take)
    await repeat


async def test_told_until_they_know(
    store: Store, clock: FixedClock, harness: TenantsHarness, fakes: FakeServices, bob: Caller
) -> None:
    """What happens while nobody listens is told when they are back, by whichever process."""
    await fakes.stop()
    async with delivering(harness, fakes, bob, "0") as place:
        await place.promote()
        await place.remove()
    assert (len(await harness.token_revocations()), len(await harness.session_revocations())) == (
        2,
        1,
    )
    other = TenantsHarness(store, clock, make_settings())
    async with delivering(other, fakes, bob, "0"):
        await fakes.start()
        await eventually(lambda: len(fakes.revoked) == 2 and len(fakes.ended) == 1)
    assert {loss.tenant_epoch for loss in fakes.revoked} == {1, 2}


async def test_one_who_is_away_keeps_nothing_from_the_other(
    harness: TenantsHarness, fakes: FakeServices, bob: Caller
) -> None:
    """Each has an outbox of its own."""
    fakes.holds = asyncio.Event()
    async with delivering(harness, fakes, bob, "0") as place:
        await place.remove()
        await eventually(lambda: len(fakes.ended) == 1)
        assert fakes.revoked == []
        fakes.holds.set()
        await eventually(lambda: len(fakes.revoked) == 1)


async def test_a_role_that_is_given_back_is_told_in_order(
    harness: TenantsHarness, fakes: FakeServices, bob: Caller
) -> None:
    """The last count that is told is the tenant's."""
    async with delivering(harness, fakes, bob, LONG) as place:
        for number in range(6):
            await place.promote("member" if number % 2 else "admin")
        assert [loss.tenant_epoch for loss in fakes.revoked] == [1, 2, 3, 4, 5, 6]
        assert await harness.epoch(place.acme) == 6
        found = await harness.member(place.acme, bob.user_id)
        assert found is not None
        assert found.role == Role.MEMBER
