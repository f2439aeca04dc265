"""What a token of a client is good for (RFC 7662)."""

from collections.abc import Mapping
from datetime import datetime
from hmac import compare_digest
from typing import Any, NamedTuple

from kernel.identity import scopes as all_scopes
from kernel.runtime import Runtime
from services.auth.logins.model import assurance_of
from services.auth.logins.repository import LOGINS
from services.auth.oauth.shown_tokens import ShownToken, ShownTokens
from services.auth.oauth_clients.errors import InvalidClient
from services.auth.oauth_clients.model import OAuthClient
from services.auth.settings import AuthSettings
from services.auth.tokens import refresh as refresh_tokens
from services.auth.tokens.refresh import RefreshToken


class Introspection(NamedTuple):
    """What is said of a token that is good; times are in seconds since 1970.

    Attributes:
        scope: What it is good for, separated by spaces.
        client_id: The client.
        token_type: `Bearer` of an access token; None of a refresh token.
        exp: When it ends.
        iat: When it was issued.
        sub: The user or service account.
        aud: What it is for; None of a refresh token.
        iss: Who issued it.
        tenant_id: The tenant.
        sid: The grant.
        auth_time: When the user last proved who they are.
        acr: How surely the user is known by that.
        jti: The id of an access token; None of a refresh token.
        act: Who acts for the user, as in an access token that names one (RFC 8693, section 4.1).
    """

    scope: str
    client_id: str
    token_type: str | None
    exp: int
    iat: int
    sub: str
    aud: str | None
    iss: str
    tenant_id: str
    sid: str
    auth_time: int
    acr: str
    jti: str | None = None
    act: Mapping[str, Any] | None = None


class IntrospectToken:
    """The use case of a look into a token."""

    def __init__(self, runtime: Runtime, settings: AuthSettings, shown: ShownTokens) -> None:
        self._runtime = runtime
        self._issuer = settings.token_issuer
        self._audience = settings.token_audience
        self._shown = shown

    async def look(self, client: OAuthClient, text: str) -> Introspection | None:
        """What a token of the client is good for; None if it is not good, or another client's.

        So a client learns nothing of tokens that were not given to it. Raises `InvalidClient` for a
        public client, which shows nothing of who it is.
        """
        if client.is_public:
            raise InvalidClient
        token = refresh_tokens.read(text, self._runtime.seal)
        if token is not None:
            return await self._of_refresh_token(client, token)
        shown = self._shown.read(text)
        if shown is None or shown.caller.client_id != client.client_id:
            return None
        return self._of_access_token(shown)

    def _of_access_token(self, shown: ShownToken) -> Introspection:
        caller = shown.caller
        return Introspection(
            scope=all_scopes.write(caller.scopes),
            client_id=caller.client_id,
            token_type="Bearer",  # noqa: S106 - no secret
            exp=caller.expire_second,
            iat=caller.issue_second,
            sub=str(caller.user_id),
            aud=self._audience,
            iss=self._issuer,
            tenant_id=str(caller.tenant_id),
            sid=str(caller.login_id),
            auth_time=caller.auth_second,
            acr=str(caller.assurance),
            jti=shown.claims["jti"],
            act=shown.claims.get("act"),
        )

    async def _of_refresh_token(
        self, client: OAuthClient, token: RefreshToken
    ) -> Introspection | None:
        grant = await self._runtime.store.read(
            lambda tx: LOGINS.get(tx, token.user_id, token.login_id)
        )
        now = self._runtime.clock.now()
        if grant is None or grant.client_id != client.client_id or grant.expire_time <= now:
            return None
        if not compare_digest(grant.token_hash, token.hash):
            return None  # spent; a refresh with it would end the grant, a look does not
        return Introspection(
            scope=all_scopes.write(grant.scopes & client.scopes),
            client_id=grant.client_id,
            token_type=None,
            exp=_second(grant.expire_time),
            iat=_second(grant.rotate_time),
            sub=str(grant.user_id),
            aud=None,
            iss=self._issuer,
            tenant_id=str(grant.tenant_id),
            sid=str(grant.login_id),
            auth_time=_second(grant.auth_time_at(now)),
            acr=str(assurance_of(grant.methods)),
        )


def _second(time: datetime) -> int:
    return int(time.timestamp())
