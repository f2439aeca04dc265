"""The end of a grant by one of its tokens (RFC 7009)."""

from uuid import UUID

from kernel.identity.callers import Call
from kernel.identity.programs import Program
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.authorizations.errors import UnsupportedTokenType
from services.auth.logins.devices import end_login
from services.auth.logins.repository import LOGINS
from services.auth.oauth.shown_tokens import ShownTokens
from services.auth.oauth_clients.model import OAuthClient
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.tokens import refresh as refresh_tokens


class RevokeToken:
    """The use case of a revocation by a client."""

    def __init__(
        self, runtime: Runtime, shown: ShownTokens, log: RevocationLog, events: SecurityEvents
    ) -> None:
        self._runtime = runtime
        self._shown = shown
        self._log = log
        self._events = events

    async def revoke(self, call: Call, client: OAuthClient, text: str) -> None:
        """Ends the grant of a token of the client, in every service.

        A spent refresh token ends its grant, too. A token that is unknown, has ended or is another
        client's changes nothing, and its bearer learns nothing. Raises `UnsupportedTokenType` for an
        access token of the client that does not come from a grant of the client.
        """
        token = refresh_tokens.read(text, self._runtime.seal)
        if token is not None:
            await self._end(call, client, token.user_id, token.login_id)
            return
        shown = self._shown.read(text)
        if shown is None or shown.caller.client_id != client.client_id:
            return
        if not await self._end(call, client, shown.caller.user_id, shown.caller.login_id):
            raise UnsupportedTokenType

    async def _end(self, call: Call, client: OAuthClient, user_id: UUID, grant_id: UUID) -> bool:
        """Ends a grant, and says whether the client had it."""
        now = self._runtime.clock.now()
        removed = SecurityEvent.done(user_id, Event.PROGRAM_REMOVED, now, call.device, grant_id)
        event = removed.about(Program(client.client_id))

        async def end(tx: Write) -> bool:
            grant = await LOGINS.get(tx, user_id, grant_id)
            if grant is None or grant.client_id != client.client_id:
                return False
            await end_login(tx, grant, now)
            security_log.append(tx, event)
            return True

        ended = await self._runtime.store.write(end, essential=True)
        if ended:
            self._events.report(event)
            await self._log.wait_until_enforced()
        return ended
