"""Events that a worker sends: in order, at least once, and none is left out."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from kernel.identity.callers import Caller, Role
from kernel.storage import Write
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.audit.repository import AUDIT_CHANGED
from services.tenants.organizations.model import TenantUpdate
from services.tenants.webhooks.deliverer import LEASE
from services.tenants.webhooks.model import WebhookUpdate
from services.tenants.webhooks.progress import Retries
from services.tenants.webhooks.replay import Wanted
from tests.services.tenants.harness import TenantsHarness, call
from tests.services.tenants.webhooks.harness import (
    create,
    failures,
    happen,
    state,
    until_disabled,
    until_idle,
    until_waiting,
    working,
)
from tests.support.clock import FixedClock
from tests.support.eventually import eventually
from tests.support.receiver import Receiver

CREATED = "webhook.created"
RENAMED = "tenant.renamed"
HOUR = Retries(timedelta(hours=1))


async def test_events_arrive_in_order_and_once(
    harness: TenantsHarness, ada: Caller, acme: UUID, receiver: Receiver
) -> None:
    """From the making of the webhook on; what came before it is not sent."""
    await happen(harness, acme, "before")
    made = await create(harness, ada, acme, receiver.url)
    details = [str(number) for number in range(30)]
    async with working(harness) as running:
        await happen(harness, acme, *details)
        await receiver.has(CREATED, *[RENAMED] * 30)
        await until_idle(harness, made)
    assert receiver.details[1:] == details
    assert running.counts == {"done": 31}
    found = (await state(harness, made)).progress
    assert (found.due_time, found.lease, found.last_status) == (None, b"", 204)


async def test_the_body_is_the_event_of_the_list(
    harness: TenantsHarness, ada: Caller, acme: UUID, receiver: Receiver
) -> None:
    """A program takes the same JSON from a webhook and from the list of events."""
    await create(harness, ada, acme, receiver.url)
    async with working(harness):
        await receiver.has(CREATED)
    (got,) = receiver.got
    listed = await harness.events.list(call(ada, acme, Role.ADMIN), 10, "")
    entry = listed.entries[-1]
    assert got.event["eventId"] == str(entry.event_id) == got.headers["webhook-id"]
    assert (got.event["tenantId"], got.event["type"]) == (str(acme), CREATED)
    assert got.event["timestamp"] == "2030-01-02T03:04:05Z"
    assert got.event["data"]["targetName"] == "Hook"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"


async def test_a_receiver_that_is_down_for_an_hour(
    harness: TenantsHarness, ada: Caller, acme: UUID, receiver: Receiver, clock: FixedClock
) -> None:
    """Every event arrives in order when it is up again, and the delays have grown meanwhile."""
    made = await create(harness, ada, acme, receiver.url)
    await receiver.stop()
    async with working(harness) as running:
        await happen(harness, acme, "1", "2", "3")
        down, attempts = timedelta(), 0
        while down < timedelta(hours=1):
            attempts += 1
            await until_waiting(harness, made, attempts)
            due = (await state(harness, made)).progress.due_time
            assert due is not None
            step = due - clock.now()
            down += step
            clock.advance(seconds=step.total_seconds())
        assert attempts in range(9, 12)
        await until_waiting(harness, made, attempts + 1)
        await receiver.start()
        clock.advance(hours=3)
        await receiver.has(CREATED, RENAMED, RENAMED, RENAMED)
        await until_idle(harness, made)
    assert receiver.details[1:] == ["1", "2", "3"]
    assert running.counts["given_up"] == 0
    assert len(set(receiver.ids)) == 4


async def test_an_answer_of_500_is_tried_again(
    harness: TenantsHarness, ada: Caller, acme: UUID, receiver: Receiver, clock: FixedClock
) -> None:
    """With the same id, another time of sending and a valid signature; later events wait."""
    receiver.statuses = [500, 302, 204]
    made = await create(harness, ada, acme, receiver.url)
    async with working(harness):
        await happen(harness, acme, "1")
        for attempts in (1, 2):
            await until_waiting(harness, made, attempts)
            clock.advance(minutes=1)
        await receiver.has(CREATED, RENAMED)
        await until_idle(harness, made)
    first, second, third, _ = receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == third.body
    sent = [int(one.headers["webhook-timestamp"]) for one in receiver.got]
    assert [later - sent[0] for later in sent] == [0, 60, 120, 120]
    assert (await state(harness, made)).progress.failing_since_time is None


@pytest.mark.parametrize("trouble", ["cut", "endless"])
async def test_answers_that_break_off_or_never_end(
    trouble: str,
    harness: TenantsHarness,
    ada: Caller,
    acme: UUID,
    receiver: Receiver,
    clock: FixedClock,
) -> None:
    """Without a status the event is sent again; a body does not count, and is not waited for."""
    setattr(receiver, trouble, True)
    made = await create(harness, ada, acme, receiver.url)
    async with working(harness):
        if trouble == "cut":
            await until_waiting(harness, made, 1)
            assert (await state(harness, made)).progress.last_status == 0
            receiver.cut = False
            clock.advance(minutes=1)
        await receiver.has(CREATED)


async def test_an_event_that_is_refused_for_long_is_given_up(
    harness: TenantsHarness, ada: Caller, acme: UUID, receiver: Receiver, clock: FixedClock
) -> None:
    """The next one goes on; the failed delivery can be sent again, and is gone then."""
    receiver.refused = {"member.left"}
    made = await create(harness, ada, acme, receiver.url)
    bob = await harness.join(acme)
    async with working(harness, HOUR) as running:
        await receiver.has(CREATED)
        await harness.members.remove(call(bob, acme), bob.user_id)
        await happen(harness, acme, "after")
        await until_waiting(harness, made, 1)
        assert receiver.taken == [CREATED]
        clock.advance(hours=1)
        await receiver.has(CREATED, RENAMED)
        (failed,) = await failures(harness, made)
        assert (failed.type, failed.attempts, failed.last_status) == ("member.left", 2, 500)
        assert running.counts["given_up"] == 1
        admin, webhook_id = call(ada, acme, Role.ADMIN), made.state.webhook.webhook_id
        await harness.replay.replay(admin, webhook_id, Wanted(failed.event_id, ""))
        await eventually(lambda: running.counts["failed"] == 3)
        (failed,) = await failures(harness, made)
        assert (failed.replaying, failed.attempts) == (False, 3)
        receiver.refused = set()
        await harness.replay.replay(admin, webhook_id, Wanted(None, ""))
        await eventually(lambda: "member.left" in receiver.taken)
        await until_idle(harness, made)
    assert await failures(harness, made) == []
    assert (await state(harness, made)).progress.disabled_reason == ""


async def test_a_receiver_that_fails_for_good(
    harness: TenantsHarness, ada: Caller, acme: UUID, receiver: Receiver, clock: FixedClock
) -> None:
    """It is disabled, which the log says; its place stays, and all comes once it is enabled."""
    receiver.statuses = [500]
    made = await create(harness, ada, acme, receiver.url)
    async with working(harness, HOUR) as running:
        await happen(harness, acme, "1", "2")
        async with asyncio.timeout(30):
            while not (await state(harness, made)).progress.disabled_reason:
                clock.advance(minutes=30)
                await asyncio.sleep(0.05)
        await until_disabled(harness, made, "failing")
        tried = running.counts["failed"]
        clock.advance(days=1)
        await happen(harness, acme, "3")
        entry = (await harness.noted(ada, acme))[-2]
        assert (entry.action, entry.detail, entry.user_id) == ("webhook.disabled", "failing", None)
        assert running.counts["failed"] == tried
        assert running.counts["given_up"] == 1
        receiver.statuses = [204]
        await harness.webhooks.update(
            call(ada, acme, Role.ADMIN), made.state.webhook.webhook_id, WebhookUpdate(enabled=True)
        )
        await receiver.has(RENAMED, RENAMED, "webhook.disabled", RENAMED, "webhook.updated")
    assert [one.type for one in await failures(harness, made)] == [CREATED]


async def test_a_receiver_that_is_gone(
    harness: TenantsHarness, ada: Caller, acme: UUID, receiver: Receiver
) -> None:
    """Status 410 disables the webhook at once, and loses nothing."""
    receiver.statuses = [410, 204]
    made = await create(harness, ada, acme, receiver.url)
    async with working(harness):
        await until_disabled(harness, made, "gone")
        await harness.webhooks.update(
            call(ada, acme, Role.ADMIN), made.state.webhook.webhook_id, WebhookUpdate(enabled=True)
        )
        await receiver.has(CREATED, "webhook.disabled", "webhook.updated")


async def test_a_webhook_that_fails_delays_no_other(
    harness: TenantsHarness, ada: Caller, acme: UUID, receiver: Receiver, other: Receiver
) -> None:
    """Not even in the same organization."""
    other.statuses = [500]
    await create(harness, ada, acme, other.url.replace("127.0.0.1", "localhost"))
    await create(harness, ada, acme, receiver.url)
    async with working(harness):
        await happen(harness, acme, "1", "2")
        await receiver.has(CREATED, RENAMED, RENAMED)
    assert other.taken == []


async def test_nothing_is_sent_while_the_organization_is_suspended(
    harness: TenantsHarness, ada: Caller, acme: UUID, receiver: Receiver
) -> None:
    """All of it is when the organization is resumed."""
    made = await create(harness, ada, acme, receiver.url)
    await harness.organizations.update(call(ada, acme), TenantUpdate(state="suspended"))
    async with working(harness):
        await happen(harness, acme, "1")
        await until_idle(harness, made)
        assert receiver.got == []
        await harness.organizations.update(call(ada, acme), TenantUpdate(state="active"))
        await receiver.has(CREATED, "tenant.suspended", RENAMED, "tenant.resumed")


async def test_a_disabled_webhook_sends_nothing(
    harness: TenantsHarness, ada: Caller, acme: UUID, receiver: Receiver
) -> None:
    """And all of it, in order, when an admin enables it."""
    made = await create(harness, ada, acme, receiver.url)
    admin, webhook_id = call(ada, acme, Role.ADMIN), made.state.webhook.webhook_id
    await harness.webhooks.update(admin, webhook_id, WebhookUpdate(enabled=False))
    async with working(harness):
        await happen(harness, acme, "1")
        await harness.webhooks.update(admin, webhook_id, WebhookUpdate(enabled=True))
        await receiver.has(CREATED, "webhook.updated", RENAMED, "webhook.updated")


async def test_a_worker_that_dies_in_the_middle(
    harness: TenantsHarness,
    ada: Caller,
    acme: UUID,
    receiver: Receiver,
    other: Receiver,
    clock: FixedClock,
) -> None:
    """Another one goes on after the lease, not before, and sends that event again."""
    await create(harness, ada, acme, receiver.url)
    receiver.delay = 30
    async with working(harness):
        await happen(harness, acme, "1")
        await eventually(lambda: receiver.arrived == 1, 30)
    receiver.delay = 0
    async with working(harness):
        await create(harness, ada, await harness.found(ada, "Other"), other.url)
        await other.has(CREATED)
        assert receiver.arrived == 1
        clock.advance(seconds=LEASE.total_seconds() + 1)
        await receiver.has(CREATED, RENAMED)


async def test_two_workers_and_many_webhooks(
    harness: TenantsHarness, ada: Caller, receiver: Receiver, other: Receiver
) -> None:
    """Each webhook gets each event once, in order, while others write to the log."""
    tenants = [await harness.found(ada, f"Team {number}") for number in range(4)]
    for tenant_id in tenants:
        await create(harness, ada, tenant_id, receiver.url)
        await create(harness, ada, tenant_id, other.url)
    details = [str(number) for number in range(25)]
    async with working(harness), working(harness):
        await asyncio.gather(*(happen(harness, tenant_id, *details) for tenant_id in tenants))
        # The second webhook of a team also gets no event of the first one's making.
        await eventually(lambda: len(receiver.got) == 4 * 27 and len(other.got) == 4 * 26, 60)
    for tenant_id in map(str, tenants):
        for one in (receiver, other):
            events = [got.event for got in one.got if got.event["tenantId"] == tenant_id]
            renamed = [event["data"]["detail"] for event in events if event["type"] == RENAMED]
            assert renamed == details


@pytest.mark.parametrize("logs", [60, 1_100])
async def test_logs_that_change_all_the_time(
    harness: TenantsHarness, ada: Caller, acme: UUID, receiver: Receiver, logs: int
) -> None:
    """The webhooks of all other organizations have their turn, too."""
    busy = [UUID(int=number) for number in range(logs)]

    async def change(tx: Write) -> None:
        for tenant_id in busy:
            tx.set(AUDIT_CHANGED.key(tenant_id), b"")

    async def keep_changing() -> None:
        while True:
            await harness.store.write(change)
            await asyncio.sleep(0)

    made = await create(harness, ada, acme, receiver.url)
    async with working(harness):
        await receiver.has(CREATED)
        await until_idle(harness, made)
    await harness.store.write(change)
    changing = asyncio.create_task(keep_changing())
    try:
        await happen(harness, acme, "late")
        async with working(harness):
            await receiver.has(CREATED, RENAMED)
    finally:
        changing.cancel()


async def test_entries_that_were_removed_before_they_were_sent(
    harness: TenantsHarness,
    ada: Caller,
    acme: UUID,
    receiver: Receiver,
    clock: FixedClock,
    sweeper: Sweeper,
) -> None:
    """The receiver learns how many, before the next event, and so does the admin."""
    made = await create(harness, ada, acme, receiver.url)
    await happen(harness, acme, "1", "2")
    clock.advance(days=12)
    await happen(harness, acme, "3")
    await sweeper.sweep()
    async with working(harness):
        await receiver.has("events.lost", RENAMED)
        await until_idle(harness, made)
    lost, _ = receiver.got
    assert lost.event["lostEvents"] == 3
    assert "data" not in lost.event
    assert (await state(harness, made)).progress.lost_events == 3


async def test_a_failed_delivery_goes_with_its_entry(
    harness: TenantsHarness,
    ada: Caller,
    acme: UUID,
    receiver: Receiver,
    clock: FixedClock,
    sweeper: Sweeper,
) -> None:
    """What is not in the log any more cannot be sent again."""
    receiver.statuses = [500, 500, 204]
    made = await create(harness, ada, acme, receiver.url)
    async with working(harness, HOUR):
        await happen(harness, acme, "1")
        await until_waiting(harness, made, 1)
        clock.advance(hours=1)
        await receiver.has(RENAMED)
    assert len(await failures(harness, made)) == 1
    clock.advance(days=12)
    await sweeper.sweep()
    assert await failures(harness, made) == []


async def test_going_back_to_a_cursor(
    harness: TenantsHarness, ada: Caller, acme: UUID, receiver: Receiver
) -> None:
    """All events after it are sent again, in order; those before the webhook was made, too."""
    admin = call(ada, acme, Role.ADMIN)
    cursor = (await harness.events.list(admin, 10, "")).next_cursor
    await happen(harness, acme, "before")
    made = await create(harness, ada, acme, receiver.url)
    async with working(harness):
        await receiver.has(CREATED)
        await harness.replay.replay(admin, made.state.webhook.webhook_id, Wanted(None, cursor))
        await receiver.has(CREATED, RENAMED, CREATED, "webhook.replayed")
