"""How webhooks are stored: what is set up, how far each has come, and what it has given up."""

from typing import cast
from uuid import UUID

from coditect.tenants.records.v1 import webhooks_pb2
from kernel.clock import datetime_of, timestamp
from kernel.storage import Read
from kernel.storage.families import Commit, Family, Part, commit, commit_at, record, time, uuid
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.table import Table
from services.tenants.keys import TENANTS
from services.tenants.webhooks.errors import WebhookNotFound
from services.tenants.webhooks.model import (
    DisabledReason,
    FailedDelivery,
    Progress,
    Webhook,
    WebhookState,
)

FAST, SLOW = 0, 1
"""The lanes: webhooks that answer quickly, and all others."""


def _fill(record: webhooks_pb2.WebhookRecord, new: Webhook) -> None:
    record.tenant_id = str(new.tenant_id)
    record.webhook_id = str(new.webhook_id)
    record.name = new.name
    record.url = new.url
    record.create_time.CopyFrom(timestamp(new.create_time))
    record.sealed_secret = new.sealed_secret
    record.sealed_old_secret = new.sealed_old_secret
    record.ClearField("old_secret_expire_time")
    if new.old_secret_expire_time is not None:
        record.old_secret_expire_time.CopyFrom(timestamp(new.old_secret_expire_time))


def _webhook(record: webhooks_pb2.WebhookRecord) -> Webhook:
    has_old = record.HasField("old_secret_expire_time")
    return Webhook(
        tenant_id=UUID(record.tenant_id),
        webhook_id=UUID(record.webhook_id),
        name=record.name,
        url=record.url,
        create_time=datetime_of(record.create_time),
        sealed_secret=record.sealed_secret,
        sealed_old_secret=record.sealed_old_secret,
        old_secret_expire_time=datetime_of(record.old_secret_expire_time) if has_old else None,
    )


def _fill_progress(record: webhooks_pb2.WebhookProgressRecord, new: Progress) -> None:
    record.tenant_id = str(new.tenant_id)
    record.webhook_id = str(new.webhook_id)
    record.host = new.host
    record.position = new.position
    record.lease = new.lease
    record.attempts = new.attempts
    record.has_given_up = new.has_given_up
    record.last_status = new.last_status
    record.slow = new.slow
    record.lost_events = new.lost_events
    record.told_lost_events = new.told_lost_events
    record.disabled_reason = new.disabled_reason
    for field, value in (
        ("due_time", new.due_time),
        ("failing_since_time", new.failing_since_time),
        ("last_success_time", new.last_success_time),
    ):
        record.ClearField(field)
        if value is not None:
            getattr(record, field).CopyFrom(timestamp(value))


def _progress(record: webhooks_pb2.WebhookProgressRecord) -> Progress:
    due, failing = record.HasField("due_time"), record.HasField("failing_since_time")
    success = record.HasField("last_success_time")
    return Progress(
        tenant_id=UUID(record.tenant_id),
        webhook_id=UUID(record.webhook_id),
        host=record.host,
        position=record.position,
        due_time=datetime_of(record.due_time) if due else None,
        lease=record.lease,
        attempts=record.attempts,
        failing_since_time=datetime_of(record.failing_since_time) if failing else None,
        has_given_up=record.has_given_up,
        last_status=record.last_status,
        last_success_time=datetime_of(record.last_success_time) if success else None,
        slow=record.slow,
        lost_events=record.lost_events,
        told_lost_events=record.told_lost_events,
        disabled_reason=cast("DisabledReason", record.disabled_reason),
    )


def _fill_failed(record: webhooks_pb2.FailedDeliveryRecord, new: FailedDelivery) -> None:
    record.tenant_id = str(new.tenant_id)
    record.webhook_id = str(new.webhook_id)
    record.position = new.commit
    record.event_id = str(new.event_id)
    record.type = new.type
    record.event_time.CopyFrom(timestamp(new.event_time))
    record.last_attempt_time.CopyFrom(timestamp(new.last_attempt_time))
    record.attempts = new.attempts
    record.last_status = new.last_status
    record.replaying = new.replaying


def _failed(record: webhooks_pb2.FailedDeliveryRecord) -> FailedDelivery:
    return FailedDelivery(
        tenant_id=UUID(record.tenant_id),
        webhook_id=UUID(record.webhook_id),
        commit=record.position,
        event_id=UUID(record.event_id),
        type=record.type,
        event_time=datetime_of(record.event_time),
        last_attempt_time=datetime_of(record.last_attempt_time),
        attempts=record.attempts,
        last_status=record.last_status,
        replaying=record.replaying,
    )


WEBHOOK = Family[UUID, UUID](
    TENANTS["webhook"],
    uuid("tenant_id"),
    uuid("webhook_id"),
    # The largest part is a URL of 500 characters; a name has 100 of four bytes.
    value=record("coditect.tenants.records.v1.WebhookRecord", 1_600),
    life="until it or the organization is deleted",
)
WEBHOOKS = Table(
    WEBHOOK,
    webhooks_pb2.WebhookRecord,
    key=lambda webhook: (webhook.tenant_id, webhook.webhook_id),
    fill=_fill,
    parse=_webhook,
)
WEBHOOK_PROGRESS = Family[UUID, UUID](
    TENANTS["webhook_progress"],
    uuid("tenant_id"),
    uuid("webhook_id"),
    value=record("coditect.tenants.records.v1.WebhookProgressRecord", 500),
    life="as the webhook",
)
PROGRESS = Table(
    WEBHOOK_PROGRESS,
    webhooks_pb2.WebhookProgressRecord,
    key=lambda progress: (progress.tenant_id, progress.webhook_id),
    fill=_fill_progress,
    parse=_progress,
)
WEBHOOK_DUE = PROGRESS.index(
    TENANTS["webhook_due"],
    Part("lane", int, 2),
    time("due_time"),
    uuid("tenant_id"),
    uuid("webhook_id"),
    keys=lambda one: (
        []
        if one.due_time is None
        else [
            (SLOW if one.slow else FAST, milliseconds(one.due_time), one.tenant_id, one.webhook_id)
        ]
    ),
    life="while there is something to send",
)
FAILED_DELIVERY = Family[UUID, UUID, Commit](
    TENANTS["failed_delivery"],
    uuid("tenant_id"),
    uuid("webhook_id"),
    commit("commit"),
    value=record("coditect.tenants.records.v1.FailedDeliveryRecord", 300),
    life="as the entry of the audit log, or until it is delivered",
)


def failed_key(failed: FailedDelivery) -> tuple[UUID, UUID, Commit]:
    """The elements of the key of a failed delivery."""
    return failed.tenant_id, failed.webhook_id, commit_at(failed.commit)


FAILED_DELIVERIES = Table(
    FAILED_DELIVERY,
    webhooks_pb2.FailedDeliveryRecord,
    key=failed_key,
    fill=_fill_failed,
    parse=_failed,
)
FAILED_DELIVERY_REPLAYING = FAILED_DELIVERIES.index(
    TENANTS["failed_delivery_replaying"],
    uuid("tenant_id"),
    uuid("webhook_id"),
    commit("commit"),
    keys=lambda failed: [failed_key(failed)] if failed.replaying else [],
    life="until it is sent again",
)


async def state(tx: Read, tenant_id: UUID, webhook_id: UUID) -> WebhookState:
    """A webhook. Raises `WebhookNotFound`."""
    webhook = await WEBHOOKS.get(tx, tenant_id, webhook_id)
    progress = await PROGRESS.get(tx, tenant_id, webhook_id)
    if webhook is None or progress is None:
        raise WebhookNotFound
    return WebhookState(webhook, progress)


async def next_replay(tx: Read, tenant_id: UUID, webhook_id: UUID) -> FailedDelivery | None:
    """The first failed delivery of a webhook that waits to be sent again."""
    family = FAILED_DELIVERY_REPLAYING
    rows = await tx.get_range(*family.range(tenant_id, webhook_id), limit=1)
    return await FAILED_DELIVERIES.get(tx, *family.unpack(rows[0][0])) if rows else None
