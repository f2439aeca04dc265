"""The documents over a real channel."""

import pytest

from tests.services.auth.server import Auth
from tests.support import contract


async def headers_of(auth: Auth, method: str, **metadata: str) -> dict[str, str]:
    """The headers of the answer of a method."""
    request = contract.request("auth.v5", method)()
    call = getattr(auth.stub, method)(
        request, metadata=[(name.replace("_", "-"), value) for name, value in metadata.items()]
    )
    await call
    return dict(await call.initial_metadata())


async def test_both_addresses_have_the_same_document(auth: Auth) -> None:
    """RFC 8414 and OpenID Connect name different addresses, and so does RFC 9728."""
    server = await auth.call("GetAuthorizationServer")
    assert server == await auth.call("GetOpenIdConfiguration")
    assert server.issuer == "https://coditect.local"
    assert list(server.id_token_signing_alg_values_supported) == ["EdDSA"]
    assert not server.HasField("registration_endpoint")
    resource = await auth.call("GetProtectedResource")
    assert resource == await auth.call("GetProtectedResourceOfApi")
    assert resource.resource == "https://coditect.local/api/v5"


async def test_no_list_is_empty(auth: Auth) -> None:
    """An empty list would say that nothing is supported, and be printed."""
    for method in ("GetAuthorizationServer", "GetProtectedResource"):
        message = await auth.call(method)
        for field in message.DESCRIPTOR.fields:
            assert not field.is_repeated or len(getattr(message, field.name)), field.name
            assert field.json_name == field.name


@pytest.mark.parametrize(
    ("method", "seconds"),
    [
        ("GetJwks", 300), ("GetAuthorizationServer", 300), ("GetOpenIdConfiguration", 300),
        ("GetProtectedResource", 3600), ("GetProtectedResourceOfApi", 3600),
    ],
)  # fmt: skip
async def test_documents_may_be_kept(auth: Auth, method: str, seconds: int) -> None:
    """Each has a tag, and with that it is not sent again; keys are kept for less than their lead."""
    first = await headers_of(auth, method)
    assert first["cache-control"] == f"public, max-age={seconds}"
    again = await headers_of(auth, method, if_none_match=first["etag"])
    assert again["x-coditect-status"] == "304"
    assert again["etag"] == first["etag"]
