"""Damage to webhooks, how far they have come, and what they have given up."""

from coditect.tenants.records.v1.webhooks_pb2 import FailedDeliveryRecord, WebhookProgressRecord
from kernel.storage.families import commit_at
from services.tenants.audit import repository as audit
from services.tenants.webhooks import repository
from tests.ops.doctor.damage import LATE, Damage, edit, own_key
from tests.ops.doctor.environment import Environment

WEBHOOK = own_key(repository.WEBHOOK, "acme_id", "webhook_id")
PROGRESS = own_key(repository.WEBHOOK_PROGRESS, "acme_id", "webhook_id")

_PROGRESS, _DUE = repository.WEBHOOK_PROGRESS.name, repository.WEBHOOK_DUE.name
_FAILED, _REPLAYING = (
    repository.FAILED_DELIVERY.name,
    repository.FAILED_DELIVERY_REPLAYING.name,
)
NO_DUE_ROW = (_PROGRESS, f"has no row of its own in {_DUE}")
NO_PROGRESS_OF_DUE = (_DUE, f"leads to no record of {_PROGRESS} that it finds")
NO_REPLAYING_ROW = (_FAILED, f"has no row of its own in {_REPLAYING}")
NO_FAILED_OF_REPLAYING = (_REPLAYING, f"leads to no record of {_FAILED} that it finds")
NO_PROGRESS = (repository.WEBHOOK.name, "has no progress")
NO_ENTRY = (_FAILED, "has no entry of the audit log")


def _failed(environment: Environment) -> bytes:
    return repository.FAILED_DELIVERY.key(*repository.failed_key(environment.failed_delivery))


def _replaying(environment: Environment) -> bytes:
    elements = repository.failed_key(environment.failed_delivery)
    return repository.FAILED_DELIVERY_REPLAYING.key(*elements)


def _entry(environment: Environment) -> bytes:
    return audit.entry_key(environment.acme_id, environment.failed_delivery.commit)


def _elsewhere(environment: Environment) -> bytes:
    place = environment.acme_id, environment.webhook_id, commit_at(b"1" * 12)
    return repository.FAILED_DELIVERY.key(*place)


def _copy(environment: Environment) -> bytes:
    record = FailedDeliveryRecord(
        tenant_id=str(environment.acme_id),
        webhook_id=str(environment.webhook_id),
        position=b"1" * 12,
        event_id=str(environment.webhook_id),
    )
    return record.SerializeToString()


OF_WEBHOOKS = [
    Damage(
        "no webhook",
        WEBHOOK,
        None,
        {(_PROGRESS, "has no webhook"), (_FAILED, "has no webhook")},
    ),
    Damage("no progress of a webhook", PROGRESS, None, {NO_PROGRESS, NO_PROGRESS_OF_DUE}),
    Damage(
        "a different time at which a webhook is due",
        PROGRESS,
        edit(WebhookProgressRecord, due_time=LATE),
        {NO_DUE_ROW, NO_PROGRESS_OF_DUE},
    ),
    Damage("no row of a webhook that is due", repository.WEBHOOK_DUE, None, {NO_DUE_ROW}),
    Damage("no failed delivery", _failed, None, {NO_FAILED_OF_REPLAYING}),
    Damage("no row of a replay", _replaying, None, {NO_REPLAYING_ROW}),
    Damage("a failed delivery of no entry", _elsewhere, _copy, {NO_ENTRY}),
    Damage("no entry of a failed delivery", _entry, None, {NO_ENTRY}),
]
