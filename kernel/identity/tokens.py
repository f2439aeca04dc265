"""Verifies access tokens: JWTs signed with Ed25519 (RFC 9068, RFC 8037).

Only auth signs them; every service verifies them here.
"""

from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kernel.clock import Clock
from kernel.errors import AccessTokenExpired, AccessTokenInvalid
from kernel.identity.callers import Caller, Role

ALGORITHM = "EdDSA"
TYPE = "at+jwt"
_CLAIMS = ("iss", "aud", "sub", "tenant_id", "role", "login_id", "jti", "iat", "exp")
# What decoding a token can raise: jwt's errors, and those of claims of the wrong type or size.
_INVALID = (
    jwt.InvalidTokenError, KeyError, TypeError, ValueError, AttributeError, OverflowError,
)  # fmt: skip
_CACHE_SIZE = 10_000  # about 5 MB
_SKEW_SECONDS = 5  # clocks of two machines may differ this much


class Verifier:
    """Turns an access token into its caller.

    A token seen before costs a hash and a look-up in memory; its expiry is still checked each
    time. This class does not check revocations.
    """

    def __init__(self, issuer: str, audience: str, clock: Clock) -> None:
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._seen: dict[bytes, Caller] = {}

    def trust(self, keys: Mapping[str, bytes]) -> None:
        """Trusts these Ed25519 public keys (32 bytes each, by key id) and no others."""
        self._keys = {kid: Ed25519PublicKey.from_public_bytes(key) for kid, key in keys.items()}
        self._seen.clear()

    def verify(self, token: str) -> Caller:
        """The caller of a valid token. Raises `AccessTokenInvalid`, `AccessTokenExpired`."""
        digest = sha256(token.encode()).digest()
        caller = self._seen.get(digest)
        if caller is None:
            caller = self._decode(token)
            if len(self._seen) >= _CACHE_SIZE:
                del self._seen[next(iter(self._seen))]
            self._seen[digest] = caller
        if self._clock.now().timestamp() >= caller.expire_second:
            raise AccessTokenExpired
        return caller

    def _decode(self, token: str) -> Caller:
        try:
            header = jwt.get_unverified_header(token)
            if header.get("typ") != TYPE:
                raise AccessTokenInvalid
            claims = jwt.decode(
                token,
                self._keys[header["kid"]],
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                # The times are checked against our own clock.
                options={"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False},
            )
            caller = Caller(
                user_id=UUID(claims["sub"]),
                tenant_id=UUID(claims["tenant_id"]),
                role=Role.parse(claims["role"]),
                login_id=UUID(claims["login_id"]),
                issue_second=int(claims["iat"]),
                expire_second=int(claims["exp"]),
                tenant_epoch=int(claims.get("tenant_epoch", 0)),
                tenant_suspended=bool(claims.get("tenant_suspended", False)),
            )
        except _INVALID:
            raise AccessTokenInvalid from None
        if caller.issue_second > self._clock.now().timestamp() + _SKEW_SECONDS:
            raise AccessTokenInvalid
        return caller
