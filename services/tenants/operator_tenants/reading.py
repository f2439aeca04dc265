"""Shows tenants and their members to operators. Each look is an act in the operator log."""

from uuid import UUID

from kernel.errors import FieldViolation, InvalidRequest
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from kernel.storage.recipes.paging import Listing, Page, PageTokens, list_name
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import Member, Tenant
from services.tenants.operator_events import repository as operator_events
from services.tenants.operator_events.model import OperatorEvent, TenantAct
from services.tenants.operator_tenants import repository
from services.tenants.operator_tenants.model import OperatedTenant


class OperatorReading:
    """The use cases of an operator who looks at tenants."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._page_tokens = PageTokens(runtime.seal)

    async def list(
        self, call: Call, limit: int, token: str, *, slug: str = "", user_id: UUID | None = None
    ) -> Listing[OperatedTenant]:
        """A page of organizations by slug; or the one with a slug; or the tenants of a user.

        Raises `InvalidRequest` for both a slug and a user, `PageTokenInvalid`.
        """
        _check_filter(slug, user_id)
        name = list_name("operator_tenants", slug, "" if user_id is None else str(user_id))

        async def read(tx: Read, after: bytes | None) -> Page[OperatedTenant]:
            found = await _tenants(tx, slug, user_id, after=after, limit=limit)
            return Page(await repository.all_counted(tx, found.items), found.last_key)

        listing = await self._page_tokens.list(self._runtime.store, name, token, read)
        await self._log(self._event(call, TenantAct.TENANTS_LISTED, user_id=user_id))
        return listing

    async def get(self, call: Call, tenant_id: UUID) -> OperatedTenant:
        """A tenant with its owners. Raises `TenantNotFound`."""

        async def read(tx: Read) -> OperatedTenant:
            return await repository.with_owners(tx, await repository.require_tenant(tx, tenant_id))

        found = await self._runtime.store.read(read)
        await self._log(self._event(call, TenantAct.TENANT_VIEWED, tenant_id=tenant_id))
        return found

    async def members(self, call: Call, tenant_id: UUID, limit: int, token: str) -> Listing[Member]:
        """A page of the members of a tenant. Raises `TenantNotFound`, `PageTokenInvalid`."""
        name = list_name("operator_members", str(tenant_id))

        async def read(tx: Read, after: bytes | None) -> Page[Member]:
            await repository.require_tenant(tx, tenant_id)
            return await repository.members(tx, tenant_id, after=after, limit=limit)

        listing = await self._page_tokens.list(self._runtime.store, name, token, read)
        await self._log(self._event(call, TenantAct.MEMBERS_LISTED, tenant_id=tenant_id))
        return listing

    async def _log(self, event: OperatorEvent) -> None:
        """Puts a look into the operator log, after the read and before the answer.

        The transaction is not that of the read, which would conflict with changes of what it reads.
        """

        async def append(tx: Write) -> None:
            operator_events.append(tx, event)

        await self._runtime.store.write(append, essential=True)

    def _event(
        self,
        call: Call,
        act: TenantAct,
        *,
        tenant_id: UUID | None = None,
        user_id: UUID | None = None,
    ) -> OperatorEvent:
        event_id, now = self._runtime.ids.uuid(), self._runtime.clock.now()
        return OperatorEvent.by(call, event_id, now, act, tenant_id=tenant_id, user_id=user_id)


async def _tenants(
    tx: Read, slug: str, user_id: UUID | None, *, after: bytes | None, limit: int
) -> Page[Tenant]:
    if slug:
        return await repository.of_slug(tx, slug)
    if user_id is not None:
        return await repository.of_user(tx, user_id, after=after, limit=limit)
    return await memberships.organizations(tx, after=after, limit=limit)


def _check_filter(slug: str, user_id: UUID | None) -> None:
    if slug and user_id is not None:
        text = "Give a slug or a user, not both."
        raise InvalidRequest(violations=[FieldViolation("slug", "NOT_TOGETHER", text)])
