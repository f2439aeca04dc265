"""Issues the tokens of a grant, in one place for all grant types that have one."""

from dataclasses import replace
from datetime import datetime

from kernel.identity import scopes as all_scopes
from kernel.runtime import Runtime
from services.auth.authorizations.errors import InvalidGrant
from services.auth.grants.model import NewGrant, is_offline
from services.auth.logins.model import Login, assurance_of
from services.auth.logins.start import StartLogin
from services.auth.oauth.model import TokenAnswer
from services.auth.oauth_clients.model import OAuthClient
from services.auth.tokens.access import TokenMetadata
from services.auth.tokens.identity import Authentication, IdTokens
from services.auth.users.model import User


class IssueTokens:
    """Issues the tokens of grants."""

    def __init__(self, runtime: Runtime, start: StartLogin, id_tokens: IdTokens) -> None:
        self._runtime = runtime
        self._start = start
        self._id_tokens = id_tokens

    def answer(
        self,
        client: OAuthClient,
        grant: NewGrant,
        *,
        scopes: frozenset[str] = frozenset(),
        nonce: str = "",
    ) -> TokenAnswer:
        """The tokens for a client. Raises `InvalidGrant` if it may have none by now.

        Args:
            client: The client, as it is now: what its admin has taken from it is in no new token.
            grant: The grant.
            scopes: The scopes of the access token, within those of the grant; empty for all of them.
            nonce: What the ID token repeats; empty for nothing.
        """
        allowed = grant.login.scopes & client.scopes
        given = allowed & scopes if scopes else allowed
        if not given or not _may_act(client, grant):
            raise InvalidGrant
        login = replace(grant.login, scopes=given)
        offline = is_offline(client, grant.login.scopes)
        token = grant.token if offline else None
        metadata = TokenMetadata(self._runtime.ids.uuid(), self._runtime.clock.now())
        tokens = self._start.tokens(grant.user, login, grant.tenant, token, metadata)
        id_token = None
        if all_scopes.OPENID in given:
            authentication = _authentication(grant.user, login, nonce, metadata.time)
            id_token = self._id_tokens.sign(authentication, metadata.time, tokens.access_token)
        return TokenAnswer(
            tokens.access_token,
            tokens.expires_in,
            all_scopes.write(given),
            tokens.refresh_token,
            id_token,
        )


def _authentication(user: User, grant: Login, nonce: str, now: datetime) -> Authentication:
    """What an ID token says of the login behind a grant."""
    return Authentication(
        user,
        grant.client_id,
        grant.login_id,
        grant.auth_time_at(now),
        sorted(grant.methods),
        str(assurance_of(grant.methods)),
        grant.scopes,
        nonce,
    )


def _may_act(client: OAuthClient, grant: NewGrant) -> bool:
    """Whether a client may act in the tenant of a grant; the rule of each grant type has seen to it."""
    own = client.tenant_id in {None, grant.tenant.tenant_id}
    return own and grant.tenant.programs_allowed
