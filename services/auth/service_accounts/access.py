"""What the access tokens of a service account say, however they were asked for."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from kernel.errors import TenantSuspended
from kernel.identity.callers import FIRST_PARTY, Assurance
from kernel.runtime import Runtime
from services.auth.bearer_tokens.errors import ProgramsNotAllowed
from services.auth.service_accounts.errors import ServiceAccountNotFound
from services.auth.service_accounts.model import ServiceAccount, TenantState
from services.auth.service_accounts.repository import SERVICE_ACCOUNTS
from services.auth.tokens.access import Claims


class TenantStates(Protocol):
    """The service tenants, as far as service accounts need it."""

    async def tenant_state(self, tenant_id: UUID) -> TenantState:
        """The state of a tenant. Raises `TenantNotFound`, `TenantsUnavailable`."""
        ...


class ServiceAccountAccess:
    """Says what service accounts may do by now."""

    def __init__(self, runtime: Runtime, tenants: TenantStates) -> None:
        self._runtime = runtime
        self._tenants = tenants

    async def find(self, tenant_id: UUID, account_id: UUID) -> ServiceAccount:
        """A service account of an organization. Raises `ServiceAccountNotFound`."""
        account = await self._runtime.store.read(
            lambda tx: SERVICE_ACCOUNTS.get(tx, tenant_id, account_id)
        )
        if account is None:
            raise ServiceAccountNotFound
        return account

    async def tenant(self, account: ServiceAccount) -> TenantState:
        """The organization of an account, which must be active and let programs in.

        Raises `TenantNotFound`, `TenantSuspended`, `ProgramsNotAllowed`, `TenantsUnavailable`.
        """
        tenant = await self._tenants.tenant_state(account.tenant_id)
        if not tenant.is_active:
            raise TenantSuspended
        if not tenant.programs_allowed:
            raise ProgramsNotAllowed
        return tenant

    def claims(
        self,
        account: ServiceAccount,
        tenant: TenantState,
        *,
        auth_time: datetime,
        not_after: datetime,
        client_id: str = FIRST_PARTY,
        scopes: frozenset[str] | None = None,
        token_id: UUID | None = None,
    ) -> Claims:
        """The claims of an access token of an account.

        Args:
            account: The account, as stored.
            tenant: Its organization, as `tenant` has just said.
            auth_time: When its client or key was made, or has shown who it is.
            not_after: When the token ends at the latest.
            client_id: The client that it was given to.
            scopes: What the token is good for, within those of the account; None for all of them.
            token_id: The key that it was made from.
        """
        return Claims(
            user_id=account.account_id,
            email_verified=False,
            login_id=account.grant_id,
            tenant_id=account.tenant_id,
            role=str(account.role),
            tenant_epoch=tenant.epoch,
            tenant_suspended=False,
            auth_time=auth_time,
            methods=(),
            assurance=str(Assurance.AAL1),
            second_factor=False,
            # That is for people: a service account has no second factor to show.
            second_factor_required=False,
            not_after=not_after,
            client_id=client_id,
            scopes=account.scopes if scopes is None else scopes & account.scopes,
            token_id=token_id,
            service_account=True,
        )
