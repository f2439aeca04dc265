"""The service accounts of an organization: made, listed, changed and deleted by its admins."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from kernel.errors import RoleMissing
from kernel.identity.callers import Call, Role
from kernel.identity.revocations import Revocation
from kernel.runtime import Runtime
from kernel.storage import Write
from kernel.storage.recipes.paging import Listing, PageTokens, list_name
from services.auth.audit_events import repository as audit_events
from services.auth.audit_events.model import AuditAction, AuditEvent
from services.auth.bearer_tokens.errors import ProgramsNotAllowed
from services.auth.logins.model import LoginTenant
from services.auth.logins.repository import require_login
from services.auth.logins.tenant_authority import TenantAuthority
from services.auth.revocations import repository as revocations
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.service_accounts.errors import (
    OrganizationRequired,
    ServiceAccountLimitReached,
    ServiceAccountNotFound,
)
from services.auth.service_accounts.model import AccountUpdate, ServiceAccount
from services.auth.service_accounts.repository import (
    SERVICE_ACCOUNTS,
    clear_account,
    number_of_accounts,
)
from services.auth.settings import AuthSettings


class ServiceAccounts:
    """The use cases of service accounts.

    Each asks tenants first whether the caller may do it there (`TenantAuthority.require`).
    """

    def __init__(
        self,
        runtime: Runtime,
        settings: AuthSettings,
        authority: TenantAuthority,
        log: RevocationLog,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._most = settings.service_accounts_per_tenant
        self._authority = authority
        self._log = log
        self._events = events
        self._page_tokens = PageTokens(runtime.seal)

    async def create(
        self, call: Call, name: str, role: Role, scopes: frozenset[str]
    ) -> ServiceAccount:
        """Makes a service account. A repeat makes another one.

        Raises what `TenantAuthority.require` raises, `RoleMissing` for a role above the caller's,
        `OrganizationRequired`, `ProgramsNotAllowed`, `ServiceAccountLimitReached`.
        """
        tenant = await self._authority.require(call)
        if tenant.is_self_tenant:
            raise OrganizationRequired
        if not tenant.programs_allowed:
            raise ProgramsNotAllowed
        _require_role(call, tenant, role)
        ids, now = self._runtime.ids, self._runtime.clock.now()
        account = ServiceAccount(ids.uuid(), call.tenant_id, name, role, scopes, now, ids.uuid())
        event = SecurityEvent.by(call, Event.SERVICE_ACCOUNT_CREATED, now)
        entry = _entry(call, ids.uuid(), now, AuditAction.SERVICE_ACCOUNT_CREATED, account)

        async def put(tx: Write) -> None:
            await require_login(tx, call.caller.user_id, call.caller.login_id)
            if await number_of_accounts(tx, call.tenant_id) >= self._most:
                raise ServiceAccountLimitReached({"limit": str(self._most)})
            await SERVICE_ACCOUNTS.put(tx, account)
            security_log.append(tx, event)
            audit_events.append(tx, entry)

        await self._runtime.store.write(put)
        self._events.report(event)
        return account

    async def list(self, call: Call, size: int, page_token: str) -> Listing[ServiceAccount]:
        """A page of the accounts in the order of their ids. Raises as `require` does."""
        await self._authority.require_reader(call)
        return await self._page_tokens.list(
            self._runtime.store,
            list_name("service accounts", str(call.tenant_id)),
            page_token,
            lambda tx, after: SERVICE_ACCOUNTS.page(tx, call.tenant_id, after=after, limit=size),
        )

    async def get(self, call: Call, account_id: UUID) -> ServiceAccount:
        """An account. Raises as `require` does, and `ServiceAccountNotFound`."""
        await self._authority.require_reader(call)
        found = await self._runtime.store.read(
            lambda tx: SERVICE_ACCOUNTS.get(tx, call.tenant_id, account_id)
        )
        if found is None:
            raise ServiceAccountNotFound
        return found

    async def update(self, call: Call, account_id: UUID, update: AccountUpdate) -> ServiceAccount:
        """Changes an account. What that takes away is taken from its live tokens, too.

        Raises as `require` does, `RoleMissing` for a role above the caller's,
        `ServiceAccountNotFound`.
        """
        tenant = await self._authority.require(call)
        if update.role is not None:
            _require_role(call, tenant, update.role)
        ids, now = self._runtime.ids, self._runtime.clock.now()
        new_grant, entry_id = ids.uuid(), ids.uuid()
        event = SecurityEvent.by(call, Event.SERVICE_ACCOUNT_UPDATED, now)

        async def put(tx: Write) -> ServiceAccount:
            old = await self._require(tx, call, account_id)
            new = replace(
                old,
                name=old.name if update.name is None else update.name,
                role=old.role if update.role is None else update.role,
                scopes=old.scopes if update.scopes is None else update.scopes,
            )
            if new.role < old.role or not old.scopes <= new.scopes:
                new = replace(new, grant_id=new_grant)
                ended = Revocation(old.account_id, now, source_id=old.grant_id)
                revocations.append_revocation(tx, ended)
            await SERVICE_ACCOUNTS.put(tx, new)
            security_log.append(tx, event)
            if new != old:
                action = AuditAction.SERVICE_ACCOUNT_UPDATED
                audit_events.append(tx, _entry(call, entry_id, now, action, new))
            return new

        account = await self._runtime.store.write(put, essential=True)
        self._events.report(event)
        if account.grant_id == new_grant:
            await self._log.wait_until_enforced()
        return account

    async def delete(self, call: Call, account_id: UUID) -> None:
        """Deletes an account with its keys, and ends its tokens, in every service.

        Raises as `require` does, and `ServiceAccountNotFound`.
        """
        await self._authority.require(call)
        now, entry_id = self._runtime.clock.now(), self._runtime.ids.uuid()
        event = SecurityEvent.by(call, Event.SERVICE_ACCOUNT_DELETED, now)

        async def delete(tx: Write) -> None:
            account = await self._require(tx, call, account_id)
            await clear_account(tx, account)
            revocations.append_revocation(tx, Revocation(account_id, now))
            security_log.append(tx, event)
            action = AuditAction.SERVICE_ACCOUNT_DELETED
            audit_events.append(tx, _entry(call, entry_id, now, action, account))

        await self._runtime.store.write(delete, essential=True)
        self._events.report(event)
        await self._log.wait_until_enforced()

    async def _require(self, tx: Write, call: Call, account_id: UUID) -> ServiceAccount:
        """An account to be changed by a caller whose login has not ended."""
        await require_login(tx, call.caller.user_id, call.caller.login_id)
        account = await SERVICE_ACCOUNTS.get(tx, call.tenant_id, account_id)
        if account is None:
            raise ServiceAccountNotFound
        return account


def _entry(
    call: Call, entry_id: UUID, now: datetime, action: AuditAction, account: ServiceAccount
) -> AuditEvent:
    """What the audit log of the organization says about a change of an account."""
    return AuditEvent.by(
        call, entry_id, now, action, account.account_id, account.name, str(account.role)
    )


def _require_role(call: Call, tenant: LoginTenant, role: Role) -> None:
    """Raises `RoleMissing` for a role above that of the caller."""
    if role > min(Role.parse(tenant.role), call.caller.role):
        raise RoleMissing
