"""Sends an event to the URL of a webhook, once."""

from functools import partial
from typing import NamedTuple
from uuid import UUID

from kernel import log
from kernel.outbound.guarded_requests import GuardedRequests, NotReached
from kernel.runtime import Runtime
from kernel.seal import SealKeysWrong
from kernel.version import VERSION
from services.tenants.settings import PrivateAddresses
from services.tenants.webhooks.model import SendResult, Webhook
from services.tenants.webhooks.signatures import signed_headers
from services.tenants.webhooks.urls import is_good, reaches

SECONDS = 10.0
"""How long a receiver may take to answer."""

_HEADERS = {"Content-Type": "application/json", "User-Agent": f"coditect-webhooks/{VERSION}"}

_logger = log.get(__name__)


class Message(NamedTuple):
    """What is sent.

    Attributes:
        event_id: The id of the event.
        body: The event as JSON.
    """

    event_id: UUID
    body: bytes


class WebhookSender:
    """Sends events.

    Args:
        runtime: The context's dependencies.
        private: Which addresses that are not public it sends to.
        connections: How many are sent at once.
    """

    def __init__(self, runtime: Runtime, *, private: PrivateAddresses, connections: int) -> None:
        allowed = partial(reaches, private=private)
        self._clock = runtime.clock
        self._seal = runtime.seal
        self._private = private
        self._requests = GuardedRequests(allowed=allowed, connections=connections)

    async def send(
        self, webhook: Webhook, message: Message, seconds: float = SECONDS
    ) -> SendResult:
        """Sends an event, and waits for the status of the answer, whose body it leaves unread."""
        begin = self._clock.monotonic()
        try:
            status = await self._status(webhook, message, seconds)
        except NotReached:
            status = 0
        except SealKeysWrong as error:
            _logger.warning("webhook not signed", cause=type(error).__name__)
            status = 0
        return SendResult(status, self._clock.monotonic() - begin)

    async def _status(self, webhook: Webhook, message: Message, seconds: float) -> int:
        if not is_good(webhook.url, self._private):  # the setting was another one then
            raise NotReached
        now = self._clock.now()
        sealed = [webhook.sealed_secret]
        expire_time = webhook.old_secret_expire_time
        if expire_time is not None and now < expire_time:
            sealed.append(webhook.sealed_old_secret)
        secrets = [self._seal.open(secret) for secret in sealed]
        headers = signed_headers(message.event_id, now, message.body, secrets)
        async with self._requests.answer(
            "POST",
            webhook.url,
            headers={**_HEADERS, **headers},
            seconds=seconds,
            content=message.body,
        ) as answer:
            return answer.status_code
