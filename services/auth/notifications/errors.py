"""What can go wrong with emails to users, as callers see it."""

from kernel.errors import Kind, ServiceError


class TooManyEmails(ServiceError):
    """This network or this user has caused the maximum number of emails of a day."""

    kind = Kind.LIMITED
    reason = "TOO_MANY_EMAILS"
    message = "Too many emails were requested today; please try again tomorrow."
