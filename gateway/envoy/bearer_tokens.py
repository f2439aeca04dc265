"""Bearer tokens that are no JWT: auth exchanges them before the gateway checks access tokens.

Envoy sends auth the `authorization` header of such a call, and puts the access token that comes back in
its place; everything behind it sees a call with an access token. For a token that is not good auth
gives one that no check accepts, so the call is counted and refused like any other with a bad token. A
limit of its own keeps an address from asking auth too often. A call with an access token pays for one
comparison.

Each worker remembers an answer for a second at most (`recall.lua`), unless auth forbids it. For as long
as auth knows an access token, it checks that token as every service does for each call, and gives the
same one. So the memory gives no access for longer. It may be wrong the other way: a program whose role
has just changed can get a 401 before the gateway asks auth again.
"""

from pathlib import Path
from typing import Any

from gateway.contract import Contract, ContractError
from gateway.envoy import limits
from gateway.envoy.clusters import RETRY_UNSENT
from gateway.settings import Settings

BEARER_TOKENS = "bearer_tokens"
"""The filter; routes of methods that take a token enable it."""
AUTHORIZATION = "envoy.service.auth.v3.Authorization"
"""The service of Envoy's protocol, which auth serves."""

# The scheme's name is case-insensitive, and one space or more follow it (RFC 9110, section 11.4).
_CREDENTIALS = "(?i:bearer) +cdt_.*"
_SECONDS = 3
_EXTENSION = "type.googleapis.com/envoy.extensions"
_MATCHER = "type.googleapis.com/envoy.type.matcher.v3"
_RECALL = "recall"
_SCRIPT = Path(__file__).with_name(f"{_RECALL}.lua")


def exchange(contract: Contract, settings: Settings) -> dict[str, Any]:
    """Returns the filter that exchanges the bearer tokens that are no JWT.

    Raises:
        ContractError: No context serves Envoy's protocol.
    """
    served = [method.context for method in contract.methods if method.service == AUTHORIZATION]
    if not served:
        raise ContractError(f"no method serves {AUTHORIZATION}")
    service = {
        "envoy_grpc": {"cluster_name": served[0]},
        "timeout": f"{_SECONDS}s",
        # A question can be asked twice: a replica that stops costs no call.
        "retry_policy": {
            "retry_on": f"{RETRY_UNSENT},unavailable",
            "num_retries": 2,
            # The longest interval is also the time limit of each attempt.
            "retry_back_off": {"base_interval": "0.025s", "max_interval": f"{_SECONDS}s"},
        },
        # For the log of auth, like any other call.
        "initial_metadata": [{"key": "x-request-id", "value": "%REQ(X-REQUEST-ID)%"}],
    }
    check = {
        "name": "envoy.filters.http.ext_authz",
        "typed_config": {
            "@type": f"{_EXTENSION}.filters.http.ext_authz.v3.ExtAuthz",
            "transport_api_version": "V3",
            "grpc_service": service,
            "allowed_headers": {"patterns": [{"exact": "authorization"}]},
            "status_on_error": {"code": "ServiceUnavailable"},
            # Asks unless the script says that it knows: so also if the script fails.
            "filter_enabled_metadata": {
                "filter": _RECALL,
                "path": [{"key": "known"}],
                "value": {"bool_match": True},
                "invert": True,
            },
        },
    }
    filters = [_recall(), *limits.limit_of(settings, limits.EXCHANGED), check]
    return {
        "name": BEARER_TOKENS,
        "disabled": True,
        "typed_config": {
            "@type": f"{_EXTENSION}.common.matching.v3.ExtensionWithMatcher",
            # Makes the filter only where a call matches. A filter that a match skips would be made for
            # every call, which costs Envoy a tenth of the call.
            "extension_config": {
                "name": "envoy.filters.http.composite",
                "typed_config": {"@type": f"{_EXTENSION}.filters.http.composite.v3.Composite"},
            },
            "xds_matcher": {"matcher_list": {"matchers": [_if_exchanged(filters)]}},
        },
    }


def _recall() -> dict[str, Any]:
    """Returns the filter that remembers what auth answered."""
    return {
        "name": _RECALL,
        "typed_config": {
            "@type": f"{_EXTENSION}.filters.http.lua.v3.Lua",
            "default_source_code": {"inline_string": _SCRIPT.read_text()},
            # No route depends on the token.
            "clear_route_cache": False,
        },
    }


def _if_exchanged(filters: list[dict[str, Any]]) -> dict[str, Any]:
    header = {"@type": f"{_MATCHER}.HttpRequestHeaderMatchInput", "header_name": "authorization"}
    credentials = {
        "input": {"name": "authorization", "typed_config": header},
        "value_match": {"safe_regex": {"google_re2": {}, "regex": _CREDENTIALS}},
    }
    action = {
        "@type": f"{_EXTENSION}.filters.http.composite.v3.ExecuteFilterAction",
        "filter_chain": {"typed_config": filters},
    }
    return {
        "predicate": {"single_predicate": credentials},
        "on_match": {"action": {"name": "execute", "typed_config": action}},
    }
