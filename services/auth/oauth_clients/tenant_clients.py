"""The clients of a tenant: registered, changed and deleted by its admins."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from kernel.fields import Fields
from kernel.identity.callers import Call
from kernel.identity.revocations import Revocation
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from kernel.storage.recipes.paging import Listing, PageTokens, list_name
from services.auth.audit_events import repository as audit_events
from services.auth.audit_events.model import AuditAction, AuditEvent
from services.auth.bearer_tokens.errors import ProgramsNotAllowed
from services.auth.logins.repository import require_login
from services.auth.logins.tenant_authority import TenantAuthority
from services.auth.oauth_clients import repository, secrets
from services.auth.oauth_clients.errors import (
    ClientHasNoSecret,
    ClientLimitReached,
    ClientNotFound,
)
from services.auth.oauth_clients.metadata import ClientMetadata, faults_of
from services.auth.oauth_clients.model import (
    SECRET_METHODS,
    ClientOrigin,
    ClientSecret,
    GrantType,
    OAuthClient,
)
from services.auth.oauth_clients.public_keys import as_mapping
from services.auth.oauth_clients.repository import OAUTH_CLIENTS
from services.auth.revocations import repository as revocations
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.service_accounts.repository import SERVICE_ACCOUNTS
from services.auth.settings import AuthSettings

MOST_KEEP_SECONDS = 7 * 86_400
"""For how long the secret before stays good at most."""
_JSON_NAMES = {
    "name": "name",
    "redirect_uris": "redirectUris",
    "grant_types": "grantTypes",
    "scopes": "scopes",
    "keys": "jwks",
    "service_account_id": "serviceAccountId",
}


@dataclass(frozen=True, slots=True)
class ClientUpdate:
    """The new values of a client; None leaves a value as it is."""

    name: str | None = None
    redirect_uris: tuple[str, ...] | None = None
    grant_types: tuple[str, ...] | None = None
    scopes: tuple[str, ...] | None = None
    keys: dict[str, Any] | None = None
    service_account_id: UUID | None = None
    no_service_account: bool = False
    """Whether the service account goes."""

    def of(self, client: OAuthClient) -> ClientMetadata:
        """What is said of the client then."""
        before = ClientMetadata(
            name=client.name,
            redirect_uris=client.redirect_uris,
            grant_types=tuple(client.grant_types),
            scopes=tuple(client.scopes),
            auth_method=client.auth_method,
            keys=as_mapping(client.jwks) if client.jwks else None,
            service_account_id=None if self.no_service_account else client.service_account_id,
        )
        given = asdict(self)
        del given["no_service_account"]
        return replace(before, **{name: one for name, one in given.items() if one is not None})


class NewSecret(NamedTuple):
    """A client with its new secret.

    Attributes:
        client: The client.
        secret: The secret, which is kept nowhere; None for a client without one.
    """

    client: OAuthClient
    secret: str | None


class TenantClients:
    """The use cases of a tenant's own clients. Each also raises what `TenantAuthority` raises."""

    def __init__(
        self,
        runtime: Runtime,
        settings: AuthSettings,
        authority: TenantAuthority,
        log: RevocationLog,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._limit = settings.oauth_clients_per_tenant
        self._authority = authority
        self._log = log
        self._events = events
        self._page_tokens = PageTokens(runtime.seal)

    async def create(self, call: Call, metadata: ClientMetadata) -> NewSecret:
        """Registers a client. Raises `InvalidRequest`, `ProgramsNotAllowed`, `ClientLimitReached`."""
        _check(metadata)
        if not (await self._authority.require(call)).programs_allowed:
            raise ProgramsNotAllowed
        runtime, now = self._runtime, self._runtime.clock.now()
        secret = secrets.write(runtime.ids.secret())
        if metadata.auth_method not in SECRET_METHODS:
            secret = ""
        new = OAuthClient(
            client_id=str(runtime.ids.uuid()),
            origin=ClientOrigin.TENANT,
            tenant_id=call.tenant_id,
            secrets=(ClientSecret(secrets.digest(secret), now),) if secret else (),
            create_time=now,
            **_values(metadata),
        )
        event = SecurityEvent.by(call, Event.CLIENT_CREATED, now)
        entry = _entry(call, runtime.ids.uuid(), now, AuditAction.CLIENT_CREATED, new)

        async def create(tx: Write) -> None:
            await require_login(tx, call.caller.user_id, call.caller.login_id)
            if await repository.count(tx, call.tenant_id) >= self._limit:
                raise ClientLimitReached({"limit": str(self._limit)})
            await _require_service_account(tx, new)
            await OAUTH_CLIENTS.put(tx, new)
            security_log.append(tx, event)
            audit_events.append(tx, entry)

        await runtime.store.write(create)
        self._events.report(event)
        return NewSecret(new, secret or None)

    async def list(self, call: Call, size: int, page_token: str) -> Listing[OAuthClient]:
        """A page of the clients of the tenant in the order of their ids, and the next page's token."""
        await self._authority.require_reader(call)
        tenant_id = call.tenant_id
        return await self._page_tokens.list(
            self._runtime.store,
            list_name("oauth clients", str(tenant_id)),
            page_token,
            lambda tx, after: repository.of_tenant(tx, tenant_id, after, size),
        )

    async def get(self, call: Call, client_id: UUID) -> OAuthClient:
        """A client of the tenant. Raises `ClientNotFound`."""
        await self._authority.require_reader(call)
        return await self._runtime.store.read(lambda tx: _require(tx, call, client_id))

    async def update(self, call: Call, client_id: UUID, update: ClientUpdate) -> OAuthClient:
        """Changes a client. Raises `ClientNotFound`, `InvalidRequest`."""
        await self._authority.require(call)
        now, entry_id = self._runtime.clock.now(), self._runtime.ids.uuid()
        event = SecurityEvent.by(call, Event.CLIENT_CHANGED, now)

        async def change(tx: Write) -> tuple[OAuthClient, bool]:
            await require_login(tx, call.caller.user_id, call.caller.login_id)
            old = await _require(tx, call, client_id)
            metadata = update.of(old)
            _check(metadata)
            new = replace(old, **_values(metadata))
            if not set(new.redirect_uris) <= set(old.redirect_uris):
                new = replace(new, redirect_time=now)
            if new.service_account_id != old.service_account_id:
                await _require_service_account(tx, new)
            if new != old:
                await OAUTH_CLIENTS.put(tx, new)
                security_log.append(tx, event)
                entry = _entry(call, entry_id, now, AuditAction.CLIENT_UPDATED, new)
                audit_events.append(tx, entry)
            return new, new != old

        client, changed = await self._runtime.store.write(change)
        if changed:
            self._events.report(event)
        return client

    async def delete(self, call: Call, client_id: UUID) -> None:
        """Deletes a client, and ends its tokens in every service. Raises `ClientNotFound`."""
        await self._authority.require(call)
        now, entry_id = self._runtime.clock.now(), self._runtime.ids.uuid()
        event = SecurityEvent.by(call, Event.CLIENT_DELETED, now)

        async def delete(tx: Write) -> None:
            await require_login(tx, call.caller.user_id, call.caller.login_id)
            client = await _require(tx, call, client_id)
            await remove(tx, client, now)
            security_log.append(tx, event)
            entry = _entry(call, entry_id, now, AuditAction.CLIENT_DELETED, client)
            audit_events.append(tx, entry)

        await self._runtime.store.write(delete, essential=True)
        self._events.report(event)
        await self._log.wait_until_enforced()

    async def new_secret(self, call: Call, client_id: UUID, keep_seconds: int) -> NewSecret:
        """Gives a client a new secret, beside which the one before is good for a while.

        Raises `ClientNotFound`, `ClientHasNoSecret`, `InvalidRequest`.
        """
        _check_keep_seconds(keep_seconds)
        await self._authority.require(call)
        now = self._runtime.clock.now()
        secret = secrets.write(self._runtime.ids.secret())
        entry_id = self._runtime.ids.uuid()
        event = SecurityEvent.by(call, Event.CLIENT_SECRET_CREATED, now)

        async def renew(tx: Write) -> OAuthClient:
            await require_login(tx, call.caller.user_id, call.caller.login_id)
            old = await _require(tx, call, client_id)
            if old.auth_method not in SECRET_METHODS:
                raise ClientHasNoSecret
            kept = _kept(old, now, timedelta(seconds=keep_seconds))
            new = replace(old, secrets=(*kept, ClientSecret(secrets.digest(secret), now)))
            await OAUTH_CLIENTS.put(tx, new)
            security_log.append(tx, event)
            entry = _entry(call, entry_id, now, AuditAction.CLIENT_SECRET_CREATED, new)
            audit_events.append(tx, entry)
            return new

        client = await self._runtime.store.write(renew)
        self._events.report(event)
        return NewSecret(client, secret)


def _entry(
    call: Call, entry_id: UUID, now: datetime, action: AuditAction, client: OAuthClient
) -> AuditEvent:
    """What the audit log of the organization says about a change of a client."""
    return AuditEvent.by(call, entry_id, now, action, UUID(client.client_id), client.name)


async def remove(tx: Write, client: OAuthClient, now: datetime) -> None:
    """Removes a client of a tenant, and ends its tokens."""
    await OAUTH_CLIENTS.clear(tx, client)
    revocations.append_revocation(tx, Revocation(None, now, source_id=client.source_id))


async def _require(tx: Read, call: Call, client_id: UUID) -> OAuthClient:
    """The client, if it is one of the call's tenant. Raises `ClientNotFound`."""
    found = await OAUTH_CLIENTS.get(tx, client_id)
    if found is None or found.tenant_id != call.tenant_id:
        raise ClientNotFound
    return found


async def _require_service_account(tx: Read, client: OAuthClient) -> None:
    """Raises `InvalidRequest` if the client names a service account that its tenant does not have."""
    account_id = client.service_account_id
    if account_id is None:
        return
    if await SERVICE_ACCOUNTS.get(tx, client.tenant_id, account_id) is None:
        fields = Fields()
        fields.refuse("serviceAccountId", "NOT_FOUND", "Must be a service account of the tenant.")
        fields.check()


def _check(metadata: ClientMetadata) -> None:
    """Raises `InvalidRequest`."""
    fields = Fields()
    for fault in faults_of(metadata):
        fields.refuse(_JSON_NAMES[fault.attribute], fault.reason, fault.description)
    fields.check()


def _check_keep_seconds(seconds: int) -> None:
    """Raises `InvalidRequest`."""
    fields = Fields()
    if seconds > MOST_KEEP_SECONDS:
        fields.refuse("keepSeconds", "OUT_OF_RANGE", f"Must be 0 to {MOST_KEEP_SECONDS}.")
    fields.check()


def _values(metadata: ClientMetadata) -> dict[str, Any]:
    """The attributes of a client that checked metadata say."""
    return {
        "name": metadata.name,
        "redirect_uris": tuple(dict.fromkeys(metadata.redirect_uris)),
        "grant_types": frozenset(map(GrantType, metadata.grant_types)),
        "scopes": frozenset(metadata.scopes),
        "auth_method": metadata.auth_method,
        "jwks": metadata.jwks,
        "service_account_id": metadata.service_account_id,
    }


def _kept(client: OAuthClient, now: datetime, keep: timedelta) -> tuple[ClientSecret, ...]:
    """The secret in force, with its end; none if it ends at once."""
    end = now + keep
    return tuple(
        secret._replace(expire_time=end) for secret in client.secrets[-1:] if keep > timedelta()
    )
