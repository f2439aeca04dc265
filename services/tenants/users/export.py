"""Exports all that tenants stores about a user, in pages."""

from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from kernel.runtime import Runtime
from kernel.storage import Read
from kernel.storage.recipes.paging import PageTokens, list_name
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.self_tenant import SelfTenants
from services.tenants.users import repository
from services.tenants.users.model import UserPage

_TENANTS = 100  # on a page
_ENTRIES = 500  # read for a page


class ExportPage(NamedTuple):
    """A page of the export. It may be empty without being the last one."""

    page: UserPage
    next_page_token: str


class UserExport:
    """The use case of auth when a user asks for a copy of its data."""

    def __init__(self, runtime: Runtime) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._self_tenants = SelfTenants(runtime.store)
        self._page_tokens = PageTokens(runtime.seal)

    async def page(self, user_id: UUID, token: str) -> ExportPage:
        """A page: the user's tenants come first, then the log entries about the user.

        Entries about what another user did come without that user's login and device.
        Raises `PageTokenInvalid`.
        """
        name = list_name("export", str(user_id))
        after = self._page_tokens.read(token, name=name)
        if after is None:
            await self._self_tenants.ensure(user_id, self._clock.now())

        async def read(tx: Read) -> UserPage:
            if after is None or repository.is_key_of_memberships(after):
                found = await memberships.memberships(tx, user_id, after=after, limit=_TENANTS)
                last_key = found.last_key or repository.begin_of_entries(user_id)
                return UserPage(last_key, memberships=found.items)
            return await repository.entries_of_user(tx, user_id, after=after, limit=_ENTRIES)

        page = await self._store.read(read)
        entries = [entry.seen_by(user_id) for entry in page.entries]
        token = self._page_tokens.make(page.last_key, name=name)
        return ExportPage(replace(page, entries=entries), token)
