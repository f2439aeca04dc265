"""All contexts on one store, used as their callers use them, and nothing running by itself."""

from dataclasses import replace
from uuid import UUID

from kernel.identity.callers import Caller, Role
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from kernel.storage.recipes.idempotency import Replay
from ops.doctor.catalogue import Catalogue
from ops.doctor.examination import examine
from ops.doctor.report import Finding, Report
from services.auth.outbox import repository as auth_outbox
from services.auth.outbox.model import TaskKind
from services.sessions.model import NewSession, Session, SessionUpdate
from services.sessions.sessions import Sessions
from services.sessions.settings import SessionsSettings
from services.tenants.model import Member, TenantUpdate
from tests.services.auth.harness import PASSWORD, AuthHarness, make_settings
from tests.services.tenants.parts import ACT, act, call, profile_of
from tests.services.tenants.parts import Parts as TenantsParts
from tests.services.tenants.parts import make_settings as make_tenants_settings
from tests.support.clock import START, FixedClock
from tests.support.ids import FixedIds
from tests.support.service import ENVIRON, NOBODY

DRAFT = NewSession("Name", "/work", b"")


class World:
    """The use cases of every context, and what the tests look for in the store."""

    def __init__(self, store: Store) -> None:
        clock, environ = FixedClock(), {**ENVIRON, "AUTH_ADDRESS": NOBODY}
        seal = Seal(secrets_of(make_settings().seal_keys))
        self.store = store
        self.auth = AuthHarness(store, clock, make_settings())
        self.organizations = TenantsParts(store, clock, make_tenants_settings())
        self.tenants = self.organizations.tenants
        self.sessions = Sessions(store, clock, FixedIds(6), seal, SessionsSettings.read(environ))

    async def live(self) -> None:
        """Some people do some of everything; two things are not yet told to the others."""
        await self.auth.signing_keys.refresh()
        self.ada = await self.auth.register(replay=Replay("ada", "Register", "key", b"digest"))
        self.caller = self.auth.caller(self.ada)
        self.gone = await self.auth.register("Gone@Example.com")
        await self.deliver()
        await self.organise(self.caller)
        await self.auth.log_in()
        await self.auth.devices.end(
            self.caller, self.auth.caller(await self.auth.log_in()).login_id
        )
        self.session = await self.work(self.caller)
        await self.work(self.auth.caller(self.gone))
        await self.auth.deletion.delete(self.auth.caller(self.gone), PASSWORD)
        await self.deliver()
        leaving = await self.auth.register("Leaving@Example.com")
        await self.deliver()
        await self.work(self.auth.caller(leaving))
        await self.auth.deletion.delete(self.auth.caller(leaving), PASSWORD)
        await self.work(self.auth.caller(await self.auth.register("New@Example.com")))

    async def work(self, caller: Caller) -> Session:
        """Opens some sessions, changes one, ends one, and gives one that is left."""
        sender = caller.tenant_id.hex + caller.user_id.hex
        replay = Replay(sender, "CreateSession", "key", b"digest")
        first = await self.sessions.create(caller, DRAFT, replay)
        second, _ = [await self.sessions.create(caller, DRAFT, None) for _ in range(2)]
        await self.sessions.update(caller, first.session_id, SessionUpdate(name="Other"), None)
        await self.sessions.delete(caller, second.session_id, None)
        return first

    async def organise(self, owner: Caller) -> None:
        """Makes an organization with a second member, and one that is deleted and not cleared."""
        bob = self.auth.caller(await self.auth.register("Bob@Example.com"))
        await self.deliver()
        parts, key = self.organizations, act("Acme")
        made = await parts.organizations.create(owner, key, "Acme", None)
        self.acme_id = made.tenant.tenant_id
        doomed_id = await parts.found(owner, "Doomed")
        for tenant_id in (self.acme_id, doomed_id):
            profile = profile_of(bob.user_id)
            await parts.put(Member(tenant_id, bob.user_id, Role.MEMBER, START, profile))
        ours = call(owner, self.acme_id)
        await parts.members.update(ours, ACT, bob.user_id, Role.ADMIN)
        await parts.organizations.update(ours, ACT, TenantUpdate(state="suspended"))
        await parts.organizations.update(ours, ACT, TenantUpdate(name="Acme & Co", state="active"))
        for tenant_id in (self.acme_id, doomed_id):
            for_all = call(owner, tenant_id), act(str(tenant_id))
            issued = await parts.invitations.create(*for_all, "Eve@Example.com", Role.MEMBER)
            self.invitation = issued.invitation if tenant_id == self.acme_id else self.invitation
        await parts.invitations.resend(ours, ACT, self.invitation.invitation_id)
        other = await parts.invitations.create(ours, ACT, "No@Example.com", Role.MEMBER)
        await parts.invitations.withdraw(ours, ACT, other.invitation.invitation_id)
        await self.work(replace(owner, tenant_id=doomed_id))
        await self.come_back(bob)
        await parts.organizations.delete(call(owner, doomed_id), ACT)

    async def come_back(self, member: Caller) -> None:
        """Ends a member's sessions and those of another tenant; the member works on since."""
        before = replace(member, tenant_id=self.acme_id, tenant_epoch=1)
        await self.sessions.create(before, DRAFT, None)
        await self.sessions.end(self.acme_id, member.user_id, 2)
        await self.sessions.end(UUID(int=1, version=4), None, 1)
        self.member = replace(before, tenant_epoch=2)
        self.member_session = await self.work(self.member)

    async def deliver(self) -> None:
        """Has the others do what auth's outbox says."""

        async def deliver(payload: bytes) -> None:
            task = auth_outbox.parse_task(payload)
            if task.create_time is not None:
                await self.tenants.ensure_self_tenant(task.user_id, task.create_time)
            elif task.kind is TaskKind.ERASE:
                await self.tenants.erase_user(task.user_id)
                await self.sessions.erase_user(task.user_id)

        assert (await auth_outbox.OUTBOX.drain(self.store, deliver))[1] == 0

    async def close(self) -> None:
        """Ends the threads."""
        await self.auth.passwords.close()

    @property
    def user_id(self) -> UUID:
        """Ada's id."""
        return self.ada.user.user_id

    @property
    def tenant_id(self) -> UUID:
        """The id of Ada's own tenant."""
        return self.ada.tenant.tenant_id

    @property
    def login_id(self) -> UUID:
        """The id of Ada's first login."""
        return self.caller.login_id


async def findings(store: Store) -> list[Finding]:
    """What the doctor finds in a store."""
    found: list[Finding] = []
    await examine(store, Catalogue(), Report(found.append))
    return found
