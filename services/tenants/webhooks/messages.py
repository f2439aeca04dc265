"""Webhooks and failed deliveries as messages, and requests as values."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from coditect.tenants.v5 import webhooks_pb2
from kernel.clock import timestamp
from services.tenants.webhooks.model import FailedDelivery, WebhookState, WebhookUpdate


def webhook(state: WebhookState) -> webhooks_pb2.Webhook:
    """A webhook as an admin sees it."""
    found, progress = state
    failing = progress.failing_since_time is not None and not progress.disabled_reason
    return webhooks_pb2.Webhook(
        webhook_id=str(found.webhook_id),
        name=found.name,
        url=found.url,
        enabled=not progress.disabled_reason,
        disabled_reason=progress.disabled_reason,
        create_time=timestamp(found.create_time),
        last_success_time=_stamp(progress.last_success_time),
        failing_since_time=_stamp(progress.failing_since_time),
        next_attempt_time=_stamp(progress.due_time if failing else None),
        last_status=progress.last_status,
        lost_events=progress.lost_events,
        old_secret_expire_time=_stamp(found.old_secret_expire_time),
    )


def failed_delivery(found: FailedDelivery) -> webhooks_pb2.FailedDelivery:
    """An event that a webhook has given up."""
    return webhooks_pb2.FailedDelivery(
        event_id=str(found.event_id),
        type=found.type,
        event_time=timestamp(found.event_time),
        last_attempt_time=timestamp(found.last_attempt_time),
        attempts=found.attempts,
        last_status=found.last_status,
        replaying=found.replaying,
    )


def update(request: webhooks_pb2.UpdateWebhookRequest) -> WebhookUpdate:
    """The change that a request asks for."""
    return WebhookUpdate(
        name=request.name if request.HasField("name") else None,
        url=request.url if request.HasField("url") else None,
        enabled=request.enabled if request.HasField("enabled") else None,
    )


def _stamp(time: datetime | None) -> Timestamp | None:
    return None if time is None else timestamp(time)
