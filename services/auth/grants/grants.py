"""The programs of a user: listed, and taken back."""

from typing import NamedTuple
from uuid import UUID

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from kernel.storage.recipes.paging import Listing, PageTokens, list_name
from services.auth.grants.errors import GrantNotFound
from services.auth.logins.devices import end_login
from services.auth.logins.model import Login
from services.auth.logins.repository import LOGINS
from services.auth.oauth_clients.clients import OAuthClients
from services.auth.oauth_clients.errors import InvalidClient
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent


class ListedGrant(NamedTuple):
    """A grant, as its user sees it.

    Attributes:
        login: The grant.
        client_name: The name of its client; empty if that is gone.
    """

    login: Login
    client_name: str


class Grants:
    """The use cases around the grants that a user has."""

    def __init__(
        self, runtime: Runtime, clients: OAuthClients, log: RevocationLog, events: SecurityEvents
    ) -> None:
        self._runtime = runtime
        self._clients = clients
        self._page_tokens = PageTokens(runtime.seal)
        self._log = log
        self._events = events

    async def list(self, call: Call, size: int, page_token: str) -> Listing[ListedGrant]:
        """A page of the caller's grants in the order of their ids, and the next page's token."""
        user_id, now = call.caller.user_id, self._runtime.clock.now()
        found = await self._page_tokens.list(
            self._runtime.store,
            list_name("grants", str(user_id)),
            page_token,
            lambda tx, after: LOGINS.page(
                tx,
                user_id,
                after=after,
                limit=size,
                only=lambda one: one.expire_time > now and one.is_grant,
            ),
        )
        names = {one.client_id: await self._name(one.client_id) for one in found.items}
        grants = [ListedGrant(one, names[one.client_id]) for one in found.items]
        return Listing(grants, found.next_page_token)

    async def end(self, call: Call, grant_id: UUID) -> None:
        """Takes one of the caller's grants back, in every service. Raises `GrantNotFound`."""
        now = self._runtime.clock.now()
        removed = SecurityEvent.by(call, Event.PROGRAM_REMOVED, now, login_id=grant_id)

        async def end(tx: Write) -> SecurityEvent:
            grant = await LOGINS.get(tx, call.caller.user_id, grant_id)
            if grant is None or grant.expire_time <= now or not grant.is_grant:
                raise GrantNotFound
            await end_login(tx, grant, now)
            event = removed.about(grant.program)
            security_log.append(tx, event)
            return event

        event = await self._runtime.store.write(end, essential=True)
        self._events.report(event)
        await self._log.wait_until_enforced()

    async def _name(self, client_id: str) -> str:
        try:
            return (await self._clients.find(client_id)).name
        except InvalidClient:
            return ""
