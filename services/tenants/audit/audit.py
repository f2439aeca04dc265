"""Reads the audit log of a tenant: page by page, or all of it."""

from collections.abc import AsyncIterator, Sequence

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read
from kernel.storage.recipes.paging import Listing, Page, PageTokens, list_name
from services.tenants.audit import repository
from services.tenants.audit.model import AuditEntry
from services.tenants.memberships.authorization import authorize
from services.tenants.memberships.self_tenant import SelfTenants

_EXPORTED = 100  # entries read, and written to the response, without a pause


class Audit:
    """The use cases around the log."""

    def __init__(self, runtime: Runtime) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._self_tenants = SelfTenants(runtime.store)
        self._page_tokens = PageTokens(runtime.seal)

    async def list(
        self, call: Call, limit: int, token: str, *, newest_first: bool = False
    ) -> Listing[AuditEntry]:
        """A page of the log. Raises what `authorize` raises, `PageTokenInvalid`."""
        order = "newest" if newest_first else "oldest"
        name = list_name("audit", str(call.tenant_id), str(call.caller.user_id), order)

        async def read(tx: Read, after: bytes | None) -> Page[AuditEntry]:
            return await _page(tx, call, after, limit, newest_first=newest_first)

        await self._self_tenants.ensure_callers(call, self._clock.now())
        return await self._page_tokens.list(self._store, name, token, read)

    async def export(self, call: Call) -> AsyncIterator[Sequence[AuditEntry]]:
        """The whole log, the oldest entry first, in one piece or more.

        Authorizes the caller again for every piece, so the export stops if the caller loses the
        role. Raises what `authorize` raises.
        """
        await self._self_tenants.ensure_callers(call, self._clock.now())
        after: bytes | None = None

        async def read(tx: Read) -> Page[AuditEntry]:
            return await _page(tx, call, after, _EXPORTED)

        more = True
        while more:
            page = await self._store.read(read)
            after, more = page.last_key, page.last_key is not None
            yield page.items


async def _page(
    tx: Read, call: Call, after: bytes | None, limit: int, *, newest_first: bool = False
) -> Page[AuditEntry]:
    await authorize(tx, call, while_suspended=True)
    return await repository.entries(
        tx, call.tenant_id, after=after, limit=limit, newest_first=newest_first
    )
