"""The delivery of what concerns proved addresses: told to auth, or asked of auth, until it answers."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from kernel.errors import StorageConflict
from kernel.identity.callers import Caller, Role
from kernel.storage import Store
from services.tenants.app import build
from services.tenants.invitations.model import NewInvitation
from tests.services.tenants.fakes import FakeServices
from tests.services.tenants.harness import TenantsHarness, call, make_settings, person, profile_of
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.service import Service, serve


@pytest.fixture
async def delivering(
    store: Store, clock: FixedClock, fakes: FakeServices
) -> AsyncIterator[Service]:
    """The running service, with the task that tells and asks auth."""
    settings = make_settings(AUTH_ADDRESS=fakes.address, SESSIONS_ADDRESS=fakes.address)
    app = build(settings, store, clock, FixedIds())
    tasks = {"deliver_email_proofs": app.tasks["deliver_email_proofs"]}
    async with serve("tenants", app, settings, clock, tasks=tasks) as service:
        yield service


async def delivered(harness: TenantsHarness) -> None:
    """Waits until no task is left."""
    async with asyncio.timeout(30):
        while await harness.email_proofs():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)


async def invite(harness: TenantsHarness, ada: Caller, acme: UUID, bob: Caller) -> NewInvitation:
    """An invitation of Bob's address, to be an admin."""
    email = profile_of(bob.user_id).email
    return await harness.invitations.create(call(ada, acme), email, Role.ADMIN)


@pytest.mark.usefixtures("delivering")
async def test_auth_learns_of_a_proof_although_it_was_down(
    harness: TenantsHarness, ada: Caller, acme: UUID, fakes: FakeServices
) -> None:
    """The proof is committed with the acceptance, and delivered when auth answers again."""
    bob = person()
    token = await harness.emailed_token(await invite(harness, ada, acme, bob))
    fakes.fails = StorageConflict()
    await harness.acceptance.accept(call(bob), token)
    await asyncio.sleep(0.1)
    assert (len(await harness.email_proofs()), fakes.proofs) == (1, [])
    fakes.fails = None
    await delivered(harness)
    assert fakes.proofs == [(bob.user_id, profile_of(bob.user_id).normalized_email)]


@pytest.mark.usefixtures("delivering")
@pytest.mark.parametrize("proved", [True, False])
async def test_a_proof_during_the_acceptance_is_not_lost(
    harness: TenantsHarness, ada: Caller, acme: UUID, fakes: FakeServices, *, proved: bool
) -> None:
    """Bob proves the address after the profile was read, and before the promise is there.

    What auth has sent then found no promise, so tenants asks. Without a proof the promise stays.
    """
    bob = person()
    made = await invite(harness, ada, acme, bob)
    if proved:
        fakes.proved.add(bob.user_id)
    await harness.acceptance.accept(call(bob), made.token)
    await delivered(harness)
    member = await harness.member(acme, bob.user_id)
    assert member is not None
    assert (member.role, member.promise is None) == (
        (Role.ADMIN, True) if proved else (Role.MEMBER, False)
    )
    assert fakes.proofs == []


@pytest.mark.usefixtures("delivering")
async def test_nothing_is_left_to_do_for_a_deleted_user(
    harness: TenantsHarness, ada: Caller, acme: UUID, fakes: FakeServices
) -> None:
    """Auth does not know the user any more; the task is done."""
    bob = person()
    made = await invite(harness, ada, acme, bob)
    fakes.unknown.add(bob.user_id)
    await harness.acceptance.accept(call(bob), made.token)
    await delivered(harness)
    assert (await harness.members.list(call(ada, acme), 10, "")).items
