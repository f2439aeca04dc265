"""All that tenants keeps of a user, in pages of bounded work: where it belongs, and what it did."""

from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from kernel.seal import Seal
from kernel.storage import Read, Store
from kernel.storage.recipes.paging import PageTokens, list_name
from services.tenants.audit import repository as audit
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import UserPage

_TENANTS = 100  # on a page
_ENTRIES = 500  # looked at for a page


class Exported(NamedTuple):
    """A page of what is kept of a user; it may be empty and not the last."""

    page: UserPage
    next_page_token: str


class Exports:
    """The use case of whoever wants to take along what is kept of a user."""

    def __init__(self, store: Store, seal: Seal) -> None:
        self._store = store
        self._page_tokens = PageTokens(seal)

    async def user(self, user_id: UUID, token: str) -> Exported:
        """A page: first of the user's tenants, then of what was done by the user or to it.

        Login and device of an entry are left out where another did it: they are that one's.
        Raises `PageTokenInvalid`.
        """
        name = list_name("export", str(user_id))
        after = self._page_tokens.read(token, name=name)

        async def read(tx: Read) -> UserPage:
            if after is None or memberships.is_of_memberships(after):
                found = await memberships.memberships(tx, user_id, after=after, limit=_TENANTS)
                last_key = found.last_key or audit.begin_of(user_id)
                return UserPage(last_key, memberships=found.memberships)
            return await audit.audit_of(tx, user_id, after=after, limit=_ENTRIES)

        page = await self._store.read(read)
        entries = [entry.seen_by(user_id) for entry in page.entries]
        token = self._page_tokens.make(page.last_key, name=name)
        return Exported(replace(page, entries=entries), token)
