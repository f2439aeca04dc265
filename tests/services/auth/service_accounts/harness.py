"""An organization with an admin, and its service accounts."""

from typing import NamedTuple
from uuid import UUID

from kernel.identity.callers import Call, Role
from kernel.identity.scopes import SESSIONS_READ, SESSIONS_WRITE
from services.auth.logins.model import LoginResult, LoginTenant
from services.auth.service_accounts.model import NewServiceAccountKey, ServiceAccount
from tests.services.auth.harness import METADATA, AuthHarness

SCOPES = frozenset({SESSIONS_READ, SESSIONS_WRITE})


class Organization(NamedTuple):
    """An organization and one of its members.

    Attributes:
        harness: Auth.
        login: The member's login in the self-tenant.
        tenant: The organization as the member sees it.
    """

    harness: AuthHarness
    login: LoginResult
    tenant: LoginTenant

    @property
    def user_id(self) -> UUID:
        """The member."""
        return self.login.user.user_id

    async def call(self, least_role: Role = Role.ADMIN) -> Call:
        """A call of the member in the organization, with a token of now."""
        harness, tenant_id = self.harness, self.tenant.tenant_id
        own = Call(harness.caller(self.login), METADATA)
        switched = await harness.switch_tenant.switch(own, tenant_id)
        caller = harness.verified(switched.tokens)
        return Call(caller, METADATA, tenant_id=tenant_id, least_role=least_role)

    async def account(self, role: Role = Role.MEMBER) -> ServiceAccount:
        """A new service account."""
        accounts = self.harness.service_accounts
        return await accounts.create(await self.call(), "Build", role, SCOPES)

    async def key(self, account: ServiceAccount, days: int | None = None) -> NewServiceAccountKey:
        """A new key of an account."""
        keys = self.harness.service_account_keys
        return await keys.create(await self.call(), account.account_id, "Server", days)


async def organization(
    harness: AuthHarness, role: Role = Role.ADMIN, email: str = "Ada@Example.com"
) -> Organization:
    """An organization with a new user as its member."""
    login = await harness.register_proved(email)
    tenant = harness.memberships.put(login.user.user_id, role)
    return Organization(harness, login, tenant)
