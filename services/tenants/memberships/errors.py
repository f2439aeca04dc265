"""What can go wrong with a tenant and its members, as callers see it."""

from kernel.errors import Kind, ServiceError


class TenantNotActive(ServiceError):
    """The caller belongs to the tenant, and its token is for another one."""

    kind = Kind.FORBIDDEN
    reason = "TENANT_NOT_ACTIVE"
    message = "The access token is for another tenant; please switch first."


class SelfTenantImmutable(ServiceError):
    """The tenant is a self-tenant, which nobody can change, share or delete."""

    kind = Kind.PRECONDITION
    reason = "SELF_TENANT_IMMUTABLE"
    message = "A self-tenant cannot be changed, shared or deleted."


class TenantLimitReached(ServiceError):
    """The user is in too many organizations; `limit` says how many are allowed."""

    kind = Kind.LIMITED
    reason = "TENANT_LIMIT_REACHED"
    message = "There are too many organizations; please leave one first."


class ProfileUnavailable(ServiceError):
    """Auth does not say who the user is at the moment."""

    kind = Kind.UNAVAILABLE
    reason = "PROFILE_UNAVAILABLE"
    message = "The account cannot be looked up at the moment."
