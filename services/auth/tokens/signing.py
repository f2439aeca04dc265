"""Signs claims (RFC 7519)."""

import json
from collections.abc import Mapping
from typing import Any

from kernel.identity.signatures import SIGNATURES
from services.auth.signing_keys.rotation import ActiveKey


def signed(claims: Mapping[str, Any], token_type: str, key: ActiveKey) -> str:
    """The token with these claims.

    Args:
        claims: As in JSON.
        token_type: The `typ` of its header, so that no token passes for one of another kind.
        key: The key that signs now.
    """
    payload = json.dumps(claims, separators=(",", ":")).encode()
    headers = {"kid": key.kid, "typ": token_type}
    return SIGNATURES.encode(payload, key.private, key.algorithm, headers)
