"""What can go wrong with an invitation, as callers see it."""

from kernel.errors import Kind, ServiceError


class MemberExists(ServiceError):
    """The user who is invited, or accepts, is a member already."""

    kind = Kind.EXISTS
    reason = "MEMBER_EXISTS"
    message = "This user is already a member."


class MemberLimitReached(ServiceError):
    """The organization has too many members; `limit` says how many are allowed."""

    kind = Kind.LIMITED
    reason = "MEMBER_LIMIT_REACHED"
    message = "The organization has too many members."


class InvitationNotFound(ServiceError):
    """There is no such invitation, or it is used, withdrawn or expired, or its inviter lost the role."""

    kind = Kind.NOT_FOUND
    reason = "INVITATION_NOT_FOUND"
    message = "There is no such invitation."


class InvitationExists(ServiceError):
    """An invitation to this address waits to be accepted; it can be resent."""

    kind = Kind.EXISTS
    reason = "INVITATION_EXISTS"
    message = "There is already an invitation to this e-mail address."


class InvitationLimitReached(ServiceError):
    """Too many invitations wait to be accepted; `limit` says how many are allowed."""

    kind = Kind.LIMITED
    reason = "INVITATION_LIMIT_REACHED"
    message = "Too many invitations wait to be accepted; please withdraw one first."


class MailLimitReached(ServiceError):
    """The daily limit of invitation emails for this address or this sender is reached."""

    kind = Kind.LIMITED
    reason = "MAIL_LIMIT_REACHED"
    message = "Too many mails were sent today; please try again tomorrow."
