"""What can go wrong with an invitation, as callers see it."""

from kernel.errors import Kind, ServiceError


class MemberExists(ServiceError):
    """The invited address belongs to a member, or the user who accepts is one."""

    kind = Kind.EXISTS
    reason = "MEMBER_EXISTS"
    message = "This user is already a member."


class MemberLimitReached(ServiceError):
    """The organization has the maximum number of members, given in `limit`."""

    kind = Kind.LIMITED
    reason = "MEMBER_LIMIT_REACHED"
    message = "The organization has the maximum number of members."


class EmailDomainNotAllowed(ServiceError):
    """The policy of the organization names domains, and the address is at none of them, or not proved.

    For an inviter it is the invited address, for a user who accepts their own, proved one.
    """

    kind = Kind.FORBIDDEN
    reason = "EMAIL_DOMAIN_NOT_ALLOWED"
    message = "The organization does not take members with this email address."


class InvitationNotFound(ServiceError):
    """The invitation does not exist, is used, withdrawn or expired, or its inviter lost the role."""

    kind = Kind.NOT_FOUND
    reason = "INVITATION_NOT_FOUND"
    message = "The invitation does not exist or is not valid any more."


class InvitationExists(ServiceError):
    """There is a pending invitation to this address; it can be resent."""

    kind = Kind.EXISTS
    reason = "INVITATION_EXISTS"
    message = "There is already a pending invitation to this email address."


class InvitationLimitReached(ServiceError):
    """The organization has the maximum number of pending invitations, given in `limit`."""

    kind = Kind.LIMITED
    reason = "INVITATION_LIMIT_REACHED"
    message = "There are too many pending invitations; please withdraw one first."


class MailLimitReached(ServiceError):
    """The daily limit of invitation emails for this address or this sender is reached."""

    kind = Kind.LIMITED
    reason = "MAIL_LIMIT_REACHED"
    message = "Too many invitations were mailed today; please try again tomorrow."


class OptOutTokenInvalid(ServiceError):
    """The token is not from an invitation email, or from one of long ago."""

    kind = Kind.FORBIDDEN
    reason = "OPT_OUT_TOKEN_INVALID"
    message = "This link does not work. Please use the one in a later email."
