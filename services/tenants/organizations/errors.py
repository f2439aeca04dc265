"""What can go wrong with an organization, as callers see it."""

from kernel.errors import Kind, ServiceError


class TenantSuspendedByOperator(ServiceError):
    """An operator has suspended the organization. Only an operator can resume it."""

    kind = Kind.FORBIDDEN
    reason = "TENANT_SUSPENDED_BY_OPERATOR"
    message = "The operator of this system has suspended the organization. Please contact them."


class SlugTaken(ServiceError):
    """Another organization has this slug."""

    kind = Kind.EXISTS
    reason = "SLUG_TAKEN"
    message = "Another organization has this slug already."
