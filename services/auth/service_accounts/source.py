"""What stands behind keys of service accounts, for the exchange."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kernel.storage import Read, Write
from services.auth.bearer_tokens.format import BearerKind
from services.auth.bearer_tokens.life import end_by_policy, is_noted
from services.auth.service_accounts.access import ServiceAccountAccess
from services.auth.service_accounts.model import ServiceAccount, ServiceAccountKey
from services.auth.service_accounts.repository import (
    SERVICE_ACCOUNT_KEYS,
    SERVICE_ACCOUNTS,
    find_key,
)
from services.auth.tokens.access import Claims


class KeyCredential(NamedTuple):
    """A key and its service account, as stored."""

    key: ServiceAccountKey
    account: ServiceAccount

    @property
    def secret_hash(self) -> bytes:
        """SHA-256 of the secret."""
        return self.key.secret_hash

    @property
    def expire_time(self) -> datetime:
        """When the key ends."""
        return self.key.expire_time

    @property
    def last_used_time(self) -> datetime | None:
        """Its last use, as far as it was noted."""
        return self.key.last_used_time


class ServiceKeySource:
    """The source of `cdt_sak_`."""

    kind = BearerKind.SERVICE_KEY

    def __init__(self, access: ServiceAccountAccess) -> None:
        self._access = access

    async def find(self, tx: Read, token_id: UUID) -> KeyCredential | None:
        """The key with its account; None once it is revoked."""
        key = await find_key(tx, token_id)
        if key is None:
            return None
        account = await SERVICE_ACCOUNTS.get(tx, key.tenant_id, key.account_id)
        return None if account is None else KeyCredential(key, account)

    async def claims(self, credential: KeyCredential) -> Claims:
        """What the account may do in its organization by now.

        Raises `TenantNotFound`, `TenantSuspended`, `TenantsUnavailable`, `ProgramsNotAllowed`.
        """
        key, account = credential
        tenant = await self._access.tenant(account)
        end = end_by_policy(key.create_time, key.expire_time, tenant.longest_token_days)
        return self._access.claims(
            account, tenant, auth_time=key.create_time, not_after=end, token_id=key.key_id
        )

    async def note_use(self, tx: Write, token_id: UUID, now: datetime) -> None:
        """Notes a use, at most once an hour. Does nothing for a key that is gone."""
        key = await find_key(tx, token_id)
        if key is not None and not is_noted(key.last_used_time, now):
            await SERVICE_ACCOUNT_KEYS.put(tx, replace(key, last_used_time=now))
