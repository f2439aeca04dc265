"""Outbox delivery of access revocations to auth and sessions, and how calls wait for auth."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from coditect.tenants.v5 import members_pb2, tenants_pb2
from kernel.errors import StorageConflict
from kernel.identity.callers import Caller, Role
from kernel.storage import Store
from services.tenants.app import build
from services.tenants.revocations import repository as revocations
from services.tenants.revocations.model import AccessRevocation
from services.tenants.settings import TenantsSettings
from tests.services.tenants.fakes import FakeServices
from tests.services.tenants.harness import TenantsHarness, call, make_settings
from tests.support.clock import FixedClock
from tests.support.eventually import eventually
from tests.support.ids import FixedIds
from tests.support.service import Service, serve
from tests.support.stubs import TenantsStub
from tests.support.tokens import User, somebody

DELIVERIES = ("deliver_token_revocations", "deliver_session_revocations")
"""The tasks of the app that deliver revocations."""
LONG, SHORT = 60.0, 0.1


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
        """Gives Bob a role, by default that of an admin."""
        request = members_pb2.UpdateMemberRequest(**self.target, role=role)
        await self.service.call(self.stub.UpdateMember, request, user=self.owner)

    async def remove(self) -> None:
        """Removes Bob."""
        request = members_pb2.RemoveMemberRequest(**self.target)
        await self.service.call(self.stub.RemoveMember, request, user=self.owner)

    async def suspend(self) -> None:
        """Suspends the organization."""
        request = tenants_pb2.UpdateTenantRequest(tenant_id=str(self.acme), state="suspended")
        await self.service.call(self.stub.UpdateTenant, request, user=self.owner)

    async def delete(self) -> None:
        """Deletes the organization."""
        request = tenants_pb2.DeleteTenantRequest(tenant_id=str(self.acme))
        await self.service.call(self.stub.DeleteTenant, request, user=self.owner)

    async def rename(self) -> None:
        """Renames the organization, which revokes no access."""
        request = tenants_pb2.UpdateTenantRequest(tenant_id=str(self.acme), name="New")
        await self.service.call(self.stub.UpdateTenant, request, user=self.owner)


@pytest.fixture
async def bob(harness: TenantsHarness, acme: UUID) -> Caller:
    """A member of Ada's organization."""
    return await harness.join(acme)


def settling(seconds: float, **environ: str) -> TenantsSettings:
    """Settings with which calls wait for a revocation so long, also longer than operators may choose."""
    return make_settings(**environ).model_copy(update={"settle_seconds": seconds})


@asynccontextmanager
async def delivering(
    harness: TenantsHarness, fakes: FakeServices, bob: Caller, settle: float
) -> AsyncIterator[Place]:
    """Runs tenants with the tasks that deliver revocations."""
    settings = settling(settle, AUTH_ADDRESS=fakes.address, SESSIONS_ADDRESS=fakes.address)
    app = build(settings, harness.store, harness.clock, FixedIds())
    (owner_id,) = await harness.owners(bob.tenant_id)
    owner = somebody(user_id=owner_id, tenant_id=bob.tenant_id)
    tasks = {name: app.tasks[name] for name in DELIVERIES}
    async with serve("tenants", app, settings, harness.clock, tasks=tasks) as service:
        yield Place(service, owner, bob, bob.tenant_id)


async def test_auth_and_sessions_receive_revocations(
    harness: TenantsHarness, fakes: FakeServices, bob: Caller
) -> None:
    """Sessions receives only those that end a membership or an organization."""
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
        await place.delete()
        assert fakes.revoked[-1] == deleted
        await eventually(lambda: fakes.ended == [removed, deleted])


@pytest.mark.parametrize(
    "revoke",
    [Place.promote, Place.remove, Place.suspend, Place.delete],
    ids=lambda call: call.__name__,
)
async def test_a_call_that_revokes_access_answers_after_auth_enforces_it(
    harness: TenantsHarness,
    fakes: FakeServices,
    bob: Caller,
    revoke: Callable[[Place], Coroutine[Any, Any, None]],
) -> None:
    """While auth has not confirmed the revocation, the call waits."""
    fakes.holds = asyncio.Event()
    async with delivering(harness, fakes, bob, LONG) as place:
        change = asyncio.create_task(revoke(place))
        done, _ = await asyncio.wait([change], timeout=0.2)
        assert (done, fakes.revoked) == (set(), [])
        fakes.holds.set()
        await change
        assert len(fakes.revoked) == 1


async def test_a_change_of_role_answers_in_time_although_auth_fails(
    harness: TenantsHarness, fakes: FakeServices, bob: Caller
) -> None:
    """The call waits for SETTLE_SECONDS, and auth receives the revocation later."""
    fakes.fails = StorageConflict()
    async with delivering(harness, fakes, bob, SHORT) as place:
        async with asyncio.timeout(30):
            await place.promote()
        assert len(await harness.token_revocations()) == 1
        assert fakes.revoked == []
        fakes.fails = None
        await eventually(lambda: len(fakes.revoked) == 1)


async def test_a_call_that_revokes_no_access_does_not_wait(
    harness: TenantsHarness, fakes: FakeServices, bob: Caller
) -> None:
    """It answers at once while another call waits for auth."""
    fakes.holds = asyncio.Event()
    async with delivering(harness, fakes, bob, LONG) as place:
        change = asyncio.create_task(place.promote())
        while not await harness.token_revocations():  # noqa: ASYNC110 - the store has no event for it
            await asyncio.sleep(0.005)
        async with asyncio.timeout(30):
            await place.rename()
            await place.promote()
        assert not change.done()
        fakes.holds.set()
        await change


@pytest.mark.parametrize("what", ["a role", "a tenant"])
async def test_an_idempotent_retry_waits_for_auth_as_well(
    store: Store, clock: FixedClock, ada: Caller, bob: Caller, what: str
) -> None:
    """The client cancels the first call and retries; the retry waits for the delivery."""
    harness = TenantsHarness(store, clock, settling(LONG))
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


async def test_another_process_delivers_what_is_still_queued(
    store: Store, clock: FixedClock, harness: TenantsHarness, fakes: FakeServices, bob: Caller
) -> None:
    """Auth and sessions are down at first and receive the revocations on their return."""
    await fakes.stop()
    async with delivering(harness, fakes, bob, 0.0) as place:
        await place.promote()
        await place.remove()
    assert (len(await harness.token_revocations()), len(await harness.session_revocations())) == (
        2,
        1,
    )
    other = TenantsHarness(store, clock, make_settings())
    async with delivering(other, fakes, bob, 0.0):
        await fakes.start()
        await eventually(lambda: len(fakes.revoked) == 2 and len(fakes.ended) == 1)
    assert {loss.tenant_epoch for loss in fakes.revoked} == {1, 2}


async def test_sessions_receives_revocations_while_auth_is_slow(
    harness: TenantsHarness, fakes: FakeServices, bob: Caller
) -> None:
    """Each of the two has its own outbox."""
    fakes.holds = asyncio.Event()
    async with delivering(harness, fakes, bob, 0.0) as place:
        await place.remove()
        await eventually(lambda: len(fakes.ended) == 1)
        assert fakes.revoked == []
        fakes.holds.set()
        await eventually(lambda: len(fakes.revoked) == 1)


async def test_revocations_are_delivered_in_order(
    harness: TenantsHarness, fakes: FakeServices, bob: Caller
) -> None:
    """Auth receives the epochs one to six, and the last is the tenant's."""
    async with delivering(harness, fakes, bob, LONG) as place:
        for number in range(6):
            await place.promote("member" if number % 2 else "admin")
        assert [loss.tenant_epoch for loss in fakes.revoked] == [1, 2, 3, 4, 5, 6]
        assert await harness.epoch(place.acme) == 6
        found = await harness.member(place.acme, bob.user_id)
        assert found is not None
        assert found.role == Role.MEMBER
