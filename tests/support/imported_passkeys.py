"""A passkey as a line of an import says it."""

from base64 import urlsafe_b64encode
from typing import Any

from fido2 import cbor

from tests.support.authenticator import Authenticator, cose_key


def passkey_line(key: Authenticator, **more: Any) -> dict[str, Any]:
    """The line about the passkey of an authenticator."""
    return {
        "kind": "passkey",
        "rpId": "localhost",
        "credentialId": base64url(key.credential_id),
        "publicKey": base64url(cbor.encode(dict(cose_key(key.key)))),
        **more,
    }


def base64url(data: bytes) -> str:
    """Base64 of the alphabet for URLs, without padding."""
    return urlsafe_b64encode(data).decode().rstrip("=")
