"""What can go wrong with a tenant and its members, as callers see it."""

from kernel.errors import Kind, ServiceError


class SelfTenantImmutable(ServiceError):
    """The tenant is a self-tenant. It cannot be changed, shared or deleted."""

    kind = Kind.PRECONDITION
    reason = "SELF_TENANT_IMMUTABLE"
    message = "A self-tenant cannot be changed, shared or deleted."


class TenantLimitReached(ServiceError):
    """The user is in the maximum number of organizations, given in `limit`."""

    kind = Kind.LIMITED
    reason = "TENANT_LIMIT_REACHED"
    message = "You are in too many organizations; please leave one first."


class ProfileUnavailable(ServiceError):
    """Auth does not answer at the moment, so the user's profile cannot be read."""

    kind = Kind.UNAVAILABLE
    reason = "PROFILE_UNAVAILABLE"
    message = "The user's profile cannot be read at the moment."
