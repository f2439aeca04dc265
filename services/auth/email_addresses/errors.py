"""What can go wrong with an email address, as callers see it."""

from kernel.errors import Kind, ServiceError


class NewPasswordNeeded(ServiceError):
    """The proof is good, but the caller is not logged in to the account that it is for.

    Log in and repeat the call with the access token, or give a new password: then the account starts
    over, and nothing of before is left in it. An account to which an operator gave the address does not
    start over: without its password, reset that.
    """

    kind = Kind.FORBIDDEN
    reason = "NEW_PASSWORD_NEEDED"
    message = "Please log in first, or give a new password to start the account over."
