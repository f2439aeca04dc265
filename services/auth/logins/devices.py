"""The devices on which a user is logged in: listed, and logged out.

Ending a login removes its record and appends a revocation to the log in one transaction, so no
service can enforce less than the store says.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from kernel.clock import Clock
from kernel.identity.callers import Caller
from kernel.identity.revocations import Revocation
from kernel.seal import Seal
from kernel.storage import Store, Write
from kernel.storage.recipes.paging import Listing, PageTokens, list_name
from services.auth.logins.errors import LoginNotFound
from services.auth.logins.model import Login
from services.auth.logins.repository import LOGINS, logins_of
from services.auth.revocations import repository as revocations
from services.auth.revocations.log import RevocationLog
from services.auth.users.repository import USERS


class Devices:
    """The use cases around the logins that a user has."""

    def __init__(self, store: Store, clock: Clock, seal: Seal, log: RevocationLog) -> None:
        self._store = store
        self._clock = clock
        self._page_tokens = PageTokens(seal)
        self._log = log

    async def list(self, caller: Caller, size: int, page_token: str) -> Listing[Login]:
        """A page of the caller's logins in the order of their ids, and the next page's token."""
        name = list_name("logins", str(caller.user_id))
        listing = await self._page_tokens.list(
            self._store,
            name,
            page_token,
            lambda tx, after: LOGINS.page(tx, caller.user_id, after=after, limit=size),
        )
        now = self._clock.now()
        return listing._replace(items=[one for one in listing.items if one.expire_time > now])

    async def end(self, caller: Caller, login_id: UUID) -> None:
        """Ends one of the caller's logins, in every service. Raises `LoginNotFound`."""
        now = self._clock.now()

        async def end(tx: Write) -> None:
            login = await LOGINS.get(tx, caller.user_id, login_id)
            if login is None:
                raise LoginNotFound
            await end_login(tx, login, now)

        await self._store.write(end)
        await self._log.wait_until_enforced()

    async def log_out(self, caller: Caller) -> None:
        """Ends the caller's login, in every service. That it has ended meanwhile is no error."""
        with suppress(LoginNotFound):
            await self.end(caller, caller.login_id)

    async def end_all(self, caller: Caller) -> None:
        """Ends every login of the caller, in every service.

        The next login starts in the self-tenant: a user who suspects an intruder should not
        continue in the tenant that the intruder had switched to.
        """
        now = self._clock.now()

        async def end(tx: Write) -> None:
            await end_logins(tx, caller.user_id, now)
            user = await USERS.get(tx, caller.user_id)
            if user is not None and user.active_tenant_id is not None:
                await USERS.put(tx, replace(user, active_tenant_id=None))

        await self._store.write(end)
        await self._log.wait_until_enforced()


async def end_logins(tx: Write, user_id: UUID, now: datetime, keep: UUID | None = None) -> None:
    """Ends every login of a user but the one to keep, in a transaction of the caller's."""
    for login in await logins_of(tx, user_id):
        if login.login_id != keep:
            await end_login(tx, login, now)


async def end_login(tx: Write, login: Login, now: datetime) -> None:
    """Ends a login in a transaction of the caller's."""
    await LOGINS.clear(tx, login)
    revocations.append_revocation(
        tx, Revocation(login.user_id, revoke_time=now, login_id=login.login_id)
    )
