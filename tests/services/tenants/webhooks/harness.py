"""What sends events in a test, without a server."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from kernel.identity.callers import Caller, Role
from kernel.storage import Write
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry
from services.tenants.webhooks import repository
from services.tenants.webhooks.deliverer import Deliverer
from services.tenants.webhooks.model import FailedDelivery, NewWebhookSecret, WebhookState
from services.tenants.webhooks.progress import Retries
from services.tenants.webhooks.sending import WebhookSender
from services.tenants.webhooks.worker import PLACES, WebhookWorker
from tests.services.tenants.harness import BODIES, TenantsHarness, call
from tests.support.store import rows_between

ACTION = "tenant.renamed"


class Running(NamedTuple):
    """A worker that runs.

    Attributes:
        task: Its task.
        counts: What came of its attempts.
    """

    task: asyncio.Task[None]
    counts: Counter[str]


@asynccontextmanager
async def working(
    harness: TenantsHarness, retries: Retries | None = None, poll: float = 0.02
) -> AsyncIterator[Running]:
    """Runs a worker, which looks often."""
    counts: Counter[str] = Counter()

    def count(outcome: str) -> None:
        counts[outcome] += 1

    retries = retries or Retries(timedelta(days=3))
    deliverer = Deliverer(harness.runtime, BODIES, retries, count)
    senders = {
        lane: WebhookSender(harness.runtime, private="allowed", connections=PLACES[lane])
        for lane in PLACES
    }
    worker = WebhookWorker(harness.runtime, deliverer, senders, poll)
    task = asyncio.create_task(worker.run())
    try:
        yield Running(task, counts)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def create(
    harness: TenantsHarness, admin: Caller, tenant_id: UUID, url: str
) -> NewWebhookSecret:
    """Makes a webhook."""
    return await harness.webhooks.create(call(admin, tenant_id, Role.ADMIN), "Hook", url)


async def state(harness: TenantsHarness, new: NewWebhookSecret) -> WebhookState:
    """A webhook as it is by now."""
    made = new.state.webhook
    return await harness.store.read(
        lambda tx: repository.state(tx, made.tenant_id, made.webhook_id)
    )


async def failures(harness: TenantsHarness, new: NewWebhookSecret) -> list[FailedDelivery]:
    """The failed deliveries of a webhook."""
    made = new.state.webhook
    first = repository.FAILED_DELIVERY.range(made.tenant_id, made.webhook_id)
    rows = await rows_between(harness.store, *first)
    return [repository.FAILED_DELIVERIES.parse(value) for _, value in rows]


async def happen(harness: TenantsHarness, tenant_id: UUID, *details: str) -> None:
    """Adds entries to the audit log, each in a transaction of its own."""
    for detail in details:
        entry = AuditEntry.unsigned(harness.clock.now(), ACTION, detail=detail)

        async def append(tx: Write, entry: AuditEntry = entry) -> None:
            audit.append(tx, tenant_id, entry)

        await harness.store.write(append)


async def until_disabled(harness: TenantsHarness, new: NewWebhookSecret, reason: str) -> None:
    """Waits until a webhook is disabled."""
    async with asyncio.timeout(30):
        while (await state(harness, new)).progress.disabled_reason != reason:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def until_waiting(harness: TenantsHarness, new: NewWebhookSecret, attempts: int) -> None:
    """Waits until an event has failed so often, and waits to be tried again."""
    async with asyncio.timeout(30):
        while True:
            found = (await state(harness, new)).progress
            if found.attempts == attempts and not found.leased:
                return
            await asyncio.sleep(0.01)


async def until_idle(harness: TenantsHarness, new: NewWebhookSecret) -> None:
    """Waits until a webhook has nothing to send."""
    async with asyncio.timeout(30):
        while (await state(harness, new)).progress.due_time is not None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
