"""What can go wrong with a member, as callers see it."""

from kernel.errors import Kind, ServiceError


class MemberNotFound(ServiceError):
    """The tenant has no such member."""

    kind = Kind.NOT_FOUND
    reason = "MEMBER_NOT_FOUND"
    message = "There is no such member."


class LastOwner(ServiceError):
    """Without this member the organization would have no owner."""

    kind = Kind.PRECONDITION
    reason = "LAST_OWNER"
    message = "An organization needs an owner; please make another one first."
