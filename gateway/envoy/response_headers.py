"""Headers that every response of the edge has, from a service or from Envoy itself.

Envoy adds those of `of_services` to the responses of services, and those of `of_envoy` to its own,
which include refusals of requests that it could not read.
"""

from gateway.settings import Settings
from kernel.origins import LOOPBACK

EXPOSED = "x-request-id, retry-after, ratelimit, ratelimit-policy, www-authenticate"
"""The headers that a page of a known origin may read."""


def of_services(settings: Settings) -> dict[str, str]:
    """Returns names and values for the responses of services; the CORS filter adds its own.

    `strict-transport-security` is a draft: envelope.lua removes the scheme before the value, or the
    header, because Envoy has no condition for a header.
    """
    return _always(settings) | (
        {"strict-transport-security": f"%REQ(X-FORWARDED-PROTO)% {_strict(settings)}"}
        if _strict(settings)
        else {}
    )


def of_envoy(settings: Settings) -> dict[str, str]:
    """Returns names and values for Envoy's own responses. Envoy omits a header that is empty.

    The conditions are in CEL. That is too slow for every response, and fast enough for these.
    """
    headers = _always(settings)
    if settings.known_origins.has_others:
        known = f"'origin' in request.headers && {_is_known(settings)}"
        headers["access-control-allow-origin"] = f"%CEL({known} ? request.headers['origin'] : '')%"
        headers["access-control-allow-credentials"] = f"%CEL({known} ? 'true' : '')%"
        headers["access-control-expose-headers"] = f"%CEL({known} ? '{EXPOSED}' : '')%"
    if strict := _strict(settings):
        proto = "x-forwarded-proto"
        https = f"'{proto}' in request.headers && request.headers['{proto}'] == 'https'"
        headers["strict-transport-security"] = f"%CEL({https} ? '{strict}' : '')%"
    return headers


def _always(settings: Settings) -> dict[str, str]:
    headers = {"x-content-type-options": "nosniff"}
    # Caches must not give a page the response that another one may read.
    return headers | ({"vary": "Origin"} if settings.known_origins.has_others else {})


def _is_known(settings: Settings) -> str:
    """Returns the condition that a page of a known origin asks, in CEL."""
    if settings.known_origins.loopback:
        return f"request.headers['origin'].matches(r'^{LOOPBACK}$')"
    origins = ", ".join(f"'{origin}'" for origin in settings.known_origins.listed)
    return f"request.headers['origin'] in [{origins}]"


def _strict(settings: Settings) -> str:
    """Returns the Strict-Transport-Security header (RFC 6797); empty if none is ever sent.

    TLS ends in front of the gateway, so only a trusted proxy can say that there was TLS.
    """
    if not settings.trusted_proxies or not settings.hsts_seconds:
        return ""
    return f"max-age={settings.hsts_seconds}"
