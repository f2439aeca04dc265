"""What can go wrong with a tenant and its members, as callers see it."""

from kernel.errors import Kind, ServiceError


class TenantNotActive(ServiceError):
    """The caller belongs to the tenant, and its token is for another one."""

    kind = Kind.FORBIDDEN
    reason = "TENANT_NOT_ACTIVE"
    message = "The access token is for another tenant; please switch first."


class TenantIsPersonal(ServiceError):
    """The tenant is a self-tenant, which nobody can change, share or delete."""

    kind = Kind.PRECONDITION
    reason = "TENANT_IS_PERSONAL"
    message = "A personal tenant cannot be changed, shared or deleted."


class TenantLimitReached(ServiceError):
    """The user is in too many organizations; `limit` says how many are allowed."""

    kind = Kind.LIMITED
    reason = "TENANT_LIMIT_REACHED"
    message = "There are too many organizations; please leave one first."


class SlugTaken(ServiceError):
    """There is an organization with this slug."""

    kind = Kind.EXISTS
    reason = "SLUG_TAKEN"
    message = "There is already an organization with this slug."


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


class ProfileUnavailable(ServiceError):
    """Auth does not say who the user is at the moment."""

    kind = Kind.UNAVAILABLE
    reason = "PROFILE_UNAVAILABLE"
    message = "The account cannot be looked up at the moment."


class MemberExists(ServiceError):
    """Whoever is invited, or accepts, is a member already."""

    kind = Kind.EXISTS
    reason = "MEMBER_EXISTS"
    message = "This user is already a member."


class MemberLimitReached(ServiceError):
    """The organization has as many members as one may have; `limit` says how many."""

    kind = Kind.LIMITED
    reason = "MEMBER_LIMIT_REACHED"
    message = "The organization has too many members."


class InvitationNotFound(ServiceError):
    """No such invitation; or it is used, withdrawn, too old, or ended with the authority of its maker."""

    kind = Kind.NOT_FOUND
    reason = "INVITATION_NOT_FOUND"
    message = "There is no such invitation."


class InvitationExists(ServiceError):
    """An invitation to this address waits to be accepted; it can be sent anew."""

    kind = Kind.EXISTS
    reason = "INVITATION_EXISTS"
    message = "There is already an invitation to this e-mail address."


class InvitationLimitReached(ServiceError):
    """As many invitations wait as may at once; `limit` says how many."""

    kind = Kind.LIMITED
    reason = "INVITATION_LIMIT_REACHED"
    message = "Too many invitations wait to be accepted; please withdraw one first."


class MailLimitReached(ServiceError):
    """As many mails as may in a day were sent to the address or by the user: one answer for both."""

    kind = Kind.LIMITED
    reason = "MAIL_LIMIT_REACHED"
    message = "Too many mails were sent today; please try again tomorrow."
