"""The metadata of the authorization server (RFC 8414) and of the API as a resource (RFC 9728).

Every endpoint is below the issuer, the URL of the gateway for users.
"""

from collections.abc import Sequence
from typing import Any

from kernel.identity import scopes
from services.auth.authorizations import requests
from services.auth.notifications.language import LANGUAGES
from services.auth.oauth_clients import public_keys
from services.auth.oauth_clients.model import AuthMethod, GrantType
from services.auth.settings import AuthSettings
from services.auth.tokens import identity

GRANT_TYPES = tuple(GrantType)
"""What the token endpoint takes."""
CLIENT_METHODS = tuple(AuthMethod)
"""How programs authenticate where those without a secret are served, too."""
CONFIDENTIAL_METHODS = tuple(method for method in AuthMethod if method is not AuthMethod.NONE)
"""How programs authenticate that have a secret or a key."""
ABOUT_USERS = frozenset({scopes.OPENID, scopes.PROFILE, scopes.EMAIL, scopes.OFFLINE_ACCESS})
"""The scopes of OpenID Connect, which open nothing of the API."""


class Discovery:
    """What this installation says of itself.

    Args:
        settings: Issuer and audience of the tokens, and what the operator lets programs do.
    """

    def __init__(self, settings: AuthSettings) -> None:
        self._issuer = settings.token_issuer
        self._audience = settings.token_audience
        self._registration = settings.dynamic_client_registration != "off"
        self._documents = settings.client_metadata_documents != "off"

    def authorization_server(self, algorithms: Sequence[str]) -> dict[str, Any]:
        """The metadata of the authorization server, as in its JSON.

        Args:
            algorithms: Those of the published keys.
        """
        return {
            "issuer": self._issuer,
            "jwks_uri": self._at("/.well-known/jwks.json"),
            **self._endpoints(),
            **self._clients(),
            "scopes_supported": sorted(scopes.GRANTABLE),
            "response_types_supported": requests.RESPONSE_TYPES,
            "response_modes_supported": requests.RESPONSE_MODES,
            "grant_types_supported": GRANT_TYPES,
            "code_challenge_methods_supported": requests.CODE_CHALLENGE_METHODS,
            "require_pushed_authorization_requests": False,
            "authorization_response_iss_parameter_supported": True,
            "client_id_metadata_document_supported": self._documents,
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": sorted(set(algorithms)),
            "claims_supported": identity.CLAIMS,
            "acr_values_supported": requests.ACR_VALUES,
            "prompt_values_supported": requests.PROMPTS,
            "ui_locales_supported": sorted(LANGUAGES),
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
        }

    def protected_resource(self) -> dict[str, Any]:
        """The metadata of the API, as in its JSON."""
        return {
            "resource": self._audience,
            "authorization_servers": [self._issuer],
            "jwks_uri": self._at("/.well-known/jwks.json"),
            "scopes_supported": sorted(scopes.GRANTABLE - ABOUT_USERS),
            "bearer_methods_supported": ["header"],
            "resource_name": "Coditect",
        }

    def _endpoints(self) -> dict[str, str]:
        endpoints = {
            "authorization_endpoint": self._at("/oauth/authorize"),
            "token_endpoint": self._at("/oauth/token"),
            "device_authorization_endpoint": self._at("/oauth/device_authorization"),
            "pushed_authorization_request_endpoint": self._at("/oauth/par"),
            "revocation_endpoint": self._at("/oauth/revoke"),
            "introspection_endpoint": self._at("/oauth/introspect"),
            "userinfo_endpoint": self._at("/oauth/userinfo"),
        }
        if self._registration:
            endpoints["registration_endpoint"] = self._at("/oauth/register")
        return endpoints

    def _clients(self) -> dict[str, Sequence[str]]:
        methods: dict[str, Sequence[str]] = {
            "token": CLIENT_METHODS,
            "revocation": CLIENT_METHODS,
            "introspection": CONFIDENTIAL_METHODS,
        }
        return {f"{name}_endpoint_auth_methods_supported": of for name, of in methods.items()} | {
            f"{name}_endpoint_auth_signing_alg_values_supported": public_keys.ALGORITHMS
            for name in methods
        }

    def _at(self, path: str) -> str:
        return f"{self._issuer}{path}"
