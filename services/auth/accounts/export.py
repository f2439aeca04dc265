"""Everything that the product keeps of a user, for the user to take along."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import NamedTuple, Protocol
from uuid import UUID

from kernel.identity.callers import Call
from kernel.self_tenant import self_tenant_id
from kernel.storage import Read, Store
from kernel.storage.recipes.paging import Page
from services.auth.accounts.profile import AccountProfile
from services.auth.factors.listing import FactorList
from services.auth.factors.model import Factor
from services.auth.grants.grants import Grants, ListedGrant
from services.auth.logins.devices import Devices
from services.auth.logins.model import Login
from services.auth.oauth_clients.model import OAuthClient
from services.auth.oauth_clients.repository import of_tenant
from services.auth.personal_access_tokens.model import PersonalAccessToken
from services.auth.personal_access_tokens.personal_access_tokens import PersonalAccessTokens
from services.auth.security_log.activity import Activity
from services.auth.security_log.model import SecurityEvent
from services.auth.users.model import User
from services.auth.workspace_tokens.model import WorkspaceToken
from services.auth.workspace_tokens.workspace_tokens import WorkspaceTokens

_LOGINS_AT_ONCE = 100
_TOKENS_AT_ONCE = 100
_EVENTS_AT_ONCE = 100
_CLIENTS_AT_ONCE = 100


class ExportSource(Protocol):
    """Another service that keeps something of users."""

    def export(self, user_id: UUID) -> AsyncIterator[list[str]]:
        """What it keeps of a user, line by line in pages. Raises a `ServiceError`."""
        ...


class ExportChunk(NamedTuple):
    """A piece of an export: what auth keeps itself, and lines of other services."""

    users: Sequence[User] = ()
    logins: Sequence[Login] = ()
    grants: Sequence[ListedGrant] = ()
    factors: Sequence[Factor] = ()
    tokens: Sequence[PersonalAccessToken] = ()
    workspace_tokens: Sequence[WorkspaceToken] = ()
    clients: Sequence[OAuthClient] = ()
    events: Sequence[SecurityEvent] = ()
    lines: Sequence[str] = ()


class ExportAccount:
    """The use case of an export."""

    def __init__(
        self,
        store: Store,
        profile: AccountProfile,
        devices: Devices,
        grants: Grants,
        factors: FactorList,
        tokens: PersonalAccessTokens,
        workspace_tokens: WorkspaceTokens,
        activity: Activity,
        sources: Sequence[ExportSource],
    ) -> None:
        self._store = store
        self._profile = profile
        self._devices = devices
        self._grants = grants
        self._factors = factors
        self._tokens = tokens
        self._workspace_tokens = workspace_tokens
        self._activity = activity
        self._sources = sources

    async def export(self, call: Call) -> AsyncIterator[ExportChunk]:
        """Everything of the caller, piece by piece; each as it is when it is read.

        Raises `TenantsUnavailable`, `SessionsUnavailable`.
        """
        await self._activity.log_export(call)
        async for chunk in self.read(call):
            yield chunk

    async def read(self, call: Call) -> AsyncIterator[ExportChunk]:
        """Like `export`, but the user's activity does not say it."""
        yield ExportChunk(users=[await self._profile.get(call)])
        found = await self._factors.list(call)
        yield ExportChunk(factors=found.factors)
        token, more = "", True
        while more:
            logins, token = await self._devices.list(call, _LOGINS_AT_ONCE, token)
            yield ExportChunk(logins=logins)
            more = bool(token)
        more = True
        while more:
            grants, token = await self._grants.list(call, _LOGINS_AT_ONCE, token)
            yield ExportChunk(grants=grants)
            more = bool(token)
        more = True
        while more:
            tokens, token = await self._tokens.list(call, _TOKENS_AT_ONCE, token)
            yield ExportChunk(tokens=tokens)
            more = bool(token)
        more = True
        while more:
            made, token = await self._workspace_tokens.list_all(call, _TOKENS_AT_ONCE, token)
            yield ExportChunk(workspace_tokens=made)
            more = bool(token)
        async for clients in self._clients(call.caller.user_id):
            yield ExportChunk(clients=clients)
        more = True
        while more:
            events, token = await self._activity.list(call, _EVENTS_AT_ONCE, token)
            yield ExportChunk(events=events)
            more = bool(token)
        for source in self._sources:
            async for lines in source.export(call.caller.user_id):
                yield ExportChunk(lines=lines)

    async def _clients(self, user_id: UUID) -> AsyncIterator[Sequence[OAuthClient]]:
        """The programs that the user has registered in the self-tenant."""
        tenant_id, after = self_tenant_id(user_id), None
        while True:
            found = await self._store.read(partial(_page_of_clients, tenant_id, after))
            yield found.items
            if found.last_key is None:
                return
            after = found.last_key


async def _page_of_clients(tenant_id: UUID, after: bytes | None, tx: Read) -> Page[OAuthClient]:
    return await of_tenant(tx, tenant_id, after, _CLIENTS_AT_ONCE)
