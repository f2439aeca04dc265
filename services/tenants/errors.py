"""What can go wrong in tenants, as callers see it."""

from kernel.errors import Kind, ServiceError


class TenantNotFound(ServiceError):
    """No such tenant, or the caller does not belong to it: the same answer for both."""

    kind = Kind.NOT_FOUND
    reason = "TENANT_NOT_FOUND"
    message = "There is no such tenant."
