"""Sends a test event to a webhook at once."""

from uuid import UUID

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read
from services.tenants.memberships.authorization import authorize
from services.tenants.webhooks import repository
from services.tenants.webhooks.deliverer import Bodies
from services.tenants.webhooks.model import SendResult, Webhook
from services.tenants.webhooks.sending import Message, WebhookSender

TEST = "webhook.test"
TESTS_AT_ONCE = 4
_SECONDS = 5.0


class WebhookTest:
    """The use case of an admin who tests a webhook.

    Args:
        runtime: The context's dependencies.
        sender: Sends the event.
        bodies: How events become JSON.
    """

    def __init__(self, runtime: Runtime, sender: WebhookSender, bodies: Bodies) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._ids = runtime.ids
        self._sender = sender
        self._bodies = bodies

    async def send(self, call: Call, webhook_id: UUID) -> SendResult:
        """Sends the event, and says what came of it.

        Raises what `authorize` raises, `WebhookNotFound`.
        """

        async def read(tx: Read) -> Webhook:
            await authorize(tx, call)
            return (await repository.state(tx, call.tenant_id, webhook_id)).webhook

        webhook = await self._store.read(read)
        event_id, now = self._ids.uuid(), self._clock.now()
        body = self._bodies.notice(event_id, call.tenant_id, TEST, now, 0)
        return await self._sender.send(webhook, Message(event_id, body), _SECONDS)
