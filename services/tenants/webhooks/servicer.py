"""Webhooks over gRPC: turns requests into values, and values into responses."""

from uuid import UUID

from coditect.tenants.v5 import webhooks_pb2, webhooks_pb2_grpc
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from kernel.storage.recipes.paging import page_size
from services.tenants.webhooks import messages
from services.tenants.webhooks.replay import Replay, Wanted
from services.tenants.webhooks.testing import WebhookTest
from services.tenants.webhooks.webhooks import Webhooks


class WebhooksServicer(webhooks_pb2_grpc.WebhooksServiceServicer):
    """Answers coditect.tenants.v5.WebhooksService."""

    def __init__(self, webhooks: Webhooks, test: WebhookTest, replay: Replay) -> None:
        self._webhooks = webhooks
        self._test = test
        self._replay = replay

    async def CreateWebhook(
        self, request: webhooks_pb2.CreateWebhookRequest, context: Context
    ) -> webhooks_pb2.CreateWebhookResponse:
        new = await self._webhooks.create(current_call(), request.name, request.url)
        return webhooks_pb2.CreateWebhookResponse(
            webhook=messages.webhook(new.state), secret=new.secret
        )

    async def ListWebhooks(
        self, request: webhooks_pb2.ListWebhooksRequest, context: Context
    ) -> webhooks_pb2.ListWebhooksResponse:
        size = page_size(request.page_size)
        states, token = await self._webhooks.list(current_call(), size, request.page_token)
        return webhooks_pb2.ListWebhooksResponse(
            webhooks=map(messages.webhook, states), next_page_token=token
        )

    async def GetWebhook(
        self, request: webhooks_pb2.GetWebhookRequest, context: Context
    ) -> webhooks_pb2.GetWebhookResponse:
        state = await self._webhooks.get(current_call(), UUID(request.webhook_id))
        return webhooks_pb2.GetWebhookResponse(webhook=messages.webhook(state))

    async def UpdateWebhook(
        self, request: webhooks_pb2.UpdateWebhookRequest, context: Context
    ) -> webhooks_pb2.UpdateWebhookResponse:
        webhook_id, changes = UUID(request.webhook_id), messages.update(request)
        state = await self._webhooks.update(current_call(), webhook_id, changes)
        return webhooks_pb2.UpdateWebhookResponse(webhook=messages.webhook(state))

    async def DeleteWebhook(
        self, request: webhooks_pb2.DeleteWebhookRequest, context: Context
    ) -> webhooks_pb2.DeleteWebhookResponse:
        await self._webhooks.delete(current_call(), UUID(request.webhook_id))
        return webhooks_pb2.DeleteWebhookResponse()

    async def RotateWebhookSecret(
        self, request: webhooks_pb2.RotateWebhookSecretRequest, context: Context
    ) -> webhooks_pb2.RotateWebhookSecretResponse:
        new = await self._webhooks.rotate_secret(current_call(), UUID(request.webhook_id))
        return webhooks_pb2.RotateWebhookSecretResponse(
            webhook=messages.webhook(new.state), secret=new.secret
        )

    async def TestWebhook(
        self, request: webhooks_pb2.TestWebhookRequest, context: Context
    ) -> webhooks_pb2.TestWebhookResponse:
        outcome = await self._test.send(current_call(), UUID(request.webhook_id))
        return webhooks_pb2.TestWebhookResponse(delivered=outcome.delivered, status=outcome.status)

    async def ListFailedDeliveries(
        self, request: webhooks_pb2.ListFailedDeliveriesRequest, context: Context
    ) -> webhooks_pb2.ListFailedDeliveriesResponse:
        webhook_id, size = UUID(request.webhook_id), page_size(request.page_size)
        found, token = await self._replay.list(current_call(), webhook_id, size, request.page_token)
        return webhooks_pb2.ListFailedDeliveriesResponse(
            failed_deliveries=map(messages.failed_delivery, found), next_page_token=token
        )

    async def ReplayWebhook(
        self, request: webhooks_pb2.ReplayWebhookRequest, context: Context
    ) -> webhooks_pb2.ReplayWebhookResponse:
        event_id = UUID(request.event_id) if request.event_id else None
        wanted = Wanted(event_id, request.cursor)
        await self._replay.replay(current_call(), UUID(request.webhook_id), wanted)
        return webhooks_pb2.ReplayWebhookResponse()
