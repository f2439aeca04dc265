"""All contexts on one store, where each tells the others what it has to, when it is told to."""

from uuid import UUID

from kernel.identity.callers import Caller
from kernel.identity.revocations import Revocations
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from services.auth.logins.model import LoginResult, Tenant
from services.auth.outbox import repository as auth_outbox
from services.auth.outbox.model import TaskKind
from services.sessions.sessions import Sessions
from services.sessions.settings import SessionsSettings
from services.tenants import keys, revocation_repository
from services.tenants.model import AccessRevocation
from services.tenants.tenants import Tenants
from tests.services.auth.harness import AuthHarness
from tests.services.auth.harness import make_settings as make_auth_settings
from tests.services.tenants.parts import Parts, make_settings
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.service import ENVIRON, NOBODY


class Tenancy:
    """Fulfils what auth asks of tenants, by the use case that answers it."""

    def __init__(self, tenants: Tenants) -> None:
        self._tenants = tenants

    async def membership(self, user_id: UUID, tenant_id: UUID) -> Tenant:
        """A tenant as a member sees it."""
        membership, epoch = await self._tenants.membership_at(user_id, tenant_id)
        tenant, member = membership.tenant, membership.member
        return Tenant(
            tenant.tenant_id,
            tenant.name,
            tenant.slug,
            tenant.kind,
            str(member.role),
            tenant.state,
            tenant.create_time,
            epoch,
        )


class House:
    """One replica of each context, without a server.

    Attributes:
        teams: Tenants.
        auth: Auth, which asks these tenants.
        sessions: Sessions.
        revocations: What any service knows of auth's log; follows when it is told to.
    """

    def __init__(self, store: Store, clock: FixedClock, seed: int) -> None:
        self.teams = Parts(store, clock, make_settings(), seed + 1)
        self.auth = AuthHarness(
            store, clock, make_auth_settings(), seed + 2, Tenancy(self.teams.tenants)
        )
        told = SessionsSettings.read({**ENVIRON, "AUTH_ADDRESS": NOBODY})
        self.sessions = Sessions(
            store, clock, FixedIds(seed), Seal(secrets_of(told.seal_keys)), told
        )
        self.revocations = Revocations(told.token_seconds, told.feed_stale_seconds, clock)
        self._store = store
        self._cursor = b""

    async def open(self) -> None:
        """Makes, or finds, the key that tokens are signed with."""
        await self.auth.signing_keys.refresh()

    async def close(self) -> None:
        """Ends the threads."""
        await self.auth.passwords.close()

    async def newcomer(self, number: int) -> LoginResult:
        """Somebody registers."""
        return await self.auth.register(f"{number}@Example.com")

    async def switched(self, caller: Caller, tenant_id: UUID) -> Caller:
        """Who a token says that a caller is, which was just issued for a tenant."""
        return self.auth.caller(await self.auth.switch_tenant.switch(caller, tenant_id))

    async def refreshed(self, grant: LoginResult) -> Caller:
        """Who the next token of a login says that a caller is."""
        assert grant.tokens.refresh_token is not None
        return self.auth.caller(await self.auth.refresh_login.refresh(grant.tokens.refresh_token))

    async def deliver(self) -> list[AccessRevocation]:
        """Has auth and sessions learn what tenants has for them, and gives it."""
        told: list[AccessRevocation] = []

        async def revoke(payload: bytes) -> None:
            told.append(revocation_repository.parse_revocation(payload))
            await self.auth.log.revoke_tenant_tokens(*told[-1])

        async def end(payload: bytes) -> None:
            await self.sessions.end(*revocation_repository.parse_revocation(payload))

        for outbox, deliver in ((keys.TOKEN_REVOCATIONS, revoke), (keys.SESSION_REVOCATIONS, end)):
            _, failed = await outbox.drain(self._store, deliver)
            assert failed == 0
        return told

    async def repeat(self, told: list[AccessRevocation]) -> None:
        """Has auth and sessions learn once more what they know."""
        for loss in told:
            await self.auth.log.revoke_tenant_tokens(*loss)
            await self.sessions.end(*loss)

    async def settle_accounts(self) -> None:
        """Has tenants and sessions learn what auth has for them."""

        async def deliver(payload: bytes) -> None:
            task = auth_outbox.parse_task(payload)
            if task.create_time is not None:
                await self.teams.tenants.ensure_self_tenant(task.user_id, task.create_time)
            elif task.kind is TaskKind.ERASE:
                await self.teams.tenants.erase_user(task.user_id)
                await self.sessions.erase_user(task.user_id)

        _, failed = await auth_outbox.OUTBOX.drain(self._store, deliver)
        assert failed == 0

    async def mark_fresh(self) -> None:
        """Follows auth's log to its end."""
        while True:
            batch = await self.auth.log.after(self._cursor)
            self.revocations.add(batch.revocations)
            self._cursor = batch.cursor
            if batch.complete:
                return self.revocations.mark_fresh()
