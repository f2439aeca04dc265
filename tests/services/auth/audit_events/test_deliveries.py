"""The delivery of events for audit logs to tenants, over a real channel."""

import asyncio
from dataclasses import replace
from uuid import UUID

from coditect.auth.v5 import accounts_pb2
from kernel.clock import timestamp
from kernel.storage import Store, Write
from services.auth.audit_events.model import AuditEvent
from services.auth.audit_events.repository import append
from tests.services.auth.audit_events.harness import EVENT
from tests.services.auth.fakes import FakeServices
from tests.services.auth.harness import PASSWORD
from tests.services.auth.server import LOG, running, settings_for
from tests.support.audit_events import waiting_events
from tests.support.clock import FixedClock
from tests.support.eventually import eventually

AUDIT = "deliver_audit_events"


async def put(store: Store, event: AuditEvent) -> None:
    """Queues an event, as the transaction of a change does."""

    async def write(tx: Write) -> None:
        append(tx, event)

    await store.write(write)


async def test_an_event_is_delivered_until_tenants_takes_it(
    store: Store, clock: FixedClock, fakes: FakeServices
) -> None:
    """It has all that an entry says, and leaves the outbox after that."""
    settings = settings_for(fakes.address)
    async with running(store, clock, settings, tasks=(LOG, AUDIT)) as auth:
        user_id = UUID((await auth.register()).user.user_id)
        fakes.failures = 2
        await put(store, replace(EVENT, user_id=user_id))
        await eventually(lambda: bool(fakes.audit_events))
        async with asyncio.timeout(30):
            while await waiting_events(store):  # noqa: ASYNC110 - the store has no event for it
                await asyncio.sleep(0.005)
    (event,) = fakes.audit_events
    assert (event.event_id, event.tenant_id) == (str(EVENT.event_id), str(EVENT.tenant_id))
    assert (event.user_id, event.login_id) == (str(user_id), str(EVENT.login_id))
    assert (event.action, event.target_id) == ("client.created", str(EVENT.target_id))
    assert (event.target_name, event.detail) == ("Robot", "member")
    assert (event.address, event.user_agent) == ("192.0.2.1", "curl")
    assert event.time == timestamp(EVENT.time)
    assert (event.client_id, event.token_id, event.agent) == (
        "coditect-cli", str(EVENT.program.token_id), "reviewer",
    )  # fmt: skip


async def test_an_event_of_a_deleted_user_names_no_user(
    store: Store, clock: FixedClock, fakes: FakeServices
) -> None:
    """The event came before the deletion and is delivered after it: what was done stays."""
    settings = settings_for(fakes.address)
    async with running(store, clock, settings) as auth:
        made = await auth.register()
        await put(store, replace(EVENT, user_id=UUID(made.user.user_id)))
        request = accounts_pb2.DeleteMeRequest(password=PASSWORD)
        await auth.call("DeleteMe", request, made.tokens.access_token)
    async with running(store, clock, settings, tasks=(AUDIT,), seed=6):
        await eventually(lambda: bool(fakes.audit_events))
    (event,) = fakes.audit_events
    assert (event.action, event.target_name) == ("client.created", "Robot")
    assert (event.user_id, event.login_id, event.address, event.user_agent) == ("", "", "", "")
    assert (event.client_id, event.token_id, event.agent) == ("", "", "")
