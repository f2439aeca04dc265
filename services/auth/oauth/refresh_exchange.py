"""The exchange of a program's refresh token (RFC 6749, section 6; RFC 9700, section 4.14)."""

from uuid import UUID

from kernel.errors import ReauthenticationRequired, TenantNotFound, TenantSuspended
from kernel.identity import scopes as all_scopes
from kernel.identity.callers import Call
from services.auth.authorizations.errors import InvalidGrant, InvalidScope, InvalidTarget
from services.auth.grants.model import NewGrant
from services.auth.logins.errors import RefreshTokenInvalid
from services.auth.logins.refresh import RefreshLogin, ScopesNotGranted
from services.auth.oauth.issue import IssueTokens
from services.auth.oauth.model import TokenAnswer, TokenRequest
from services.auth.oauth_clients.model import OAuthClient


class ExchangeRefreshToken:
    """The grant type `refresh_token`.

    Args:
        free: Refreshes the grants of programs that may change their tenant: those of the product.
        bound: Refreshes the grants of the others, which end with their tenant.
        issue: Issues tokens.
    """

    def __init__(self, free: RefreshLogin, bound: RefreshLogin, issue: IssueTokens) -> None:
        self._free = free
        self._bound = bound
        self._issue = issue

    async def exchange(self, call: Call, client: OAuthClient, request: TokenRequest) -> TokenAnswer:
        """The next tokens of a grant; a spent token ends it.

        Raises `InvalidGrant`, `InvalidScope`, `InvalidTarget`, `TenantsUnavailable`. A refusal
        because of the scope or the tenant does not spend the token.
        """
        scopes, tenant_id = _scopes(client, request.scope), _tenant_id(client, request.tenant_id)
        refresh = self._free if client.is_built_in else self._bound
        try:
            refreshed = await refresh.rotate(
                request.refresh_token, tenant_id, call.device, client.client_id, scopes
            )
        except RefreshTokenInvalid:
            raise InvalidGrant from None
        except ScopesNotGranted:
            raise InvalidScope from None
        except (TenantNotFound, TenantSuspended, ReauthenticationRequired):
            raise (InvalidGrant if tenant_id is None else InvalidTarget) from None
        return self._issue.answer(client, NewGrant(*refreshed), scopes=scopes)


def _scopes(client: OAuthClient, scope: str) -> frozenset[str]:
    """What the access token is to be for; empty for all. Raises `InvalidScope`."""
    try:
        scopes = all_scopes.parse(scope)
    except ValueError:
        raise InvalidScope from None
    if not scopes <= client.scopes:
        raise InvalidScope
    return scopes


def _tenant_id(client: OAuthClient, text: str) -> UUID | None:
    """The tenant that a client names. Raises `InvalidTarget`: a program that is bound names none."""
    if not text:
        return None
    try:
        tenant_id = UUID(text)
    except ValueError:
        raise InvalidTarget from None
    if not client.is_built_in or str(tenant_id) != text:
        raise InvalidTarget
    return tenant_id
