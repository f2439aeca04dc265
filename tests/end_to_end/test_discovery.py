"""What programs find out by themselves, over the real gateway: bare documents that may be kept."""

import httpx
import pytest

from tools.laptop import Laptop

DOCUMENTS = (
    "/.well-known/jwks.json",
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/api/v5",
)


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_may_be_kept(http: httpx.Client, path: str) -> None:
    """With its tag it is not sent again, also when a cache has weakened that; HEAD has the same headers."""
    first = http.get(path)
    assert first.status_code == 200
    assert first.headers["cache-control"].startswith("public, max-age=")
    assert first.headers["content-type"] == "application/json"
    tag = first.headers["etag"]
    head = http.head(path)
    assert (head.status_code, head.headers["etag"], head.content) == (200, tag, b"")
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = http.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == first.headers["cache-control"]
        assert "x-coditect-status" not in again.headers
    assert http.get(path, headers={"if-none-match": '"other"'}).json() == first.json()
    # The connection goes on: what has no body has none.
    assert http.get(path).json() == first.json()


def test_the_names_of_members_are_those_of_the_rfcs(http: httpx.Client) -> None:
    """No member is spelled as in our own API, and none is empty."""
    for path in DOCUMENTS[1:]:
        document = http.get(path).json()
        assert all(name == name.lower() for name in document), document
        assert all(value not in ("", [], None) for value in document.values()), document


def test_the_documents_lead_to_each_other(http: httpx.Client, laptop: Laptop) -> None:
    """From the API by its URL to the issuer, and from there to the keys."""
    issuer = f"http://localhost:{laptop.settings.port}"
    resource = http.get("/.well-known/oauth-protected-resource/api/v5").json()
    assert resource["resource"] == f"{issuer}/api/v5"
    assert resource["authorization_servers"] == [issuer]
    server = http.get("/.well-known/oauth-authorization-server").json()
    assert server["issuer"] == issuer
    assert server["jwks_uri"] == resource["jwks_uri"] == f"{issuer}/.well-known/jwks.json"
    algorithms = {key["alg"] for key in http.get("/.well-known/jwks.json").json()["keys"]}
    assert set(server["id_token_signing_alg_values_supported"]) == algorithms
