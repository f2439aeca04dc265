"""What can go wrong with a member, as callers see it."""

from kernel.errors import Kind, ServiceError


class MemberNotFound(ServiceError):
    """The user is not a member of the tenant."""

    kind = Kind.NOT_FOUND
    reason = "MEMBER_NOT_FOUND"
    message = "The user is not a member of this tenant."


class LastOwner(ServiceError):
    """The change would leave the organization without an owner."""

    kind = Kind.PRECONDITION
    reason = "LAST_OWNER"
    message = "An organization needs an owner; please make another member an owner first."
