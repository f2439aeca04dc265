"""Webhooks, how far they have come, and what they have given up, as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

DisabledReason = Literal["", "admin", "gone", "failing"]


@dataclass(frozen=True, slots=True)
class Webhook:
    """What an admin has set up."""

    tenant_id: UUID
    webhook_id: UUID
    name: str
    url: str
    create_time: datetime
    sealed_secret: bytes
    sealed_old_secret: bytes = b""
    """The secret before; empty without one."""
    old_secret_expire_time: datetime | None = None
    """Until when the secret before signs, too."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a webhook has come."""

    tenant_id: UUID
    webhook_id: UUID
    host: str
    """The host of the URL."""
    position: bytes
    """The last entry of the log that was delivered or given up; empty for the beginning of the log."""
    due_time: datetime | None = None
    """When it is looked at next; None while there is nothing to send."""
    lease: bytes = b""
    """Who works on it until `due_time`; empty if no process does."""
    attempts: int = 0
    """How often the entry after the position has been tried."""
    failing_since_time: datetime | None = None
    """Since when all deliveries have failed; None if the last one did not."""
    has_given_up: bool = False
    """Whether an entry was given up since then."""
    last_status: int = 0
    """The status of the last answer; 0 without one."""
    last_success_time: datetime | None = None
    slow: bool = True
    """Whether it may keep others waiting: it has not answered quickly yet, or not lately."""
    lost_events: int = 0
    """How many entries were removed from the log before they were sent."""
    told_lost_events: int = 0
    """How many of them the receiver knows of."""
    disabled_reason: DisabledReason = ""

    @property
    def leased(self) -> bool:
        """Whether a process works on it."""
        return bool(self.lease)


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """An entry of the log that a webhook has given up."""

    tenant_id: UUID
    webhook_id: UUID
    commit: bytes
    """Its place in the log."""
    event_id: UUID
    type: str
    event_time: datetime
    last_attempt_time: datetime
    attempts: int
    last_status: int
    replaying: bool = False
    """Whether it waits to be sent again."""


class WebhookState(NamedTuple):
    """A webhook, as an admin sees it.

    Attributes:
        webhook: What is set up.
        progress: How far it has come.
    """

    webhook: Webhook
    progress: Progress


class NewWebhookSecret(NamedTuple):
    """A webhook with a new secret, which is shown once.

    Attributes:
        state: The webhook.
        secret: The text of the secret.
    """

    state: WebhookState
    secret: str


class WebhookUpdate(NamedTuple):
    """What changes of a webhook; None for what stays."""

    name: str | None = None
    url: str | None = None
    enabled: bool | None = None


class SendResult(NamedTuple):
    """What came of an attempt.

    Attributes:
        status: The status of the answer; 0 if there was none.
        seconds: How long it took.
    """

    status: int
    seconds: float

    @property
    def delivered(self) -> bool:
        """Whether the receiver took the event."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the classes of statuses of HTTP
