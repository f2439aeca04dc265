"""The exchange of an access token for one with less in it (RFC 8693): delegation to a client.

Nothing gets wider: not the scopes, the role, the tenant or the life. The new token comes from what the
old one comes from, so it ends with the login, the token or the workspace session behind that; its
`act` names the client and, within that, those that had the token before.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kernel.errors import AccessTokenRevoked, InvalidRequest
from kernel.identity import scopes as all_scopes
from kernel.identity.callers import FIRST_PARTY, Call, Caller
from kernel.runtime import Runtime
from services.auth.authorizations.errors import InvalidGrant, InvalidScope
from services.auth.authorizations.program_tenants import ProgramTenants
from services.auth.oauth.model import ACCESS_TOKEN, JWT, TokenAnswer, TokenRequest
from services.auth.oauth.shown_tokens import ShownToken, ShownTokens
from services.auth.oauth_clients.model import OAuthClient
from services.auth.tokens.access import AccessTokens, Actor, Claims, TokenMetadata
from services.auth.users.repository import require_user

MOST_ACTORS = 4
"""How many can have had a token one after the other."""
_NEVER = frozenset({all_scopes.LOGIN, all_scopes.OFFLINE_ACCESS})
"""What no exchange gives: it is no login, and gives no refresh token."""


class ExchangeAccessToken:
    """The grant type `urn:ietf:params:oauth:grant-type:token-exchange`."""

    def __init__(
        self,
        runtime: Runtime,
        shown: ShownTokens,
        tenants: ProgramTenants,
        access_tokens: AccessTokens,
    ) -> None:
        self._runtime = runtime
        self._shown = shown
        self._tenants = tenants
        self._access_tokens = access_tokens

    async def exchange(
        self,
        call: Call,  # noqa: ARG002
        client: OAuthClient,
        request: TokenRequest,
    ) -> TokenAnswer:
        """An access token for a client that has one of a user or of another client.

        Raises `InvalidRequest` for a subject token that is not good (RFC 8693, section 2.2.2),
        `InvalidGrant`, `InvalidScope`, `TenantsUnavailable`.
        """
        _check_form(request)
        subject = await self._shown.read_any(request.subject_token)
        if subject is None:
            raise InvalidRequest.of("subject_token")
        caller = subject.caller
        await self._check_tenant(client, caller)
        scopes = _scopes(client, caller, request.scope)
        claims = _claims(client, subject, scopes)
        metadata = TokenMetadata(self._runtime.ids.uuid(), self._runtime.clock.now())
        life = self._access_tokens.life(claims, metadata)
        if life <= 0:
            raise InvalidRequest.of("subject_token")
        return TokenAnswer(
            self._access_tokens.sign(claims, metadata),
            life,
            all_scopes.write(scopes),
            issued_token_type=ACCESS_TOKEN,
        )

    async def _check_tenant(self, client: OAuthClient, caller: Caller) -> None:
        """Raises `InvalidGrant` unless the client may act in the tenant of the token.

        A client of a tenant acts in that one, and one of the product in any. Any other has been let in
        only for its own grants.
        """
        own = caller.client_id == client.client_id
        if client.tenant_id != caller.tenant_id and not client.is_built_in and not own:
            raise InvalidGrant
        if caller.is_service_account:
            return  # the policy of the tenant ends its tokens by the epoch, which the new one has
        try:
            user = await self._runtime.store.read(lambda tx: require_user(tx, caller.user_id))
        except AccessTokenRevoked:
            raise InvalidRequest.of("subject_token") from None
        await self._tenants.of_grant(user, client, caller.tenant_id)


def _check_form(request: TokenRequest) -> None:
    if request.subject_token_type not in {ACCESS_TOKEN, JWT}:
        raise InvalidRequest.of("subject_token_type")
    if request.requested_token_type not in {"", ACCESS_TOKEN, JWT}:
        raise InvalidRequest.of("requested_token_type")
    if request.actor_token:
        raise InvalidRequest.of("actor_token")  # the actor is the client, which has shown who it is


def _scopes(client: OAuthClient, caller: Caller, scope: str) -> frozenset[str]:
    """What both the token and the client have, or as much of it as is asked for."""
    allowed = caller.scopes & client.scopes - _NEVER
    try:
        asked = all_scopes.parse(scope) or allowed
    except ValueError:
        raise InvalidScope from None
    if not asked or not asked <= allowed:
        raise InvalidScope
    return asked


def _claims(client: OAuthClient, subject: ShownToken, scopes: frozenset[str]) -> Claims:
    """The claims of the new token: those of the old one, but for client, actor and scopes."""
    caller = subject.caller
    return Claims(
        user_id=caller.user_id,
        email_verified=caller.email_verified,
        login_id=caller.login_id,
        tenant_id=caller.tenant_id,
        # A change of the membership revokes both tokens by the epoch.
        role=str(caller.role),
        tenant_epoch=caller.tenant_epoch,
        tenant_suspended=caller.tenant_suspended,
        auth_time=datetime.fromtimestamp(caller.auth_second, UTC),
        methods=tuple(subject.claims.get("amr", ())),
        assurance=str(caller.assurance),
        second_factor=caller.has_second_factor,
        second_factor_required=caller.second_factor_required,
        not_after=datetime.fromtimestamp(caller.expire_second, UTC),
        client_id=client.client_id,
        scopes=scopes,
        token_id=caller.token_id,
        session_id=caller.session_id,
        actor=_actor(client.client_id, caller.client_id, subject.claims.get("act")),
        service_account=caller.is_service_account,
    )


def _actor(client_id: str, before: str, act: Mapping[str, Any] | None) -> Actor:
    """Who acts: the client, behind those who had the token before it. Raises `InvalidRequest`."""
    names = []
    while act is not None:
        names.append(act["sub"])
        act = act.get("act")
    if before not in {FIRST_PARTY, *names}:
        names.append(before)  # the program whose agent has the token: it ends with that, too
    if not names or names[0] != client_id:
        names.insert(0, client_id)
    if len(names) > MOST_ACTORS:
        raise InvalidRequest.of("subject_token")
    actor = None
    for name in reversed(names):
        actor = Actor(name, actor)
    assert actor is not None, "the client acts"
    return actor
