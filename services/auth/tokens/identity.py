"""ID tokens (OpenID Connect Core 1.0, section 2), and what they and `/oauth/userinfo` say of a user.

An ID token tells a program who has logged in and how; it opens nothing. Its `typ` and `aud` differ from
those of an access token, so neither passes for the other.
"""

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from kernel import base64url
from kernel.identity.signatures import Algorithm
from services.auth.settings import AuthSettings
from services.auth.signing_keys.rotation import SigningKeys
from services.auth.tokens.signing import signed
from services.auth.users.model import User

TYPE = "JWT"
EMAIL, PROFILE = "email", "profile"
"""The scopes that add claims about the user (OpenID Connect Core 1.0, section 5.4)."""
SCOPE_CLAIMS = {
    PROFILE: ("name", "given_name", "family_name", "locale"),
    EMAIL: ("email", "email_verified"),
}
"""The claims that each of these scopes adds."""
CLAIMS = (
    "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash",
    *(claim for claims in SCOPE_CLAIMS.values() for claim in claims),
)  # fmt: skip
"""Every claim of an ID token."""

# OpenID Connect Core 1.0, section 3.1.3.6: the hash of the signature's algorithm. Ed25519 has SHA-512.
_HASHES = {Algorithm.EDDSA: hashlib.sha512, Algorithm.ES256: hashlib.sha256}


class Authentication(NamedTuple):
    """How a user has logged in, for a program."""

    user: User
    client_id: str
    """The program that the token is for."""
    login_id: UUID
    """The grant: the login of the program."""
    auth_time: datetime
    """When the user last proved who they are."""
    methods: Collection[str]
    """How, by the names of RFC 8176."""
    assurance: str
    """How surely the user is known by that: `aal1` or `aal2`."""
    scopes: Collection[str]
    """What the user lets the program know and do."""
    nonce: str = ""
    """As in the authorization request; empty without one."""


class IdTokens:
    """Issues ID tokens."""

    def __init__(self, signing_keys: SigningKeys, settings: AuthSettings) -> None:
        self._signing_keys = signing_keys
        self._settings = settings

    def sign(self, authentication: Authentication, time: datetime, access_token: str = "") -> str:
        """An ID token.

        Args:
            authentication: How the user has logged in.
            time: When it is issued. It is as good as an access token of that time.
            access_token: The access token that comes with it; empty without one.
        """
        key = self._signing_keys.active
        second = int(time.timestamp())
        claims: dict[str, Any] = {
            "iss": self._settings.token_issuer,
            "aud": authentication.client_id,
            "exp": second + self._settings.token_seconds,
            "iat": second,
            "auth_time": int(authentication.auth_time.timestamp()),
            "acr": authentication.assurance,
            "amr": list(authentication.methods),
            "sid": str(authentication.login_id),
        }
        if authentication.nonce:
            claims["nonce"] = authentication.nonce
        if access_token:
            claims["at_hash"] = _half_hash(access_token, key.algorithm)
        claims |= user_claims(authentication.user, authentication.scopes)
        return signed(claims, TYPE, key)


def user_claims(user: User, scopes: Collection[str]) -> dict[str, Any]:
    """What a program with these scopes may know of a user, `sub` included, as in JSON."""
    claims: dict[str, Any] = {"sub": str(user.user_id)}
    if PROFILE in scopes:
        names = {
            "name": " ".join(filter(None, (user.first_name, user.last_name))),
            "given_name": user.first_name,
            "family_name": user.last_name,
            "locale": user.language,
        }
        claims |= {claim: text for claim, text in names.items() if text}
    if EMAIL in scopes:
        claims |= {"email": user.email, "email_verified": user.email_verified}
    return claims


def _half_hash(token: str, algorithm: Algorithm) -> str:
    digest = _HASHES[algorithm](token.encode()).digest()
    return base64url.encode(digest[: len(digest) // 2])
