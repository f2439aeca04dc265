"""The limits of calls: a token bucket for each user, and one for each address without a valid token.

A bucket holds as many calls as a minute allows, and refills steadily. Envoy keeps the buckets in the
memory of its process: a limit is exact for one gateway, and n gateways together allow n times as much.

The least recently used buckets are forgotten, which bounds memory: a bucket takes about 420 bytes. A
forgotten bucket is full again, so a caller gains only if `REMEMBERED` others call before the bucket
would have refilled anyway, and the gateway serves that many.
"""

from collections.abc import Iterator
from typing import Any

from gateway.contract import Method
from gateway.settings import Settings

CREDENTIALS = "limit_credentials"
"""Limits the calls of an address to methods that take a credential."""
CALLERS = "limit_callers"
"""Limits the calls of a user, and those of an address without a valid token, to methods that take one."""
EXCHANGED = "limit_exchanged"
"""Limits the calls of an address about whose tokens auth is asked, before it is."""
PUBLIC = "limit_public"
"""Limits the other calls of an address: health, readiness and the key set."""

CALLER_HEADER = "x-coditect-caller"
"""Where the gateway notes whose token is valid. No client can send it, and no service gets it."""
REFUSED = "local_rate_limited"
"""How Envoy names a refusal (response code details)."""
POLICY_HEADER = "ratelimit-policy"
ENABLED = {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "config": {}}
"""The configuration of a route that enables a filter."""
REMEMBERED = {CREDENTIALS: 10_000, CALLERS: 50_000, EXCHANGED: 10_000, PUBLIC: 10_000}
"""The number of buckets of each kind, by limit."""

_TYPE = "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"
_ALWAYS = {"default_value": {"numerator": 100}}
_NO_TOKEN = {"name": CALLER_HEADER, "present_match": True, "invert_match": True}
# Not one of which the gateway knows what auth says.
_UNKNOWN = {"name": "authorization", "string_match": {"contains": " cdt_"}}
# The kinds of buckets. A site has addresses of its own to change between, and its bucket bounds them.
USER, ADDRESS, _SITE = "user", "address", "site"
_IPV6_BITS = {ADDRESS: 64, _SITE: 48}


def filters(settings: Settings, *names: str) -> Iterator[dict[str, Any]]:
    """Yields those of the named filters that limit anything. Routes enable them (`enabled`)."""
    for name in names:
        for limit in limit_of(settings, name):
            yield limit | {"disabled": True}


def limit_of(settings: Settings, name: str) -> Iterator[dict[str, Any]]:
    """Yields the named filter, if it limits anything."""
    if rates := _rates(name, settings):
        yield {"name": name, "typed_config": _limit(name, rates, settings)}


def enabled(method: Method, settings: Settings) -> dict[str, Any]:
    """Returns the configuration of a method's route that enables its limits."""
    return {name: ENABLED for name in _limits_of(method) if _rates(name, settings)}


def probe_enabled(settings: Settings) -> dict[str, Any]:
    """Returns the configuration of the routes of health and readiness that enables their limit."""
    return {PUBLIC: ENABLED} if _rates(PUBLIC, settings) else {}


def _limits_of(method: Method) -> Iterator[str]:
    if method.edge.credential:
        yield CREDENTIALS
    elif not method.rule.takes_token:
        yield PUBLIC
    if method.rule.takes_token:
        yield CALLERS


def _rates(name: str, settings: Settings) -> dict[str, int]:
    """Returns the calls per minute of each kind of bucket, without those that are unlimited."""
    rates = {
        CREDENTIALS: {ADDRESS: settings.credential_rate},
        CALLERS: {USER: settings.user_rate, ADDRESS: settings.address_rate},
        EXCHANGED: {ADDRESS: settings.exchange_rate},
        PUBLIC: {ADDRESS: settings.address_rate},
    }
    return {kind: rate for kind, rate in rates[name].items() if rate}


def _limit(name: str, rates: dict[str, int], settings: Settings) -> dict[str, Any]:
    policy = ", ".join(f'"{kind}";q={rate};w=60' for kind, rate in rates.items())
    if ADDRESS in rates:
        rates = rates | {_SITE: rates[ADDRESS] * settings.ipv6_site_factor}
    return {
        "@type": _TYPE,
        "stat_prefix": name,
        "filter_enabled": _ALWAYS,
        "filter_enforced": _ALWAYS,
        "enable_retry_after_header": True,
        "response_headers_to_add": [{"header": {"key": POLICY_HEADER, "value": policy}}],
        "rate_limits": [{"actions": _actions(kind, name)} for kind in rates],
        # An entry without a value means a bucket for each value. Envoy takes from the bucket that
        # refills slowest first, and from the others only if it is not empty.
        "descriptors": [
            {"entries": _entries(kind), "token_bucket": _bucket(rate)}
            for kind, rate in rates.items()
        ],
        "max_dynamic_descriptors": REMEMBERED[name],
    }


def _actions(kind: str, limit: str) -> list[dict[str, Any]]:
    """Returns what makes the key of a call's bucket; no key, no bucket."""
    if kind == USER:
        return [{"request_headers": {"header_name": CALLER_HEADER, "descriptor_key": USER}}]
    counted = _UNKNOWN if limit == EXCHANGED else _NO_TOKEN
    no_user = {"descriptor_key": "kind", "descriptor_value": kind, "headers": [counted]}
    masks = {"v4_prefix_mask_len": 32, "v6_prefix_mask_len": _IPV6_BITS[kind]}
    return [{"header_value_match": no_user}, {"masked_remote_address": masks}]


def _entries(kind: str) -> list[dict[str, str]]:
    if kind == USER:
        return [{"key": USER}]
    return [{"key": "kind", "value": kind}, {"key": "masked_remote_address"}]


def _bucket(per_minute: int) -> dict[str, Any]:
    return {"max_tokens": per_minute, "tokens_per_fill": per_minute, "fill_interval": "60s"}
