"""Who may call an operation: the security schemes, and the scopes of programs."""

from typing import Any

from gateway.contract import Method
from kernel.identity import scopes

# Addresses must be absolute; those of an installation are in its own discovery document.
_HOST = "https://coditect.example"
_AUTHORIZE, _TOKEN = f"{_HOST}/oauth/authorize", f"{_HOST}/oauth/token"
_DISCOVERY = "/.well-known/oauth-authorization-server"


def schemes() -> dict[str, Any]:
    """Returns the security schemes by name."""
    return {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": (
                "An access token, which is a JWT. A personal access token, the key of a service"
                " account or a token of a workspace, all of which begin with `cdt_`, can be sent in"
                " its place."
            ),
        },
        "oauth2": {
            "type": "oauth2",
            "description": (
                f"The access token of a program (OAuth 2.1). `{_DISCOVERY}` has the addresses"
                " of the installation. A"
                " program without a browser uses the device authorization grant (RFC 8628)."
            ),
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": _AUTHORIZE,
                    "tokenUrl": _TOKEN,
                    "refreshUrl": _TOKEN,
                    "scopes": _consents(scopes.GRANTABLE),
                },
                "clientCredentials": {
                    "tokenUrl": _TOKEN,
                    "scopes": _consents(scopes.OF_SERVICE_ACCOUNTS),
                },
            },
        },
    }


def security_of(method: Method) -> list[dict[str, list[str]]]:
    """Returns the ways to call a method, of which one is enough."""
    if not method.rule.takes_token:
        return []
    programs = [{"oauth2": [scope]} for scope in sorted(method.rule.scopes & scopes.GRANTABLE)]
    ways: list[dict[str, list[str]]] = [{"bearer": []}, *programs]
    # The empty one makes the others optional.
    return [{}, *ways] if method.rule.optional_user else ways


def needs(method: Method) -> str:
    """Returns what the token of a program needs, as a sentence with a blank before it; or nothing."""
    if not method.rule.takes_token:
        return ""
    if method.rule.operator:
        return " Only an operator may call it, in a login of their own with two factors."
    programs = sorted(method.rule.scopes & scopes.GRANTABLE)
    if not programs:
        return " Only the user's own login may call it, and no program."
    return f" A program needs the scope {' or '.join(f'`{scope}`' for scope in programs)}."


def _consents(names: frozenset[str]) -> dict[str, str]:
    return {name: scopes.consent(name) for name in sorted(names)}
