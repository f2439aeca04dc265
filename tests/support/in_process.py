"""All contexts on one store, without servers; messages between them move only when a test says so."""

from uuid import UUID

from kernel.identity.callers import Caller
from kernel.identity.revocations import Revocations
from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from services.auth.logins.model import LoginResult, LoginTenant
from services.auth.outbox import repository as auth_outbox
from services.auth.outbox.model import TaskKind
from services.auth.service_accounts.model import TenantState
from services.sessions.sessions import Sessions
from services.sessions.settings import SessionsSettings
from services.tenants.memberships.lookup import MembershipLookup
from services.tenants.revocations import repository as revocations
from services.tenants.revocations.model import AccessRevocation
from tests.services.auth.harness import AuthHarness
from tests.services.auth.harness import make_settings as make_auth_settings
from tests.services.tenants.harness import TenantsHarness, make_settings
from tests.support.audit_events import deliver_audit_events
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.service import ENVIRON, UNREACHABLE

# Rounds of a race come from one network, on one day: its limits are not what they test.
_NO_LIMITS = {"EMAILS_PER_NETWORK": "1000000", "GUESSES_PER_NETWORK": "1000000"}


class InProcessTenants:
    """Answers what auth asks of tenants, by calling the use case directly."""

    def __init__(self, memberships: MembershipLookup) -> None:
        self._memberships = memberships

    async def tenant_state(self, tenant_id: UUID) -> TenantState:
        """The tenant as it is to a service account."""
        found = await self._memberships.tenant(tenant_id)
        tenant, policy = found.tenant, found.tenant.policy
        return TenantState(
            tenant.kind,
            tenant.state,
            found.tenant_epoch,
            policy.programs_allowed,
            policy.max_token_days,
        )

    async def membership(self, user_id: UUID, tenant_id: UUID) -> LoginTenant:
        """The tenant as a member sees it."""
        membership, epoch = await self._memberships.find(user_id, tenant_id)
        tenant, member = membership.tenant, membership.member
        return LoginTenant(
            tenant.tenant_id,
            tenant.name,
            tenant.slug,
            tenant.kind,
            str(member.role),
            tenant.state,
            tenant.create_time,
            epoch,
        )


class InProcessSystem:
    """One replica of each context, without a server.

    Attributes:
        teams: Tenants.
        auth: Auth, which asks these tenants for memberships.
        sessions: Sessions.
        revocations: A service's copy of auth's revocation log; updated by `mark_fresh`.
    """

    def __init__(self, store: Store, clock: FixedClock, seed: int) -> None:
        self.teams = TenantsHarness(store, clock, make_settings(), seed + 1)
        self.auth = AuthHarness(
            store,
            clock,
            make_auth_settings(**_NO_LIMITS),
            seed + 2,
            InProcessTenants(self.teams.memberships),
        )
        settings = SessionsSettings.read({**ENVIRON, "AUTH_ADDRESS": UNREACHABLE})
        self.sessions = Sessions(
            Runtime(store, clock, FixedIds(seed), Seal(secrets_of(settings.seal_keys))), settings
        )
        self.revocations = Revocations(settings.feed_stale_seconds, clock)
        self._store = store
        self._cursor = b""

    async def open(self) -> None:
        """Creates or loads the key that signs tokens."""
        await self.auth.signing_keys.refresh()

    async def close(self) -> None:
        """Stops the hashing threads."""
        await self.auth.passwords.close()

    async def register(self, number: int) -> LoginResult:
        """Registers a new user."""
        return await self.auth.register(f"{number}@Example.com")

    async def switch(self, caller: Caller, tenant_id: UUID) -> Caller:
        """Switches a caller to a tenant, and returns the caller that the new token names."""
        return self.auth.caller(
            await self.auth.switch_tenant.switch(self.auth.call(caller), tenant_id)
        )

    async def refresh(self, grant: LoginResult) -> Caller:
        """Refreshes a login, and returns the caller that the new token names."""
        assert grant.tokens.refresh_token is not None
        return self.auth.caller(await self.auth.refresh_login.refresh(grant.tokens.refresh_token))

    async def deliver_revocations(self) -> list[AccessRevocation]:
        """Delivers tenants' queued revocations to auth and sessions, and returns them."""
        delivered: list[AccessRevocation] = []

        async def revoke(payload: bytes) -> None:
            delivered.append(revocations.parse_revocation(payload))
            await self.auth.log.revoke_tenant_tokens(*delivered[-1])

        async def end(payload: bytes) -> None:
            await self.sessions.end(*revocations.parse_revocation(payload))

        for outbox, deliver in (
            (revocations.TOKEN_REVOCATIONS, revoke),
            (revocations.SESSION_REVOCATIONS, end),
        ):
            _, failed = await outbox.drain(self._store, deliver)
            assert failed == 0
        return delivered

    async def deliver_again(self, delivered: list[AccessRevocation]) -> None:
        """Delivers revocations to auth and sessions a second time."""
        for revocation in delivered:
            await self.auth.log.revoke_tenant_tokens(*revocation)
            await self.sessions.end(*revocation)

    async def deliver_account_tasks(self) -> None:
        """Delivers auth's outboxes to tenants and sessions."""

        async def deliver(payload: bytes) -> None:
            task = auth_outbox.parse_task(payload)
            if task.create_time is not None:
                await self.teams.self_tenants.ensure(task.user_id, task.create_time)
            elif task.kind is TaskKind.ERASE:
                await self.teams.erasure.erase(task.user_id)
                await self.sessions.erase_user(task.user_id)

        _, failed = await auth_outbox.OUTBOX.drain(self._store, deliver)
        assert failed == 0
        await deliver_audit_events(self._store, self.teams.audit_events)

    async def mark_fresh(self) -> None:
        """Reads auth's revocation log to its end."""
        while True:
            batch = await self.auth.log.after(self._cursor)
            self.revocations.add(batch.revocations)
            self._cursor = batch.cursor
            if batch.complete:
                return self.revocations.mark_fresh()
