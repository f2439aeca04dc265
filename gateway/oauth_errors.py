"""The errors of OAuth: what an endpoint of OAuth answers instead of our own codes.

The names are those of the registry of OAuth's RFCs (IANA, OAuth Extensions Error Registry).
"""

from collections.abc import Mapping
from types import MappingProxyType

_REGISTERED = (
    # RFC 6749, sections 4.1.2.1 and 5.2
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
    "invalid_scope",
    "access_denied",
    # RFC 7009, section 2.2.1
    "unsupported_token_type",
    # RFC 7591, section 3.2.2
    "invalid_redirect_uri",
    "invalid_client_metadata",
    "invalid_software_statement",
    "unapproved_software_statement",
    # RFC 8628, section 3.5
    "authorization_pending",
    "slow_down",
    "expired_token",
    # RFC 8707, section 2
    "invalid_target",
    # RFC 9101, section 5.2; OpenID Connect Core 1.0, section 3.1.2.6
    "invalid_request_uri",
    "invalid_request_object",
    "request_not_supported",
    "request_uri_not_supported",
    "interaction_required",
    "login_required",
    "account_selection_required",
    "consent_required",
)
_OF_BEARERS = {
    # RFC 6750, section 3.1
    "ACCESS_TOKEN_MISSING": "invalid_token",
    "ACCESS_TOKEN_INVALID": "invalid_token",
    "ACCESS_TOKEN_EXPIRED": "invalid_token",
    "ACCESS_TOKEN_REVOKED": "invalid_token",
    "SCOPE_MISSING": "insufficient_scope",
}

REGISTERED: Mapping[str, str] = MappingProxyType({name.upper(): name for name in _REGISTERED})
"""The errors of services by their reasons."""
ERRORS: Mapping[str, str] = MappingProxyType({**REGISTERED, **_OF_BEARERS})
"""The errors by our codes. Any other code is one of those of `error_of`."""

BUSY, BROKEN, REFUSED = "temporarily_unavailable", "server_error", "invalid_request"
_RETRIED = (429, 503, 504)
_OF_SERVERS = 500


def status_of(reason: str) -> int:
    """Returns the HTTP status of an error of services (RFC 6749, section 5.2)."""
    return 401 if reason == "INVALID_CLIENT" else 400


def error_of(code: str, status: int) -> str:
    """Returns the `error` in place of a code; envelope.lua has the same rule.

    Args:
        code: The code of a service or of the gateway.
        status: The HTTP status.
    """
    if code in ERRORS:
        return ERRORS[code]
    if status in _RETRIED:
        return BUSY
    return BROKEN if status >= _OF_SERVERS else REFUSED


def errors_in_lua() -> str:
    """Returns the errors by our codes, as the table that envelope.lua reads."""
    rows = "".join(f'  {code} = "{error}",\n' for code, error in sorted(ERRORS.items()))
    return f"local OAUTH_ERRORS = {{\n{rows}}}\n"
