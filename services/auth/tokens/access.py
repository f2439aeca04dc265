"""Access tokens: JSON Web Tokens (RFC 9068), signed with the key that is active.

The same claims, metadata and key give the same token. A token is good without a look at any store,
so one must not outlive what it stands for: what has expired can no longer be revoked.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kernel.identity import tokens
from services.auth.settings import AuthSettings
from services.auth.signing_keys.rotation import SigningKeys
from services.auth.tokens.signing import signed


class Claims(NamedTuple):
    """What an access token says of its user."""

    user_id: UUID
    email_verified: bool
    """Whether the user has proved that the email address is theirs."""
    login_id: UUID
    tenant_id: UUID
    role: str
    tenant_epoch: int
    """The epoch of the tenant at which the role was read."""
    tenant_suspended: bool
    auth_time: datetime
    """When the user last proved who they are in this login."""
    methods: tuple[str, ...]
    """How, by the names of RFC 8176."""
    assurance: str
    """How surely the user is known by that: `aal1` or `aal2`."""
    second_factor: bool
    """Whether the user has a second factor."""
    second_factor_required: bool
    """Whether the tenant asks for a second factor that is missing in this login."""
    not_after: datetime
    """The token expires then at the latest."""


class TokenMetadata(NamedTuple):
    """What distinguishes an access token from others with the same claims."""

    token_id: UUID
    time: datetime
    """When it is issued."""


class AccessTokens:
    """Issues access tokens."""

    def __init__(self, signing_keys: SigningKeys, settings: AuthSettings) -> None:
        self._signing_keys = signing_keys
        self._settings = settings

    def sign(self, claims: Claims, metadata: TokenMetadata) -> str:
        """The token with these claims."""
        second = int(metadata.time.timestamp())
        payload = {
            "iss": self._settings.token_issuer,
            "aud": self._settings.token_audience,
            "sub": str(claims.user_id),
            "email_verified": claims.email_verified,
            "tenant_id": str(claims.tenant_id),
            "role": claims.role,
            "tenant_epoch": claims.tenant_epoch,
            "login_id": str(claims.login_id),
            "auth_time": int(claims.auth_time.timestamp()),
            "amr": list(claims.methods),
            "acr": claims.assurance,
            "jti": str(metadata.token_id),
            "iat": second,
            "exp": second + self.life(claims, metadata),
        }
        # Rare ones, which are left out where they are false: a token goes with every call.
        for name in ("tenant_suspended", "second_factor", "second_factor_required"):
            if getattr(claims, name):
                payload[name] = True
        return signed(payload, tokens.TYPE, self._signing_keys.active)

    def life(self, claims: Claims, metadata: TokenMetadata) -> int:
        """The life of the token in seconds."""
        second = int(metadata.time.timestamp())
        return min(self._settings.token_seconds, int(claims.not_after.timestamp()) - second)
