"""Access tokens: JSON Web Tokens (RFC 9068), signed with the key that is active.

The same claims, metadata and key give the same token. A token is good without a look at any store,
so one must not outlive what it stands for: what has expired can no longer be revoked.
"""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from kernel.identity import scopes as all_scopes
from kernel.identity import tokens
from kernel.identity.callers import FIRST_PARTY
from services.auth.settings import AuthSettings
from services.auth.signing_keys.rotation import SigningKeys
from services.auth.tokens.signing import signed

_RARE_TRUTHS = (
    "tenant_suspended",
    "second_factor",
    "second_factor_required",
    "service_account",
    "operator",
)
_EVERYTHING = all_scopes.write(all_scopes.ALL)


class Actor(NamedTuple):
    """Who acts for the user of a token (RFC 8693, section 4.1).

    Attributes:
        name: The agent or the client.
        before: Who had the token before, if it was exchanged.
    """

    name: str
    before: "Actor | None" = None

    def claim(self) -> dict[str, Any]:
        """The `act` of a token."""
        return {"sub": self.name} | ({} if self.before is None else {"act": self.before.claim()})


class Claims(NamedTuple):
    """What an access token says of its user."""

    user_id: UUID
    email_verified: bool
    """Whether the user has proved that the email address is theirs."""
    login_id: UUID
    """The login, grant, personal token or key that the token comes from: its `sid`."""
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
    client_id: str = FIRST_PARTY
    """The program that acts for the user."""
    scopes: frozenset[str] = all_scopes.ALL
    """What the token is good for."""
    token_id: UUID | None = None
    """The personal token, key or workspace token that the token was made from."""
    session_id: UUID | None = None
    """The workspace session that it works in."""
    actor: Actor | None = None
    """Who acts for the user, if that is not the client alone."""
    service_account: bool = False
    """Whether the user is a service account."""
    operator: bool = False
    """Whether the user runs the product for others, in a login of their own with two factors."""


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
        payload: dict[str, Any] = {
            "iss": self._settings.token_issuer,
            "aud": self._settings.token_audience,
            "sub": str(claims.user_id),
            "email_verified": claims.email_verified,
            "tenant_id": str(claims.tenant_id),
            "role": claims.role,
            "tenant_epoch": claims.tenant_epoch,
            "client_id": claims.client_id,
            "scope": _EVERYTHING
            if claims.scopes is all_scopes.ALL
            else all_scopes.write(claims.scopes),
            "sid": str(claims.login_id),
            "auth_time": int(claims.auth_time.timestamp()),
            "amr": list(claims.methods),
            "acr": claims.assurance,
            "jti": str(metadata.token_id),
            "iat": second,
            "exp": second + self.life(claims, metadata),
        }
        # Rare ones, which are left out where they are false: a token goes with every call.
        for name in _RARE_TRUTHS:
            if getattr(claims, name):
                payload[name] = True
        for name, source in (("token_id", claims.token_id), ("session_id", claims.session_id)):
            if source is not None:
                payload[name] = str(source)
        if claims.actor is not None:
            payload["act"] = claims.actor.claim()
        return signed(payload, tokens.TYPE, self._signing_keys.active)

    def life(self, claims: Claims, metadata: TokenMetadata) -> int:
        """The life of the token in seconds."""
        second = int(metadata.time.timestamp())
        return min(self._settings.token_seconds, int(claims.not_after.timestamp()) - second)
