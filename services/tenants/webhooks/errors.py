"""What can go wrong with a webhook, as callers see it."""

from kernel.errors import Kind, ServiceError


class WebhookNotFound(ServiceError):
    """The organization has no such webhook."""

    kind = Kind.NOT_FOUND
    reason = "WEBHOOK_NOT_FOUND"
    message = "The webhook does not exist."


class WebhookLimitReached(ServiceError):
    """The organization has the maximum number of webhooks, given in `limit`."""

    kind = Kind.LIMITED
    reason = "WEBHOOK_LIMIT_REACHED"
    message = "There are too many webhooks; please delete one first."


class FailedDeliveryNotFound(ServiceError):
    """The webhook has not given up this event, or has sent it since, or it is too old."""

    kind = Kind.NOT_FOUND
    reason = "FAILED_DELIVERY_NOT_FOUND"
    message = "The webhook has no such failed delivery."
