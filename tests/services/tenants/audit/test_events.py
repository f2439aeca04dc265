"""Events of other services in the audit log of an organization."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from kernel.identity.callers import Caller, Role
from kernel.identity.programs import NO_PROGRAM, Program
from kernel.self_tenant import self_tenant_id
from kernel.storage import Store
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.audit import repository as audit
from services.tenants.audit.model import NOWHERE, AuditEntry
from services.tenants.organizations.model import TenantUpdate
from tests.services.tenants.harness import DEVICE, TenantsHarness, call
from tests.support.clock import START, FixedClock
from tests.support.store import dump, rows_between
from tests.support.sweeping import sweep_settled


def event_of(caller: Caller) -> AuditEntry:
    """What a user has done in auth."""
    return AuditEntry(
        time=START,
        user_id=caller.user_id,
        login_id=caller.login_id,
        action="client.created",
        target=uuid4(),
        detail="",
        device=DEVICE,
        program=Program("coditect-cli", uuid4(), "reviewer"),
        target_name="Robot",
    )


async def test_an_event_stands_at_the_end_of_the_log(
    harness: TenantsHarness, ada: Caller, acme: UUID, clock: FixedClock
) -> None:
    """With the time at which it happened, however late it comes."""
    clock.advance(hours=1)
    await harness.organizations.update(call(ada, acme), TenantUpdate(name="New"))
    event = event_of(ada)
    await harness.audit_events.append(uuid4(), acme, event)
    last = (await harness.noted(ada, acme))[-2:]
    assert [one.action for one in last] == ["tenant.renamed", "client.created"]
    assert last[-1] == replace(event, log_time=clock.now())
    assert last[-1].time < last[0].time


@pytest.mark.parametrize("at_once", [False, True], ids=["one by one", "at once"])
async def test_an_event_is_added_once(
    harness: TenantsHarness, ada: Caller, acme: UUID, *, at_once: bool
) -> None:
    """However often it is delivered; another event with the same values is added, too."""
    event, ids = event_of(ada), (uuid4(), uuid4())
    calls = [harness.audit_events.append(one, acme, event) for one in ids for _ in range(4)]
    if at_once:
        await asyncio.gather(*calls)
    else:
        for each in calls:
            await each
    assert [one.action for one in await harness.noted(ada, acme)] == [
        "tenant.created", "client.created", "client.created",
    ]  # fmt: skip


async def test_a_repeat_is_known_for_30_days(
    store: Store,
    harness: TenantsHarness,
    ada: Caller,
    acme: UUID,
    sweeper: Sweeper,
    clock: FixedClock,
) -> None:
    """After that the sweeper removes what it was known by."""
    event_id, event = uuid4(), event_of(ada)
    await harness.audit_events.append(event_id, acme, event)
    clock.advance(days=30, seconds=-1)
    await sweep_settled(sweeper, clock)
    await harness.audit_events.append(event_id, acme, event)
    assert len(await harness.noted(ada, acme)) == 2
    await sweep_settled(sweeper, clock)
    assert await rows_between(store, *audit.AUDIT_EVENT.range()) == []


@pytest.mark.parametrize("tenant", ["deleted", "self", "unknown"])
async def test_an_event_of_a_tenant_without_a_log_is_dropped(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID, tenant: str
) -> None:
    """It is no error, or auth would deliver it for ever."""
    own = self_tenant_id(ada.user_id)
    await harness.self_tenants.ensure(ada.user_id, START)
    await harness.organizations.delete(call(ada, acme))
    before = await rows_between(store, *audit.AUDIT.range())
    tenant_id = {"deleted": acme, "self": own, "unknown": uuid4()}[tenant]
    await harness.audit_events.append(uuid4(), tenant_id, event_of(ada))
    assert await rows_between(store, *audit.AUDIT.range()) == before
    assert await rows_between(store, *audit.AUDIT_EVENT.range()) == []


async def test_a_suspended_organization_keeps_its_log(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """What was done before the suspension belongs there."""
    await harness.organizations.update(call(ada, acme), TenantUpdate(state="suspended"))
    await harness.audit_events.append(uuid4(), acme, event_of(ada))
    assert (await harness.noted(ada, acme))[-1].action == "client.created"


@pytest.mark.parametrize("first", ["the erasure", "the event"])
async def test_an_entry_forgets_a_deleted_user(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID, first: str
) -> None:
    """Whichever comes first: what was done stays, and no row names who did it."""
    bob = await harness.join(acme, Role.ADMIN)
    event = event_of(bob)
    if first == "the event":
        await harness.audit_events.append(uuid4(), acme, event)
    await harness.erasure.erase(bob.user_id)
    if first == "the erasure":
        await harness.audit_events.append(uuid4(), acme, event)
    found = next(one for one in await harness.noted(ada, acme) if one.target == event.target)
    assert (found.user_id, found.login_id, found.device) == (None, None, NOWHERE)
    assert (found.program, found.target_name) == (NO_PROGRAM, "Robot")
    assert await rows_between(store, *audit.AUDIT_BY_USER.range(bob.user_id)) == []
    assert str(bob.login_id).encode() not in await dump(store)


async def test_events_that_come_during_the_erasure_forget_the_user(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Each is added before the erasure goes through the log, or after the tombstone of the user."""
    bob = await harness.join(acme, Role.ADMIN)
    events = [harness.audit_events.append(uuid4(), acme, event_of(bob)) for _ in range(20)]
    await asyncio.gather(*events[:10], harness.erasure.erase(bob.user_id), *events[10:])
    actions = [one.action for one in await harness.noted(ada, acme)]
    assert actions.count("client.created") == 20
    assert await rows_between(store, *audit.AUDIT_BY_USER.range(bob.user_id)) == []
    assert str(bob.login_id).encode() not in await dump(store)


async def test_events_that_come_during_the_deletion_leave_no_entry(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID, sweeper: Sweeper
) -> None:
    """None is an error, and the sweeper finds all that were added."""
    events = [harness.audit_events.append(uuid4(), acme, event_of(ada)) for _ in range(20)]
    await asyncio.gather(*events[:10], harness.organizations.delete(call(ada, acme)), *events[10:])
    await sweeper.sweep()
    for family in (audit.AUDIT, audit.AUDIT_BY_USER, audit.AUDIT_USER):
        assert await rows_between(store, *family.range()) == []


async def test_the_export_of_a_user_has_the_events(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Those that the user caused, with device and program; not those of others."""
    bob = await harness.join(acme, Role.ADMIN)
    mine, others = event_of(bob), event_of(ada)
    for event in (mine, others):
        await harness.audit_events.append(uuid4(), acme, event)
    found: list[AuditEntry] = []
    token = ""
    while True:
        page = await harness.export.page(bob.user_id, token)
        found += page.page.entries
        token = page.next_page_token
        if not token:
            break
    assert found == [replace(mine, log_time=START)]


async def test_an_event_is_kept_from_the_time_at_which_it_came(
    store: Store,
    harness: TenantsHarness,
    ada: Caller,
    acme: UUID,
    sweeper: Sweeper,
    clock: FixedClock,
) -> None:
    """So the log is removed from its beginning, day by day."""
    clock.advance(days=3)
    await harness.audit_events.append(uuid4(), acme, event_of(ada))
    clock.advance(days=398)
    await sweeper.sweep()
    assert [one.action for one in await harness.noted(ada, acme)] == ["client.created"]
    clock.advance(days=3)
    await sweeper.sweep()
    assert await harness.noted(ada, acme) == []
    assert await rows_between(store, *audit.AUDIT_BY_DAY.range()) == []
