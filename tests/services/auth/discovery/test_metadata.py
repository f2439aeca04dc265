"""What this installation says of itself."""

from typing import Any

import pytest

from kernel.identity import scopes
from services.auth.discovery.metadata import Discovery
from tests.services.auth.harness import make_settings

ISSUER = "https://ide.example.com"


REGISTRATION = {"DYNAMIC_CLIENT_REGISTRATION": "open"}


def discovery(**settings: str) -> Discovery:
    """The discovery of an installation."""
    return Discovery(make_settings(TOKEN_ISSUER=ISSUER, **settings))


def server(**settings: str) -> dict[str, Any]:
    """The metadata of its authorization server."""
    return discovery(**settings).authorization_server(["EdDSA"])


def test_every_url_is_below_the_issuer() -> None:
    """A program that knows the issuer reaches nothing else by the metadata."""
    urls = {name: value for name, value in server(**REGISTRATION).items() if "://" in str(value)}
    assert all(url == ISSUER or url.startswith(f"{ISSUER}/") for url in urls.values())
    assert {name for name in urls if name.endswith("_endpoint")} == {
        "authorization_endpoint", "token_endpoint", "device_authorization_endpoint",
        "pushed_authorization_request_endpoint", "revocation_endpoint", "introspection_endpoint",
        "userinfo_endpoint", "registration_endpoint",
    }  # fmt: skip
    assert urls["jwks_uri"] == f"{ISSUER}/.well-known/jwks.json"


def test_what_the_operator_does_not_allow_is_absent() -> None:
    """Registration and documents as client ids appear only where they are allowed."""
    assert "registration_endpoint" not in server()
    assert "registration_endpoint" in server(**REGISTRATION)
    for setting, supported in (("off", False), ("on", True)):
        made = server(CLIENT_METADATA_DOCUMENTS=setting)
        assert made["client_id_metadata_document_supported"] is supported


def test_a_program_can_ask_for_what_is_grantable() -> None:
    """No program is offered what only the user's own login may do; the API has no scopes of OpenID."""
    assert server()["scopes_supported"] == sorted(scopes.GRANTABLE)
    of_api = discovery().protected_resource()["scopes_supported"]
    assert set(of_api) == scopes.GRANTABLE - {"openid", "profile", "email", "offline_access"}
    assert scopes.LOGIN not in {*server()["scopes_supported"], *of_api}


@pytest.mark.parametrize("keys", [["ES256"], ["EdDSA", "ES256"], ["ES256", "EdDSA", "ES256"]])
def test_id_tokens_have_the_algorithms_of_the_keys(keys: list[str]) -> None:
    """While the algorithm changes, there are two."""
    made = discovery().authorization_server(keys)
    assert made["id_token_signing_alg_values_supported"] == sorted(set(keys))


def test_only_pkce_with_a_hash_is_offered() -> None:
    """The plain method, and a response type that gives tokens, are not (RFC 9700)."""
    assert list(server()["code_challenge_methods_supported"]) == ["S256"]
    assert list(server()["response_types_supported"]) == ["code"]
    assert server()["authorization_response_iss_parameter_supported"] is True


def test_introspection_takes_no_program_without_a_secret() -> None:
    """Everywhere else a public client authenticates by its id alone."""
    made = server()
    assert "none" in made["token_endpoint_auth_methods_supported"]
    assert "none" not in made["introspection_endpoint_auth_methods_supported"]


def test_the_resource_is_what_tokens_are_for() -> None:
    """A program asks for a token for the API by its `aud`."""
    made = discovery().protected_resource()
    assert made["resource"] == f"{ISSUER}/api/v5"
    assert made["authorization_servers"] == [ISSUER]
    other = Discovery(make_settings(TOKEN_ISSUER=ISSUER, TOKEN_AUDIENCE=f"{ISSUER}/other"))
    assert other.protected_resource()["resource"] == f"{ISSUER}/other"
