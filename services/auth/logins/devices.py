"""The devices on which a user is logged in: listed, and logged out.

Ending a login removes its record and appends a revocation to the log in one transaction, so no
service can enforce less than the store says.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from kernel.clock import Clock
from kernel.emails import normalized_email
from kernel.identity.callers import Caller
from kernel.identity.revocations import Revocation
from kernel.seal import Seal
from kernel.storage import Read, Store, Write
from kernel.storage.recipes.paging import PageTokens, list_name, page
from services.auth.logins import repository
from services.auth.logins.errors import LoginNotFound
from services.auth.logins.model import Login
from services.auth.revocations import repository as revocations
from services.auth.revocations.log import RevocationLog
from services.auth.users import repository as users


class Devices:
    """The use cases around the logins that a user has."""

    def __init__(self, store: Store, clock: Clock, seal: Seal, log: RevocationLog) -> None:
        self._store = store
        self._clock = clock
        self._page_tokens = PageTokens(seal)
        self._log = log

    async def list(self, caller: Caller, size: int, page_token: str) -> tuple[list[Login], str]:
        """A page of the caller's logins in the order of their ids, and the next page's token."""
        name = list_name("logins", str(caller.user_id))
        after = self._page_tokens.read(page_token, name=name)
        begin, end = repository.LOGIN.range(caller.user_id)

        async def read(tx: Read) -> tuple[list[Login], str]:
            rows = await page(tx, begin, end, after=after, limit=size)
            logins = [repository.parse_login(value) for _, value in rows.rows]
            return logins, self._page_tokens.make(rows.last_key, name=name)

        logins, next_page_token = await self._store.read(read)
        now = self._clock.now()
        return [login for login in logins if login.expire_time > now], next_page_token

    async def end(self, caller: Caller, login_id: UUID) -> None:
        """Ends one of the caller's logins, in every service. Raises `LoginNotFound`."""
        now = self._clock.now()

        async def end(tx: Write) -> None:
            login = await repository.login(tx, caller.user_id, login_id)
            if login is None:
                raise LoginNotFound
            end_login(tx, login, now)

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
            user = await users.user(tx, caller.user_id)
            if user is not None and user.active_tenant_id is not None:
                changed = replace(user, active_tenant_id=None)
                await users.put_user(tx, changed, normalized_email(changed.email))

        await self._store.write(end)
        await self._log.wait_until_enforced()


async def end_logins(tx: Write, user_id: UUID, now: datetime, keep: UUID | None = None) -> None:
    """Ends every login of a user but the one to keep, in a transaction of the caller's."""
    for login in await repository.logins(tx, user_id):
        if login.login_id != keep:
            end_login(tx, login, now)


def end_login(tx: Write, login: Login, now: datetime) -> None:
    """Ends a login in a transaction of the caller's."""
    repository.clear_login(tx, login)
    revocations.append_revocation(
        tx, Revocation(login.user_id, revoke_time=now, login_id=login.login_id)
    )
