"""The typed error that crosses a call, and the kernel's own errors.

Domain code raises subclasses of `ServiceError`; `kernel.rpc.errors` is the only place that turns
them into a gRPC status and back. The message of an error is a constant: variable data goes into
`metadata`, so that no request data can leak through a message (AIP-193).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, Self


class Kind(Enum):
    """The category of an error; determines the gRPC code and so the HTTP status."""

    INVALID = "INVALID_ARGUMENT"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "PERMISSION_DENIED"
    NOT_FOUND = "NOT_FOUND"
    EXISTS = "ALREADY_EXISTS"
    PRECONDITION = "FAILED_PRECONDITION"
    CONFLICT = "ABORTED"
    LIMITED = "RESOURCE_EXHAUSTED"
    UNAVAILABLE = "UNAVAILABLE"
    TIMEOUT = "DEADLINE_EXCEEDED"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True)
class FieldViolation:
    """One invalid field of a request.

    `field` is the path in JSON spelling (`firstName`), `reason` an UPPER_SNAKE constant and
    `description` a constant sentence; neither quotes the request.
    """

    field: str
    reason: str
    description: str


class ServiceError(Exception):
    """An error that a caller may see.

    A subclass fixes `kind`, `reason` (UPPER_SNAKE, at most 63 characters, unique in the product)
    and `message` (a constant sentence); its docstring says when it occurs, also in docs/errors.md.

    Args:
        metadata: Variable data, under lowerCamel keys; shown to the caller.
        violations: The invalid fields, for `Kind.INVALID`.
        retry_after: Seconds after which a retry may succeed.
    """

    kind: ClassVar[Kind]
    reason: ClassVar[str]
    message: ClassVar[str]
    internal: ClassVar[bool] = False
    """Whether only services can receive it."""

    def __init__(
        self,
        metadata: Mapping[str, str] | None = None,
        violations: Sequence[FieldViolation] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(self.reason)
        self.metadata = dict(metadata or {})
        self.violations = tuple(violations)
        self.retry_after = retry_after


class InvalidRequest(ServiceError):
    """Fields of the request are invalid; the details name each, in a `BadRequest`."""

    kind = Kind.INVALID
    reason = "INVALID_REQUEST"
    message = "The request has fields that are not valid."

    @classmethod
    def of(cls, field: str, reason: str = "INVALID", description: str = "Is not valid.") -> Self:
        """The error of a single field; the arguments are those of `FieldViolation`."""
        return cls(violations=[FieldViolation(field, reason, description)])


class PageTokenInvalid(ServiceError):
    """The page token is damaged, or belongs to another caller, list or filter."""

    kind = Kind.INVALID
    reason = "PAGE_TOKEN_INVALID"
    message = "The page token is not valid for this list."


class IdempotencyKeyInvalid(ServiceError):
    """The idempotency key is empty, too long or not printable ASCII."""

    kind = Kind.INVALID
    reason = "IDEMPOTENCY_KEY_INVALID"
    message = "The idempotency key must be 1 to 128 printable ASCII characters."


class IdempotencyKeyReused(ServiceError):
    """The idempotency key was used before with a different request."""

    kind = Kind.PRECONDITION
    reason = "IDEMPOTENCY_KEY_REUSED"
    message = "The idempotency key was used before with another request."


class IdempotencyLimitReached(ServiceError):
    """The caller has used as many idempotency keys within a day as one may; `limit` says how many.

    The first of them expires after `Retry-After`. Calls without a key still work.
    """

    kind = Kind.LIMITED
    reason = "IDEMPOTENCY_LIMIT_REACHED"
    message = "Too many idempotency keys were used within a day."


class OriginNotAllowed(ServiceError):
    """The call asks for a cookie (`X-Coditect-Tokens`), and its page is of an origin that is not ours.

    Ours are the origin of `TOKEN_ISSUER` and those in `CORS_ORIGINS`. A call without an `Origin` is of no
    page.
    """

    kind = Kind.FORBIDDEN
    reason = "ORIGIN_NOT_ALLOWED"
    message = "Pages of this origin may not keep a login in a cookie."


class AccessTokenMissing(ServiceError):
    """The call needs an access token and carries none."""

    kind = Kind.UNAUTHENTICATED
    reason = "ACCESS_TOKEN_MISSING"
    message = "An access token is required."


class AccessTokenInvalid(ServiceError):
    """The access token was not issued by this product, or not for it."""

    kind = Kind.UNAUTHENTICATED
    reason = "ACCESS_TOKEN_INVALID"
    message = "The access token is not valid."


class AccessTokenExpired(ServiceError):
    """The access token has expired; a refresh returns a new one."""

    kind = Kind.UNAUTHENTICATED
    reason = "ACCESS_TOKEN_EXPIRED"
    message = "The access token has expired."


class AccessTokenRevoked(ServiceError):
    """The login, membership or account behind the access token has ended."""

    kind = Kind.UNAUTHENTICATED
    reason = "ACCESS_TOKEN_REVOKED"
    message = "The access token has been revoked."


class RoleMissing(ServiceError):
    """The caller's role in the tenant does not allow the call."""

    kind = Kind.FORBIDDEN
    reason = "ROLE_MISSING"
    message = "The role in this tenant does not allow this."


class OperatorRequired(ServiceError):
    """The caller is no operator, or has not shown two factors in this login."""

    kind = Kind.FORBIDDEN
    reason = "OPERATOR_REQUIRED"
    message = "Only an operator of this system may do this, logged in with two factors."


class UserIsOperator(ServiceError):
    """The user is an operator, on whom no operator acts: the command line must revoke that first."""

    kind = Kind.FORBIDDEN
    reason = "USER_IS_OPERATOR"
    message = "The user is an operator of this system. Revoke that first, on the command line."


class ScopeMissing(ServiceError):
    """The access token of a program does not have the scope for the call; `scopes` says which ones would do.

    The scope `login` is only in the tokens of a user's own login: no program may make the call.
    """

    kind = Kind.FORBIDDEN
    reason = "SCOPE_MISSING"
    message = "The access token does not have the scope for this."


class ReauthenticationRequired(ServiceError):
    """The user's last proof of who they are is older than `maxAgeSeconds`.

    `POST /api/v5/auth/reauthenticate` takes another one and gives an access token that will do. `proof`
    says which: `password` or, for a user who has one, `second_factor`.
    """

    kind = Kind.FORBIDDEN
    reason = "REAUTHENTICATION_REQUIRED"
    message = "Please prove again who you are first."


class SecondFactorRequired(ServiceError):
    """The method, or the tenant, asks for a second factor, which this login has not shown.

    `action` says what helps: `enroll` for a user who has none, who must set one up and then refresh;
    `reauthenticate` for another one.
    """

    kind = Kind.FORBIDDEN
    reason = "SECOND_FACTOR_REQUIRED"
    message = "A second factor is required for this."


class TenantNotFound(ServiceError):
    """The tenant does not exist, or the caller is not a member: the same answer for both."""

    kind = Kind.NOT_FOUND
    reason = "TENANT_NOT_FOUND"
    message = "There is no such tenant."


class TenantNotActive(ServiceError):
    """The access token is for another tenant than the call names: the caller may have switched."""

    kind = Kind.CONFLICT
    reason = "TENANT_NOT_ACTIVE"
    message = "The access token is for another tenant; please get one for this tenant first."


class TenantSuspended(ServiceError):
    """The tenant is suspended: owners may read, resume or delete it; other members may do nothing."""

    kind = Kind.FORBIDDEN
    reason = "TENANT_SUSPENDED"
    message = "The tenant is suspended."


class DownloadLimitReached(ServiceError):
    """The user, or all users together, have too many downloads in progress; wait for one to end."""

    kind = Kind.LIMITED
    reason = "DOWNLOAD_LIMIT_REACHED"
    message = "Too many downloads at once; please wait for one to end."


class ServiceTokenInvalid(ServiceError):
    """The method is for services only, and the call carries no valid service token."""

    kind = Kind.UNAUTHENTICATED
    reason = "SERVICE_TOKEN_INVALID"
    message = "A valid service token is required."
    internal = True


class PeerUnknown(ServiceError):
    """The call did not come through the sidecar, or not from a known workload."""

    kind = Kind.UNAUTHENTICATED
    reason = "PEER_UNKNOWN"
    message = "The call does not come from a known workload."
    internal = True


class ServiceNotAllowed(ServiceError):
    """The access rule of the method does not list the calling service."""

    kind = Kind.FORBIDDEN
    reason = "SERVICE_NOT_ALLOWED"
    message = "This service may not call this method."
    internal = True


class SessionNotFound(ServiceError):
    """No such session, or not the caller's, or it has expired: the same answer for all."""

    kind = Kind.NOT_FOUND
    reason = "SESSION_NOT_FOUND"
    message = "There is no such session."


class RevocationsStale(ServiceError):
    """The revocation feed has been silent for too long to trust any token."""

    kind = Kind.UNAVAILABLE
    reason = "REVOCATIONS_STALE"
    message = "Access tokens cannot be checked at the moment."


class StorageUnavailable(ServiceError):
    """The store does not answer, or cannot take writes."""

    kind = Kind.UNAVAILABLE
    reason = "STORAGE_UNAVAILABLE"
    message = "The store is not available at the moment."


class StorageFull(StorageUnavailable):
    """The store is full, or the disk below it is; only reads, logouts and deletions work now."""

    reason = "STORAGE_FULL"
    message = "The store is full. Only reading, logging out and deleting work at the moment."


class StorageConflict(ServiceError):
    """Other writes kept conflicting until the retries were exhausted."""

    kind = Kind.CONFLICT
    reason = "STORAGE_CONFLICT"
    message = "Other writes kept changing the same data; please try again."


class CallTimedOut(ServiceError):
    """The deadline of the call has passed."""

    kind = Kind.TIMEOUT
    reason = "DEADLINE_EXCEEDED"
    message = "The call did not finish in time."


class Internal(ServiceError):
    """An unexpected error; the cause is in the log under the request id."""

    kind = Kind.INTERNAL
    reason = "INTERNAL"
    message = "Something went wrong on our side."
