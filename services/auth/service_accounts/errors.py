"""What can go wrong with service accounts, as callers see it."""

from kernel.errors import Kind, ServiceError


class OrganizationRequired(ServiceError):
    """The tenant is the self-tenant of a user, which has no service accounts."""

    kind = Kind.PRECONDITION
    reason = "ORGANIZATION_REQUIRED"
    message = "Service accounts belong to organizations. Please make a personal access token."


class ServiceAccountNotFound(ServiceError):
    """The organization has no service account with this id."""

    kind = Kind.NOT_FOUND
    reason = "SERVICE_ACCOUNT_NOT_FOUND"
    message = "The service account does not exist."


class ServiceAccountLimitReached(ServiceError):
    """The organization has as many service accounts as one may; `limit` says how many."""

    kind = Kind.LIMITED
    reason = "SERVICE_ACCOUNT_LIMIT_REACHED"
    message = "There are too many service accounts. Please delete one first."


class ServiceAccountKeyNotFound(ServiceError):
    """The service account has no key with this id."""

    kind = Kind.NOT_FOUND
    reason = "SERVICE_ACCOUNT_KEY_NOT_FOUND"
    message = "The key does not exist."


class ServiceAccountKeyLimitReached(ServiceError):
    """The service account, or the caller over all accounts, has as many keys as one may.

    `limit` says how many.
    """

    kind = Kind.LIMITED
    reason = "SERVICE_ACCOUNT_KEY_LIMIT_REACHED"
    message = "There are too many keys. Please revoke one first."
