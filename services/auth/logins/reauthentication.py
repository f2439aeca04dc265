"""A further proof of the password in a login, for methods that need a recent one.

The proof is in the login and in its next access tokens (`auth_time`); services look at the token
alone.
"""

from dataclasses import replace

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.logins.confirmation import PasswordConfirmation, unchanged
from services.auth.logins.model import Login, Tokens
from services.auth.logins.repository import LOGINS, require_login
from services.auth.tokens.access import AccessTokens, Claims, TokenMetadata
from services.auth.users.model import User


class Reauthentication:
    """The use case of a further proof."""

    def __init__(
        self, runtime: Runtime, confirmation: PasswordConfirmation, access_tokens: AccessTokens
    ) -> None:
        self._runtime = runtime
        self._confirmation = confirmation
        self._access_tokens = access_tokens

    async def reauthenticate(self, call: Call, password: str) -> Tokens:
        """Verifies the caller's password; returns an access token that is proof of it.

        The token is for the same tenant, in the same role and epoch as the token of the call.
        Tenants need not be asked: a change of the membership revokes both tokens by the epoch.

        Raises `PasswordWrong`, `HashingBusy`, `AccessTokenRevoked`.
        """
        user = await self._confirmation.confirm(call, password)
        caller, now = call.caller, self._runtime.clock.now()

        async def renew(tx: Write) -> tuple[User, Login]:
            current = await unchanged(tx, user)
            login = await require_login(tx, caller.user_id, caller.login_id)
            # The last use bounds the `iat` of every access token of the login, and never goes back.
            last_used = max(now, login.last_used_time)
            login = replace(login, auth_time=now, last_used_time=last_used)
            await LOGINS.put(tx, login)
            return current, login

        # Essential: in a full store, too, a user can end all logins.
        current, login = await self._runtime.store.write(renew, essential=True)
        claims = Claims(
            user_id=caller.user_id,
            email_verified=current.email_verified,
            login_id=caller.login_id,
            tenant_id=caller.tenant_id,
            role=str(caller.role),
            tenant_epoch=caller.tenant_epoch,
            tenant_suspended=caller.tenant_suspended,
            auth_time=login.auth_time,
            not_after=login.expire_time,
        )
        metadata = TokenMetadata(self._runtime.ids.uuid(), now)
        return Tokens(
            access_token=self._access_tokens.sign(claims, metadata),
            refresh_token=None,
            expires_in=self._access_tokens.life(claims, metadata),
        )
