"""Reads the audit log of a tenant: page by page, or all of it."""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from kernel.clock import Clock
from kernel.identity.callers import TenantCall
from kernel.seal import Seal
from kernel.storage import Read, Store
from kernel.storage.recipes.paging import PageTokens, list_name
from services.tenants.audit import repository
from services.tenants.audit.model import AuditEntry, AuditPage
from services.tenants.memberships.authorization import authorize
from services.tenants.memberships.self_tenant import SelfTenants

_EXPORTED = 100  # entries read at once: as many are written without a pause


class AuditListing(NamedTuple):
    """One page of the log, as the caller gets it."""

    entries: list[AuditEntry]
    next_page_token: str


class Audit:
    """The use cases around the log."""

    def __init__(self, store: Store, clock: Clock, seal: Seal) -> None:
        self._store = store
        self._clock = clock
        self._self_tenants = SelfTenants(store)
        self._page_tokens = PageTokens(seal)

    async def list(self, call: TenantCall, limit: int, token: str) -> AuditListing:
        """A page of the log, the oldest entry first.

        Raises what `authorize` raises, `PageTokenInvalid`.
        """
        name = list_name("audit", str(call.tenant_id), str(call.caller.user_id))
        after = self._page_tokens.read(token, name=name)
        await self._self_tenants.ensure_callers(call, self._clock.now())
        page = await self._page(call, after, limit)
        return AuditListing(list(page.entries), self._page_tokens.make(page.last_key, name=name))

    async def export(self, call: TenantCall) -> AsyncIterator[Sequence[AuditEntry]]:
        """The whole log, the oldest entry first, in one piece or more.

        Raises what `authorize` raises, also between two pieces: a reader who loses the role gets no more.
        """
        await self._self_tenants.ensure_callers(call, self._clock.now())
        page = await self._page(call, None, _EXPORTED)
        yield page.entries
        while page.last_key is not None:
            page = await self._page(call, page.last_key, _EXPORTED)
            yield page.entries

    async def _page(self, call: TenantCall, after: bytes | None, limit: int) -> AuditPage:
        async def read(tx: Read) -> AuditPage:
            await authorize(tx, call, while_suspended=True)
            return await repository.entries(tx, call.tenant_id, after=after, limit=limit)

        return await self._store.read(read)
