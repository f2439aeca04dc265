"""Failed deliveries, and sending events again."""

from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from kernel.errors import InvalidRequest
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from kernel.storage.recipes.paging import MAX_SIZE, Listing, Page, PageTokens, list_name
from services.tenants.events.cursors import BEGIN, Cursors, LogPlace, entries_after
from services.tenants.memberships.authorization import authorize
from services.tenants.webhooks import repository
from services.tenants.webhooks.errors import FailedDeliveryNotFound
from services.tenants.webhooks.model import FailedDelivery
from services.tenants.webhooks.webhooks import due_now, note


class Wanted(NamedTuple):
    """What is to be sent again: all failed deliveries, unless one of these is given.

    Attributes:
        event_id: The event of one failed delivery.
        cursor: The cursor after which all events are sent again; empty for none.
    """

    event_id: UUID | None
    cursor: str


class Replay:
    """The use cases of an admin around failed deliveries."""

    def __init__(self, runtime: Runtime) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._cursors = Cursors(runtime.seal)
        self._page_tokens = PageTokens(runtime.seal)

    async def list(
        self, call: Call, webhook_id: UUID, limit: int, token: str
    ) -> Listing[FailedDelivery]:
        """A page of the failed deliveries. Raises what `replay` raises, `PageTokenInvalid`."""
        name = list_name(
            "failed_deliveries", str(call.tenant_id), str(webhook_id), str(call.caller.user_id)
        )

        async def read(tx: Read, after: bytes | None) -> Page[FailedDelivery]:
            await authorize(tx, call, while_suspended=True)
            await repository.state(tx, call.tenant_id, webhook_id)
            return await repository.FAILED_DELIVERIES.page(
                tx, call.tenant_id, webhook_id, after=after, limit=limit
            )

        return await self._page_tokens.list(self._store, name, token, read)

    async def replay(self, call: Call, webhook_id: UUID, wanted: Wanted) -> None:
        """Has events sent again.

        Raises what `authorize` raises, `WebhookNotFound`, `FailedDeliveryNotFound`,
        `CursorInvalid`, `EventsExpired`; `InvalidRequest` for an event and a cursor at once.
        """
        if wanted.event_id is not None and wanted.cursor:
            raise InvalidRequest.of("cursor", "NOT_TOGETHER", "Not together with eventId.")
        now = self._clock.now()
        place = self._cursors.read(call.tenant_id, wanted.cursor)

        async def replay(tx: Write) -> None:
            await authorize(tx, call)
            webhook, progress = await repository.state(tx, call.tenant_id, webhook_id)
            if place is not None:
                await entries_after(tx, call.tenant_id, place, 1)  # all of them are still there
                position = _earlier(progress.position, place)
                progress = replace(progress, position=position, attempts=0)
                detail = "since a cursor"
            else:
                detail = await _mark(tx, call.tenant_id, webhook_id, wanted.event_id)
            await repository.PROGRESS.put(tx, due_now(progress, now))
            note(tx, call, webhook, "webhook.replayed", now, detail)

        await self._store.write(replay)


async def _mark(tx: Write, tenant_id: UUID, webhook_id: UUID, event_id: UUID | None) -> str:
    """Marks one failed delivery, or the first thousand, and says what it marked."""
    page = await repository.FAILED_DELIVERIES.page(
        tx,
        tenant_id,
        webhook_id,
        after=None,
        limit=MAX_SIZE,
        only=lambda failed: event_id in {None, failed.event_id},
    )
    if not page.items and event_id is not None:
        raise FailedDeliveryNotFound
    for failed in page.items:
        await repository.FAILED_DELIVERIES.put(tx, replace(failed, replaying=True))
    return "all failed deliveries" if event_id is None else str(event_id)


def _earlier(position: bytes, place: LogPlace) -> bytes:
    """The earlier one: a cursor behind what was sent skips nothing."""
    return min(position, b"" if place == BEGIN else place.commit)
