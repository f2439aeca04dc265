"""Access tokens like auth's, signed with the test's own key."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from kernel.clock import Clock
from kernel.identity import scopes, tokens
from kernel.identity.callers import FIRST_PARTY, Assurance, Caller, Role
from kernel.identity.signatures import (
    SIGNATURES,
    Algorithm,
    PublicKey,
    new_private_key,
    public_key_of,
)
from tests.support.clock import START

ISSUER = "https://coditect.local"
AUDIENCE = f"{ISSUER}/api/v5"
LIFE_SECONDS = 900


@dataclass(frozen=True)
class User:
    """A user in a tenant, with the claims of an access token."""

    user_id: UUID
    tenant_id: UUID
    role: Role
    login_id: UUID
    tenant_epoch: int = 0
    tenant_suspended: bool = False
    assurance: Assurance = Assurance.AAL1
    scopes: frozenset[str] = scopes.ALL


def somebody(
    *,
    user_id: UUID | None = None,
    tenant_id: UUID | None = None,
    role: Role = Role.OWNER,
    tenant_epoch: int = 0,
) -> User:
    """A user with new values for everything not given."""
    return User(user_id or uuid4(), tenant_id or uuid4(), role, uuid4(), tenant_epoch)


class Mint:
    """Issues access tokens.

    Args:
        clock: Determines the time of issue.
        algorithm: Of its key.

    Attributes:
        algorithm: As given.
    """

    def __init__(self, clock: Clock, algorithm: Algorithm = Algorithm.EDDSA) -> None:
        self._clock = clock
        self._kid = "test"
        self.algorithm = algorithm
        self._key: Any = new_private_key(algorithm)

    @property
    def keys(self) -> Mapping[str, PublicKey]:
        """The public keys by id, for a `Verifier`."""
        return {self._kid: public_key_of(self._key)}

    def signature(self, text: str) -> bytes:
        """The signature of a text, with the key and the algorithm of the tokens."""
        return SIGNATURES.get_algorithm_by_name(self.algorithm).sign(text.encode(), self._key)

    def token(self, user: User, **claims: object) -> str:
        """An access token of a user, with changed claims; None omits a claim."""
        second = int(self._clock.now().timestamp())
        body = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(user.user_id),
            "email_verified": True,
            "tenant_id": str(user.tenant_id),
            "role": str(user.role),
            "client_id": FIRST_PARTY,
            "scope": scopes.write(user.scopes),
            "sid": str(user.login_id),
            "tenant_epoch": user.tenant_epoch,
            "tenant_suspended": user.tenant_suspended or None,
            "acr": str(user.assurance),
            "second_factor": user.assurance > Assurance.AAL1 or None,
            "jti": str(uuid4()),
            "auth_time": second,
            "iat": second,
            "exp": second + LIFE_SECONDS,
            **claims,
        }
        body = {name: value for name, value in body.items() if value is not None}
        headers = {"kid": self._kid, "typ": tokens.TYPE}
        return SIGNATURES.encode(
            json.dumps(body, separators=(",", ":")).encode(), self._key, self.algorithm, headers
        )


def caller_of(user: User) -> Caller:
    """The caller of a use case, after the user's token was verified."""
    return Caller(
        user_id=user.user_id,
        tenant_id=user.tenant_id,
        role=user.role,
        login_id=user.login_id,
        issue_second=0,
        auth_second=int(START.timestamp()),
        expire_second=LIFE_SECONDS,
        tenant_epoch=user.tenant_epoch,
        tenant_suspended=user.tenant_suspended,
        assurance=user.assurance,
        has_second_factor=user.assurance > Assurance.AAL1,
        scopes=user.scopes,
    )
