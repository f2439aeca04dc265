"""Programs that others wrote find the authorization server and the API by the issuer alone."""

import subprocess

import httpx
import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.discovery import OpenIDProviderMetadata

from tests.support import node
from tools.laptop import Laptop

PROGRAM = node.SOURCES / "discovery.mjs"


@node.NEEDED
def test_a_library_for_node_finds_everything(laptop: Laptop) -> None:
    """oauth4webapi takes the documents at their addresses; it compares each with what it asked for."""
    issuer = laptop.settings.environ["TOKEN_ISSUER"]
    done = subprocess.run(
        ["node", str(PROGRAM), issuer], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"{issuer} {issuer}/oauth/token",
        f"{issuer} {issuer}/oauth/token",
        f"{issuer}/api/v5 {issuer}",
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("oauth-authorization-server", AuthorizationServerMetadata),
        ("openid-configuration", OpenIDProviderMetadata),
    ],
)
def test_authlib_takes_the_metadata(laptop: Laptop, name: str, kind: type) -> None:
    """Its checks of RFC 8414 pass; those of OpenID Connect but for RS256, which no key here has."""
    answer = httpx.get(f"{laptop.settings.url}/.well-known/{name}", trust_env=False)
    metadata = kind(answer.json() | {"issuer": "https://a.example"})
    for key in metadata.REGISTRY_KEYS:
        if (
            not key.endswith(("_endpoint", "_uri"))
            and key != "id_token_signing_alg_values_supported"
        ):
            getattr(metadata, f"validate_{key}")()
