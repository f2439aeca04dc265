"""The security log, as its user reads it."""

from contextlib import suppress

from kernel.errors import StorageFull
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from kernel.storage.recipes.paging import Listing, PageTokens, list_name
from services.auth.security_log import repository
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.users.repository import require_user


class Activity:
    """The use cases of the user whose log it is."""

    def __init__(self, runtime: Runtime, events: SecurityEvents) -> None:
        self._runtime = runtime
        self._page_tokens = PageTokens(runtime.seal)
        self._events = events

    async def list(self, call: Call, size: int, page_token: str) -> Listing[SecurityEvent]:
        """A page of the caller's log, the newest event first, and the next page's token.

        Raises `PageTokenInvalid`.
        """
        user_id = call.caller.user_id
        return await self._page_tokens.list(
            self._runtime.store,
            list_name("security log", str(user_id)),
            page_token,
            lambda tx, after: repository.events(tx, user_id, after=after, limit=size),
        )

    async def log_export(self, call: Call) -> None:
        """Logs that the caller exports the account. Raises `AccessTokenRevoked`.

        A full store does not keep the event: the user must be able to take the data along.
        """
        event = SecurityEvent.by(call, Event.ACCOUNT_EXPORTED, self._runtime.clock.now())

        async def log(tx: Write) -> None:
            await require_user(tx, call.caller.user_id)
            repository.append(tx, event)

        with suppress(StorageFull):
            await self._runtime.store.write(log)
        self._events.report(event)
