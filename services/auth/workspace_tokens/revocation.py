"""The end of workspace tokens: of one, and of all of a session."""

from datetime import datetime
from uuid import UUID

from kernel.identity.revocations import Revocation
from kernel.runtime import Runtime
from kernel.storage import Write
from kernel.storage.recipes.tombstones import MEMORY
from services.auth.bearer_tokens.life import last_token_time
from services.auth.revocations import repository as revocations
from services.auth.revocations.log import RevocationLog
from services.auth.workspace_tokens.model import WorkspaceToken
from services.auth.workspace_tokens.repository import (
    ENDED_SESSIONS,
    WORKSPACE_TOKENS,
    tokens_of_session,
)


async def end_token(tx: Write, token: WorkspaceToken, now: datetime) -> None:
    """Ends a token in a transaction of the caller's."""
    await WORKSPACE_TOKENS.clear(tx, token)
    last = last_token_time(token.last_used_time, now)
    revocations.append_revocation(tx, Revocation(token.user_id, last, token.token_id))


class EndSessionTokens:
    """The use case of sessions when one of them has ended."""

    def __init__(self, runtime: Runtime, log: RevocationLog) -> None:
        self._runtime = runtime
        self._log = log

    async def end(self, user_id: UUID, session_id: UUID) -> None:
        """Ends the tokens of a session, in every service, and prevents new ones.

        A token that is made at the same time reads the tombstone, or is found here. An access token
        that is being issued names the session, and so does the revocation.
        """
        now = self._runtime.clock.now()

        async def end(tx: Write) -> None:
            tokens = await tokens_of_session(tx, user_id, session_id)
            if not tokens and await ENDED_SESSIONS.has(tx, session_id):
                return  # a repeat
            last = now
            for token in tokens:
                await WORKSPACE_TOKENS.clear(tx, token)
                last = max(last, last_token_time(token.last_used_time, now))
            await ENDED_SESSIONS.put(tx, session_id, until=now + MEMORY)
            revocations.append_revocation(tx, Revocation(user_id, last, session_id))

        await self._runtime.store.write(end, essential=True)
        await self._log.wait_until_enforced()
