"""The tokens that a client shows, to have them looked into, exchanged or revoked."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from kernel import base64url
from kernel.errors import AccessTokenExpired, AccessTokenInvalid, AccessTokenRevoked
from kernel.identity.callers import Caller
from kernel.identity.revocations import Revocations
from kernel.identity.tokens import Verifier
from services.auth.bearer_tokens.exchange import BearerTokenRefused, BearerTokens

BEARER = "cdt_"
"""What the tokens begin with that are no JWTs."""


class ShownToken(NamedTuple):
    """An access token that is good.

    Attributes:
        caller: What it says.
        claims: The same, as in JSON.
    """

    caller: Caller
    claims: Mapping[str, Any]


class ShownTokens:
    """Reads access tokens, as any service does.

    Args:
        verifier: Knows the keys.
        revocations: This process's memory of the revocation log.
        bearer_tokens: Exchanges the tokens that are no JWTs.
    """

    def __init__(
        self, verifier: Verifier, revocations: Revocations, bearer_tokens: BearerTokens
    ) -> None:
        self._verifier = verifier
        self._revocations = revocations
        self._bearer_tokens = bearer_tokens

    def read(self, text: str) -> ShownToken | None:
        """A JWT that is in force; None for anything else. Raises `RevocationsStale`."""
        try:
            caller = self._verifier.verify(text)
            self._revocations.check(caller)
        except (AccessTokenInvalid, AccessTokenExpired, AccessTokenRevoked):
            return None
        return ShownToken(caller, json.loads(base64url.decode(text.split(".")[1])))

    async def read_any(self, text: str) -> ShownToken | None:
        """As `read`, also for a personal token, a key or a workspace token.

        Raises `RevocationsStale`, `TenantsUnavailable`.
        """
        if text.startswith(BEARER):
            try:
                text = (await self._bearer_tokens.exchange(text)).access_token
            except BearerTokenRefused:
                return None
        return self.read(text)
