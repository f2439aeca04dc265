"""The keys of service accounts: made, listed and revoked by the admins of their organization."""

from datetime import datetime
from uuid import UUID

from kernel.identity.callers import Call
from kernel.identity.revocations import Revocation
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from kernel.storage.recipes.paging import Listing, Page, PageTokens, list_name
from services.auth.audit_events import repository as audit_events
from services.auth.audit_events.model import AuditAction, AuditEvent
from services.auth.bearer_tokens import format as form
from services.auth.bearer_tokens.errors import ProgramsNotAllowed
from services.auth.bearer_tokens.format import BearerKind
from services.auth.bearer_tokens.life import TokenLife, last_token_time, notice_time
from services.auth.logins.repository import require_login
from services.auth.logins.tenant_authority import TenantAuthority
from services.auth.revocations import repository as revocations
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.service_accounts.errors import (
    ServiceAccountKeyLimitReached,
    ServiceAccountKeyNotFound,
    ServiceAccountNotFound,
)
from services.auth.service_accounts.model import NewServiceAccountKey, ServiceAccountKey
from services.auth.service_accounts.repository import (
    MOST_KEYS_STORED,
    SERVICE_ACCOUNT_KEYS,
    SERVICE_ACCOUNTS,
    keys_made_by,
    keys_of,
)
from services.auth.settings import AuthSettings

MOST_OF_MAKER = 500
"""The keys that a user may have made at a time: the deletion of the account forgets its maker in all."""


class ServiceAccountKeys:
    """The use cases of keys.

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
        self._most = settings.service_account_keys
        self._life = TokenLife(settings)
        self._authority = authority
        self._log = log
        self._events = events
        self._page_tokens = PageTokens(runtime.seal)

    async def create(
        self, call: Call, account_id: UUID, name: str, days: int | None
    ) -> NewServiceAccountKey:
        """Makes a key. A repeat makes another one: no copy of its secret is kept.

        Raises as `require` does, `ProgramsNotAllowed`, `ServiceAccountNotFound`,
        `TokenLifeTooLong`, `ServiceAccountKeyLimitReached`.
        """
        tenant = await self._authority.require(call)
        if not tenant.programs_allowed:
            raise ProgramsNotAllowed
        runtime, now, maker = self._runtime, self._runtime.clock.now(), call.caller.user_id
        made = form.new(BearerKind.SERVICE_KEY, runtime.ids, runtime.seal)
        end = self._life.end(now, days, tenant.longest_token_days)
        key = ServiceAccountKey(
            key_id=made.token.token_id,
            account_id=account_id,
            tenant_id=call.tenant_id,
            name=name,
            secret_hash=made.token.secret_hash,
            create_time=now,
            expire_time=end,
            notice_time=notice_time(now, end),
            created_by=maker,
        )
        program = call.caller.program._replace(token_id=made.token.token_id)
        event = SecurityEvent.by(call, Event.SERVICE_ACCOUNT_KEY_CREATED, now, program=program)
        action = AuditAction.SERVICE_ACCOUNT_KEY_CREATED
        entry = _entry(call, runtime.ids.uuid(), now, action, key)

        async def put(tx: Write) -> None:
            await require_login(tx, maker, call.caller.login_id)
            await _require_account(tx, call, account_id)
            await self._require_room(tx, account_id, maker, now)
            await SERVICE_ACCOUNT_KEYS.put(tx, key)
            security_log.append(tx, event)
            audit_events.append(tx, entry)

        await runtime.store.write(put)
        self._events.report(event)
        return NewServiceAccountKey(key, made.text)

    async def _require_room(self, tx: Read, account_id: UUID, maker: UUID, now: datetime) -> None:
        """Raises `ServiceAccountKeyLimitReached` if account or maker has all the keys that one may."""
        found = await keys_of(tx, account_id)
        living = sum(one.expire_time > now for one in found)
        if living >= self._most or len(found) >= MOST_KEYS_STORED:
            raise ServiceAccountKeyLimitReached({"limit": str(self._most)})
        if len(await keys_made_by(tx, maker, MOST_OF_MAKER)) >= MOST_OF_MAKER:
            raise ServiceAccountKeyLimitReached({"limit": str(MOST_OF_MAKER)})

    async def list(
        self, call: Call, account_id: UUID, size: int, page_token: str
    ) -> Listing[ServiceAccountKey]:
        """A page of the keys in the order of their ids.

        Raises as `require` does, and `ServiceAccountNotFound`.
        """
        await self._authority.require_reader(call)
        now = self._runtime.clock.now()

        async def read(tx: Read, after: bytes | None) -> Page[ServiceAccountKey]:
            await _require_account(tx, call, account_id)
            return await SERVICE_ACCOUNT_KEYS.page(
                tx, account_id, after=after, limit=size, only=lambda one: one.expire_time > now
            )

        name = list_name("service account keys", str(account_id))
        return await self._page_tokens.list(self._runtime.store, name, page_token, read)

    async def revoke(self, call: Call, account_id: UUID, key_id: UUID) -> None:
        """Revokes a key, in every service.

        Raises as `require` does, `ServiceAccountNotFound`, `ServiceAccountKeyNotFound`.
        """
        await self._authority.require(call)
        now, entry_id = self._runtime.clock.now(), self._runtime.ids.uuid()
        program = call.caller.program._replace(token_id=key_id)
        event = SecurityEvent.by(call, Event.SERVICE_ACCOUNT_KEY_REVOKED, now, program=program)

        async def revoke(tx: Write) -> None:
            await require_login(tx, call.caller.user_id, call.caller.login_id)
            await _require_account(tx, call, account_id)
            key = await SERVICE_ACCOUNT_KEYS.get(tx, account_id, key_id)
            if key is None or key.expire_time <= now:
                raise ServiceAccountKeyNotFound
            await SERVICE_ACCOUNT_KEYS.clear(tx, key)
            last = last_token_time(key.last_used_time, now)
            revocations.append_revocation(tx, Revocation(account_id, last, key_id))
            security_log.append(tx, event)
            action = AuditAction.SERVICE_ACCOUNT_KEY_DELETED
            audit_events.append(tx, _entry(call, entry_id, now, action, key))

        await self._runtime.store.write(revoke, essential=True)
        self._events.report(event)
        await self._log.wait_until_enforced()


def _entry(
    call: Call, entry_id: UUID, now: datetime, action: AuditAction, key: ServiceAccountKey
) -> AuditEvent:
    """What the audit log of the organization says about a change of a key."""
    return AuditEvent.by(call, entry_id, now, action, key.key_id, key.name, str(key.account_id))


async def _require_account(tx: Read, call: Call, account_id: UUID) -> None:
    """Raises `ServiceAccountNotFound` unless the organization of the call has the account."""
    if await SERVICE_ACCOUNTS.get(tx, call.tenant_id, account_id) is None:
        raise ServiceAccountNotFound
