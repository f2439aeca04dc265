"""Tokens for a client itself (RFC 6749, section 4.4): it acts as its service account."""

from datetime import timedelta

from kernel.errors import TenantNotFound, TenantSuspended
from kernel.identity import scopes as all_scopes
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from services.auth.authorizations.errors import InvalidGrant, InvalidScope, UnauthorizedClient
from services.auth.bearer_tokens.errors import ProgramsNotAllowed
from services.auth.oauth.model import TokenAnswer, TokenRequest
from services.auth.oauth_clients.model import OAuthClient
from services.auth.service_accounts.access import ServiceAccountAccess
from services.auth.service_accounts.errors import ServiceAccountNotFound
from services.auth.service_accounts.model import ServiceAccount
from services.auth.settings import AuthSettings
from services.auth.tokens.access import AccessTokens, TokenMetadata

_LOST = (ServiceAccountNotFound, TenantNotFound, TenantSuspended, ProgramsNotAllowed)


class GrantToClient:
    """The grant type `client_credentials`."""

    def __init__(
        self,
        runtime: Runtime,
        settings: AuthSettings,
        access: ServiceAccountAccess,
        access_tokens: AccessTokens,
    ) -> None:
        self._runtime = runtime
        self._token_seconds = settings.token_seconds
        self._access = access
        self._access_tokens = access_tokens

    async def exchange(
        self,
        call: Call,  # noqa: ARG002
        client: OAuthClient,
        request: TokenRequest,
    ) -> TokenAnswer:
        """An access token of the service account of a client, and no refresh token.

        Raises `UnauthorizedClient`, `InvalidGrant`, `InvalidScope`, `TenantsUnavailable`.
        """
        if client.is_public or client.tenant_id is None or client.service_account_id is None:
            raise UnauthorizedClient
        try:
            account = await self._access.find(client.tenant_id, client.service_account_id)
            tenant = await self._access.tenant(account)
        except _LOST:
            raise InvalidGrant from None
        scopes = _scopes(client, account, request.scope)
        metadata = TokenMetadata(self._runtime.ids.uuid(), self._runtime.clock.now())
        claims = self._access.claims(
            account,
            tenant,
            auth_time=metadata.time,
            not_after=metadata.time + timedelta(seconds=self._token_seconds),
            client_id=client.client_id,
            scopes=scopes,
        )
        return TokenAnswer(
            self._access_tokens.sign(claims, metadata),
            self._access_tokens.life(claims, metadata),
            all_scopes.write(scopes),
        )


def _scopes(client: OAuthClient, account: ServiceAccount, scope: str) -> frozenset[str]:
    """What both client and account may have, or as much of it as is asked for. Raises `InvalidScope`."""
    allowed = client.scopes & account.scopes & all_scopes.OF_SERVICE_ACCOUNTS
    try:
        asked = all_scopes.parse(scope) or allowed
    except ValueError:
        raise InvalidScope from None
    if not asked or not asked <= allowed:
        raise InvalidScope
    return asked
