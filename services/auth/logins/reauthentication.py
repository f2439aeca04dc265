"""A further proof of the password in a login, for methods that need a recent one.

As at every authentication, the user gets new tokens, and those of before end (ASVS 5.0, 7.2.4): a new
login takes the place of the old one. Its tokens say when the proof was (`auth_time`); services look at
the token alone.
"""

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.logins.confirmation import PasswordConfirmation, unchanged
from services.auth.logins.devices import end_login
from services.auth.logins.model import Login, Tokens
from services.auth.logins.repository import LOGINS, require_login
from services.auth.logins.start import StartLogin
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.tokens.access import Claims, TokenMetadata
from services.auth.tokens.refresh import RefreshToken
from services.auth.users.model import User


class Reauthentication:
    """The use case of a further proof."""

    def __init__(
        self,
        runtime: Runtime,
        confirmation: PasswordConfirmation,
        start: StartLogin,
        log: RevocationLog,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._confirmation = confirmation
        self._start = start
        self._log = log
        self._events = events

    async def reauthenticate(self, call: Call, password: str) -> Tokens:
        """Verifies the caller's password; returns tokens that are proof of it, and ends those of before.

        The access token is for the same tenant, in the same role and epoch as the token of the call.
        Tenants need not be asked: a change of the membership revokes both tokens by the epoch.

        Raises `PasswordWrong`, `HashingBusy`, `AccessTokenRevoked`.
        """
        user = await self._confirmation.confirm(call, password)
        caller, ids, now = call.caller, self._runtime.ids, self._runtime.clock.now()
        token = RefreshToken(caller.user_id, ids.uuid(), ids.secret())
        event = SecurityEvent.by(call, Event.REAUTHENTICATED, now, login_id=token.login_id)

        async def replace_login(tx: Write) -> tuple[User, Login]:
            current = await unchanged(tx, user)
            old = await require_login(tx, caller.user_id, caller.login_id)
            new = self._start.successor(old, token, call.device, now)
            await end_login(tx, old, now)
            await LOGINS.put(tx, new)
            security_log.append(tx, event)
            return current, new

        # Essential: in a full store, too, a user can end all logins.
        current, login = await self._runtime.store.write(replace_login, essential=True)
        self._events.report(event)
        await self._log.wait_until_enforced()
        claims = Claims(
            user_id=caller.user_id,
            email_verified=current.email_verified,
            login_id=login.login_id,
            tenant_id=caller.tenant_id,
            role=str(caller.role),
            tenant_epoch=caller.tenant_epoch,
            tenant_suspended=caller.tenant_suspended,
            auth_time=login.auth_time,
            not_after=login.expire_time,
        )
        return self._start.issue(claims, token, TokenMetadata(ids.uuid(), now))
