"""A class for each code of the API's errors.

Generated from docs/openapi.yaml by `make python-client`; not edited by hand.
"""

from coditect_client.exceptions import ApiError


class AccessDenied(ApiError):
    """The user has refused."""

    CODE = "ACCESS_DENIED"


class AccessTokenExpired(ApiError):
    """The access token has expired."""

    CODE = "ACCESS_TOKEN_EXPIRED"


class AccessTokenInvalid(ApiError):
    """The access token is not valid."""

    CODE = "ACCESS_TOKEN_INVALID"


class AccessTokenMissing(ApiError):
    """An access token is required."""

    CODE = "ACCESS_TOKEN_MISSING"


class AccessTokenRevoked(ApiError):
    """The access token has been revoked."""

    CODE = "ACCESS_TOKEN_REVOKED"


class AccountDisabled(ApiError):
    """This account cannot be used at the moment.

    Please contact the operator of this system.
    """

    CODE = "ACCOUNT_DISABLED"


class AgentChainTooLong(ApiError):
    """The token names as many agents as it may, so it makes no other one."""

    CODE = "AGENT_CHAIN_TOO_LONG"


class AuthorizationPending(ApiError):
    """The user has not answered yet."""

    CODE = "AUTHORIZATION_PENDING"


class AuthorizationRequestInvalid(ApiError):
    """The program has sent you here with a request that is not valid."""

    CODE = "AUTHORIZATION_REQUEST_INVALID"


class BadCredentials(ApiError):
    """The email address or the password is wrong."""

    CODE = "BAD_CREDENTIALS"


class BodyTooLarge(ApiError):
    """The body is too large."""

    CODE = "BODY_TOO_LARGE"


class ChallengeInvalid(ApiError):
    """The challenge is not valid any more.

    Please start again.
    """

    CODE = "CHALLENGE_INVALID"


class ClientHasNoSecret(ApiError):
    """The client does not use a secret."""

    CODE = "CLIENT_HAS_NO_SECRET"


class ClientLimitReached(ApiError):
    """The tenant has the maximum number of clients."""

    CODE = "CLIENT_LIMIT_REACHED"


class ClientNotFound(ApiError):
    """There is no such client."""

    CODE = "CLIENT_NOT_FOUND"


class CursorInvalid(ApiError):
    """The cursor is not valid for the events of this tenant."""

    CODE = "CURSOR_INVALID"


class DeadlineExceeded(ApiError):
    """The call did not finish in time."""

    CODE = "DEADLINE_EXCEEDED"


class DeviceLoginNotFound(ApiError):
    """No device is waiting with this code."""

    CODE = "DEVICE_LOGIN_NOT_FOUND"


class DownloadLimitReached(ApiError):
    """Too many downloads at once; please wait for one to end."""

    CODE = "DOWNLOAD_LIMIT_REACHED"


class EmailDomainNotAllowed(ApiError):
    """The organization does not take members with this email address."""

    CODE = "EMAIL_DOMAIN_NOT_ALLOWED"


class EmailNotVerified(ApiError):
    """Please prove your email address first.

    An email is on its way.
    """

    CODE = "EMAIL_NOT_VERIFIED"


class EmailTaken(ApiError):
    """An account with this email address already exists."""

    CODE = "EMAIL_TAKEN"


class EventsExpired(ApiError):
    """Events after this cursor are no longer kept."""

    CODE = "EVENTS_EXPIRED"


class ExpiredToken(ApiError):
    """The device code has ended."""

    CODE = "EXPIRED_TOKEN"


class FactorLimitReached(ApiError):
    """There are too many factors of this kind.

    Please remove one first.
    """

    CODE = "FACTOR_LIMIT_REACHED"


class FactorNotFound(ApiError):
    """The factor does not exist."""

    CODE = "FACTOR_NOT_FOUND"


class FailedDeliveryNotFound(ApiError):
    """The webhook has no such failed delivery."""

    CODE = "FAILED_DELIVERY_NOT_FOUND"


class GatewayTimeout(ApiError):
    """The service did not answer in time."""

    CODE = "GATEWAY_TIMEOUT"


class GrantNotFound(ApiError):
    """The program's grant does not exist."""

    CODE = "GRANT_NOT_FOUND"


class HashingBusy(ApiError):
    """Too many logins at the moment.

    Please try again.
    """

    CODE = "HASHING_BUSY"


class HeadersTooLarge(ApiError):
    """The headers are larger than 60 kB."""

    CODE = "HEADERS_TOO_LARGE"


class HttpVersionNotSupported(ApiError):
    """A download needs HTTP/1.1 or newer."""

    CODE = "HTTP_VERSION_NOT_SUPPORTED"


class IdempotencyKeyInvalid(ApiError):
    """The idempotency key must be 1 to 128 printable ASCII characters."""

    CODE = "IDEMPOTENCY_KEY_INVALID"


class IdempotencyKeyReused(ApiError):
    """The idempotency key was used before with another request."""

    CODE = "IDEMPOTENCY_KEY_REUSED"


class IdempotencyLimitReached(ApiError):
    """Too many idempotency keys were used within a day."""

    CODE = "IDEMPOTENCY_LIMIT_REACHED"


class InsufficientScope(ApiError):
    """The access token does not have the scope for this."""

    CODE = "INSUFFICIENT_SCOPE"


class Internal(ApiError):
    """Something went wrong on our side."""

    CODE = "INTERNAL"


class InvalidClient(ApiError):
    """The client is unknown, or did not show who it is."""

    CODE = "INVALID_CLIENT"


class InvalidClientMetadata(ApiError):
    """The metadata of the client are not allowed."""

    CODE = "INVALID_CLIENT_METADATA"


class InvalidGrant(ApiError):
    """The grant is not valid."""

    CODE = "INVALID_GRANT"


class InvalidRedirectUri(ApiError):
    """A redirect URI is not allowed."""

    CODE = "INVALID_REDIRECT_URI"


class InvalidRequest(ApiError):
    """The headers are larger than 60 kB.

    There are more headers than the limit of 100.
    """

    CODE = "INVALID_REQUEST"


class InvalidScope(ApiError):
    """The scope is not valid."""

    CODE = "INVALID_SCOPE"


class InvalidTarget(ApiError):
    """The resource or tenant that the token is to be for is not valid."""

    CODE = "INVALID_TARGET"


class InvalidToken(ApiError):
    """The access token has expired.

    The access token is not valid. An access token is required. The access token has been
    revoked.
    """

    CODE = "INVALID_TOKEN"


class InvitationExists(ApiError):
    """There is already a pending invitation to this email address."""

    CODE = "INVITATION_EXISTS"


class InvitationLimitReached(ApiError):
    """There are too many pending invitations; please withdraw one first."""

    CODE = "INVITATION_LIMIT_REACHED"


class InvitationNotFound(ApiError):
    """The invitation does not exist or is not valid any more."""

    CODE = "INVITATION_NOT_FOUND"


class LastOwner(ApiError):
    """An organization needs an owner; please make another member an owner first."""

    CODE = "LAST_OWNER"


class LastWayIn(ApiError):
    """This is the last way to log in.

    Please set a password first.
    """

    CODE = "LAST_WAY_IN"


class LoginNotFound(ApiError):
    """The login does not exist."""

    CODE = "LOGIN_NOT_FOUND"


class MailLimitReached(ApiError):
    """Too many invitations were mailed today; please try again tomorrow."""

    CODE = "MAIL_LIMIT_REACHED"


class MalformedRequest(ApiError):
    """The request cannot be read."""

    CODE = "MALFORMED_REQUEST"


class MemberExists(ApiError):
    """This user is already a member."""

    CODE = "MEMBER_EXISTS"


class MemberLimitReached(ApiError):
    """The organization has the maximum number of members."""

    CODE = "MEMBER_LIMIT_REACHED"


class MemberNotFound(ApiError):
    """The user is not a member of this tenant."""

    CODE = "MEMBER_NOT_FOUND"


class NewPasswordNeeded(ApiError):
    """Please log in first, or give a new password to start the account over."""

    CODE = "NEW_PASSWORD_NEEDED"


class ApiNotImplemented(ApiError):
    """The service does not know this call."""

    CODE = "NOT_IMPLEMENTED"


class NotReady(ApiError):
    """A service cannot serve at the moment."""

    CODE = "NOT_READY"


class NoSecondFactor(ApiError):
    """Please set up an authenticator app or a passkey first."""

    CODE = "NO_SECOND_FACTOR"


class OneTimeTokenInvalid(ApiError):
    """The link or the code is wrong, used or expired.

    Please ask for another email.
    """

    CODE = "ONE_TIME_TOKEN_INVALID"


class OperatorRequired(ApiError):
    """Only an operator of this system may do this, logged in with two factors."""

    CODE = "OPERATOR_REQUIRED"


class OptOutTokenInvalid(ApiError):
    """This link does not work.

    Please use the one in a later email.
    """

    CODE = "OPT_OUT_TOKEN_INVALID"


class OrganizationRequired(ApiError):
    """Service accounts belong to organizations.

    Please make a personal access token.
    """

    CODE = "ORGANIZATION_REQUIRED"


class OriginNotAllowed(ApiError):
    """Pages of this origin may not keep a login in a cookie."""

    CODE = "ORIGIN_NOT_ALLOWED"


class PageTokenInvalid(ApiError):
    """The page token is not valid for this list."""

    CODE = "PAGE_TOKEN_INVALID"


class PasskeyExists(ApiError):
    """The passkey is registered already."""

    CODE = "PASSKEY_EXISTS"


class PasskeyInvalid(ApiError):
    """The passkey was not accepted.

    Please try again.
    """

    CODE = "PASSKEY_INVALID"


class PasswordWrong(ApiError):
    """The password is wrong."""

    CODE = "PASSWORD_WRONG"


class ProfileUnavailable(ApiError):
    """The user's profile cannot be read at the moment."""

    CODE = "PROFILE_UNAVAILABLE"


class ProgramsNotAllowed(ApiError):
    """The organization does not allow programs."""

    CODE = "PROGRAMS_NOT_ALLOWED"


class RateLimited(ApiError):
    """Too many requests; please try again later."""

    CODE = "RATE_LIMITED"


class ReauthenticationRequired(ApiError):
    """Please prove again who you are first."""

    CODE = "REAUTHENTICATION_REQUIRED"


class RefreshTokenInvalid(ApiError):
    """The refresh token is not valid.

    Please log in again.
    """

    CODE = "REFRESH_TOKEN_INVALID"


class RequestNotSupported(ApiError):
    """Request objects are not supported."""

    CODE = "REQUEST_NOT_SUPPORTED"


class RevisionStale(ApiError):
    """The session has changed since; please read it again."""

    CODE = "REVISION_STALE"


class RevocationsStale(ApiError):
    """Access tokens cannot be checked at the moment."""

    CODE = "REVOCATIONS_STALE"


class RoleMissing(ApiError):
    """The role in this tenant does not allow this."""

    CODE = "ROLE_MISSING"


class ScopeMissing(ApiError):
    """The access token does not have the scope for this."""

    CODE = "SCOPE_MISSING"


class SecondFactorRequired(ApiError):
    """A second factor is required for this."""

    CODE = "SECOND_FACTOR_REQUIRED"


class SecondFactorWrong(ApiError):
    """The second factor is wrong."""

    CODE = "SECOND_FACTOR_WRONG"


class SelfTenantImmutable(ApiError):
    """A self-tenant cannot be changed, shared or deleted."""

    CODE = "SELF_TENANT_IMMUTABLE"


class ServerError(ApiError):
    """The service does not know this call."""

    CODE = "SERVER_ERROR"


class ServiceAccountKeyLimitReached(ApiError):
    """There are too many keys.

    Please revoke one first.
    """

    CODE = "SERVICE_ACCOUNT_KEY_LIMIT_REACHED"


class ServiceAccountKeyNotFound(ApiError):
    """The key does not exist."""

    CODE = "SERVICE_ACCOUNT_KEY_NOT_FOUND"


class ServiceAccountLimitReached(ApiError):
    """There are too many service accounts.

    Please delete one first.
    """

    CODE = "SERVICE_ACCOUNT_LIMIT_REACHED"


class ServiceAccountNotFound(ApiError):
    """The service account does not exist."""

    CODE = "SERVICE_ACCOUNT_NOT_FOUND"


class SessionsUnavailable(ApiError):
    """The sessions cannot be looked up at the moment.

    Please try again.
    """

    CODE = "SESSIONS_UNAVAILABLE"


class SessionLimitReached(ApiError):
    """There are too many sessions; please end one first."""

    CODE = "SESSION_LIMIT_REACHED"


class SessionNotFound(ApiError):
    """There is no such session."""

    CODE = "SESSION_NOT_FOUND"


class SlowDown(ApiError):
    """The device asks too often."""

    CODE = "SLOW_DOWN"


class SlugTaken(ApiError):
    """Another organization has this slug already."""

    CODE = "SLUG_TAKEN"


class StorageConflict(ApiError):
    """Other writes kept changing the same data; please try again."""

    CODE = "STORAGE_CONFLICT"


class StorageFull(ApiError):
    """The store is full.

    Only reading, logging out and deleting work at the moment.
    """

    CODE = "STORAGE_FULL"


class StorageUnavailable(ApiError):
    """The store is not available at the moment."""

    CODE = "STORAGE_UNAVAILABLE"


class TemporarilyUnavailable(ApiError):
    """The call did not finish in time.

    The service did not answer in time.
    """

    CODE = "TEMPORARILY_UNAVAILABLE"


class TenantsUnavailable(ApiError):
    """The tenant cannot be looked up at the moment.

    Please try again.
    """

    CODE = "TENANTS_UNAVAILABLE"


class TenantLimitReached(ApiError):
    """You are in too many organizations; please leave one first."""

    CODE = "TENANT_LIMIT_REACHED"


class TenantNotActive(ApiError):
    """The access token is for another tenant; please get one for this tenant first."""

    CODE = "TENANT_NOT_ACTIVE"


class TenantNotFound(ApiError):
    """There is no such tenant."""

    CODE = "TENANT_NOT_FOUND"


class TenantSuspended(ApiError):
    """The tenant is suspended."""

    CODE = "TENANT_SUSPENDED"


class TenantSuspendedByOperator(ApiError):
    """The operator of this system has suspended the organization.

    Please contact them.
    """

    CODE = "TENANT_SUSPENDED_BY_OPERATOR"


class TokenLifeTooLong(ApiError):
    """The token must end earlier."""

    CODE = "TOKEN_LIFE_TOO_LONG"


class TokenLimitReached(ApiError):
    """There are too many personal access tokens.

    Please revoke one first.
    """

    CODE = "TOKEN_LIMIT_REACHED"


class TokenNotFound(ApiError):
    """The token does not exist."""

    CODE = "TOKEN_NOT_FOUND"


class TooManyAttempts(ApiError):
    """Too many wrong attempts from this network.

    Please try again later.
    """

    CODE = "TOO_MANY_ATTEMPTS"


class TooManyEmails(ApiError):
    """Too many emails were requested today; please try again tomorrow."""

    CODE = "TOO_MANY_EMAILS"


class TooManyHeaders(ApiError):
    """There are more headers than the limit of 100."""

    CODE = "TOO_MANY_HEADERS"


class TooManyUserCodes(ApiError):
    """Too many wrong codes were typed.

    Please try again later.
    """

    CODE = "TOO_MANY_USER_CODES"


class UnauthorizedClient(ApiError):
    """The client may not do this."""

    CODE = "UNAUTHORIZED_CLIENT"


class UnknownField(ApiError):
    """The body has a field that this call does not have."""

    CODE = "UNKNOWN_FIELD"


class UnsupportedGrantType(ApiError):
    """The grant type is not supported."""

    CODE = "UNSUPPORTED_GRANT_TYPE"


class UnsupportedMediaType(ApiError):
    """The body must be application/json, and not compressed."""

    CODE = "UNSUPPORTED_MEDIA_TYPE"


class UnsupportedResponseType(ApiError):
    """The response type is not supported.

    It must be code.
    """

    CODE = "UNSUPPORTED_RESPONSE_TYPE"


class UnsupportedTokenType(ApiError):
    """A token of this kind cannot be revoked."""

    CODE = "UNSUPPORTED_TOKEN_TYPE"


class UpstreamUnavailable(ApiError):
    """The service is not available at the moment."""

    CODE = "UPSTREAM_UNAVAILABLE"


class UserIsOperator(ApiError):
    """The user is an operator of this system.

    Revoke that first, on the command line.
    """

    CODE = "USER_IS_OPERATOR"


class UserNotFound(ApiError):
    """The user does not exist."""

    CODE = "USER_NOT_FOUND"


class WebhookLimitReached(ApiError):
    """There are too many webhooks; please delete one first."""

    CODE = "WEBHOOK_LIMIT_REACHED"


class WebhookNotFound(ApiError):
    """The webhook does not exist."""

    CODE = "WEBHOOK_NOT_FOUND"


class WorkspaceTokenLimitReached(ApiError):
    """There are too many workspace tokens.

    Please revoke one first.
    """

    CODE = "WORKSPACE_TOKEN_LIMIT_REACHED"


class WorkspaceTokenNotFound(ApiError):
    """The session has no such token."""

    CODE = "WORKSPACE_TOKEN_NOT_FOUND"


class WorkspaceTokenRefused(ApiError):
    """A workspace token works in its own session alone."""

    CODE = "WORKSPACE_TOKEN_REFUSED"


BY_CODE: dict[str, type[ApiError]] = {
    one.CODE: one
    for one in (
        AccessDenied,
        AccessTokenExpired,
        AccessTokenInvalid,
        AccessTokenMissing,
        AccessTokenRevoked,
        AccountDisabled,
        AgentChainTooLong,
        AuthorizationPending,
        AuthorizationRequestInvalid,
        BadCredentials,
        BodyTooLarge,
        ChallengeInvalid,
        ClientHasNoSecret,
        ClientLimitReached,
        ClientNotFound,
        CursorInvalid,
        DeadlineExceeded,
        DeviceLoginNotFound,
        DownloadLimitReached,
        EmailDomainNotAllowed,
        EmailNotVerified,
        EmailTaken,
        EventsExpired,
        ExpiredToken,
        FactorLimitReached,
        FactorNotFound,
        FailedDeliveryNotFound,
        GatewayTimeout,
        GrantNotFound,
        HashingBusy,
        HeadersTooLarge,
        HttpVersionNotSupported,
        IdempotencyKeyInvalid,
        IdempotencyKeyReused,
        IdempotencyLimitReached,
        InsufficientScope,
        Internal,
        InvalidClient,
        InvalidClientMetadata,
        InvalidGrant,
        InvalidRedirectUri,
        InvalidRequest,
        InvalidScope,
        InvalidTarget,
        InvalidToken,
        InvitationExists,
        InvitationLimitReached,
        InvitationNotFound,
        LastOwner,
        LastWayIn,
        LoginNotFound,
        MailLimitReached,
        MalformedRequest,
        MemberExists,
        MemberLimitReached,
        MemberNotFound,
        NewPasswordNeeded,
        ApiNotImplemented,
        NotReady,
        NoSecondFactor,
        OneTimeTokenInvalid,
        OperatorRequired,
        OptOutTokenInvalid,
        OrganizationRequired,
        OriginNotAllowed,
        PageTokenInvalid,
        PasskeyExists,
        PasskeyInvalid,
        PasswordWrong,
        ProfileUnavailable,
        ProgramsNotAllowed,
        RateLimited,
        ReauthenticationRequired,
        RefreshTokenInvalid,
        RequestNotSupported,
        RevisionStale,
        RevocationsStale,
        RoleMissing,
        ScopeMissing,
        SecondFactorRequired,
        SecondFactorWrong,
        SelfTenantImmutable,
        ServerError,
        ServiceAccountKeyLimitReached,
        ServiceAccountKeyNotFound,
        ServiceAccountLimitReached,
        ServiceAccountNotFound,
        SessionsUnavailable,
        SessionLimitReached,
        SessionNotFound,
        SlowDown,
        SlugTaken,
        StorageConflict,
        StorageFull,
        StorageUnavailable,
        TemporarilyUnavailable,
        TenantsUnavailable,
        TenantLimitReached,
        TenantNotActive,
        TenantNotFound,
        TenantSuspended,
        TenantSuspendedByOperator,
        TokenLifeTooLong,
        TokenLimitReached,
        TokenNotFound,
        TooManyAttempts,
        TooManyEmails,
        TooManyHeaders,
        TooManyUserCodes,
        UnauthorizedClient,
        UnknownField,
        UnsupportedGrantType,
        UnsupportedMediaType,
        UnsupportedResponseType,
        UnsupportedTokenType,
        UpstreamUnavailable,
        UserIsOperator,
        UserNotFound,
        WebhookLimitReached,
        WebhookNotFound,
        WorkspaceTokenLimitReached,
        WorkspaceTokenNotFound,
        WorkspaceTokenRefused,
    )
}
