"""What can go wrong with a grant, as its user sees it."""

from kernel.errors import Kind, ServiceError


class GrantNotFound(ServiceError):
    """The caller has no grant with this id."""

    kind = Kind.NOT_FOUND
    reason = "GRANT_NOT_FOUND"
    message = "The program's grant does not exist."
