"""All contexts on one store, used as their callers use them, and nothing running by itself."""

from uuid import UUID

from kernel.identity.callers import Caller
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from kernel.storage.idempotency import Replay
from services.auth import keys as auth_keys
from services.auth import repository as auth_repository
from services.doctor.catalogue import Catalogue
from services.doctor.examination import examine
from services.doctor.report import Finding, Report
from services.sessions.model import Changes, Draft, Session
from services.sessions.sessions import Sessions
from services.sessions.settings import SessionsSettings
from services.tenants.settings import TenantsSettings
from services.tenants.tenants import Tenants
from tests.services.auth.parts import PASSWORD, Parts, make_settings
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.service import ENVIRON, NOBODY

DRAFT = Draft("Name", "/work", b"")


class World:
    """The use cases of every context, and what the tests look for in the store."""

    def __init__(self, store: Store) -> None:
        clock, environ = FixedClock(), {**ENVIRON, "AUTH_ADDRESS": NOBODY}
        seal = Seal(secrets_of(make_settings().seal_keys))
        self.store = store
        self.auth = Parts(store, clock, make_settings())
        self.tenants = Tenants(store, clock, seal, TenantsSettings.read(environ))
        self.sessions = Sessions(store, clock, FixedIds(6), seal, SessionsSettings.read(environ))

    async def live(self) -> None:
        """Some people do some of everything; two things are not yet told to the others."""
        await self.auth.keyring.refresh()
        self.ada = await self.auth.register(replay=Replay("ada", "Register", "key", b"digest"))
        self.caller = self.auth.caller(self.ada)
        self.gone = await self.auth.register("Gone@Example.com")
        await self.deliver()
        await self.auth.log_in()
        await self.auth.logins.end(self.caller, self.auth.caller(await self.auth.log_in()).login_id)
        self.session = await self.work(self.caller)
        await self.work(self.auth.caller(self.gone))
        await self.auth.accounts.delete(self.auth.caller(self.gone), PASSWORD)
        await self.deliver()
        leaving = await self.auth.register("Leaving@Example.com")
        await self.deliver()
        await self.work(self.auth.caller(leaving))
        await self.auth.accounts.delete(self.auth.caller(leaving), PASSWORD)
        await self.work(self.auth.caller(await self.auth.register("New@Example.com")))

    async def work(self, caller: Caller) -> Session:
        """Opens some sessions, changes one, ends one, and gives one that is left."""
        replay = Replay(str(caller.user_id), "CreateSession", "key", b"digest")
        first = await self.sessions.create(caller, DRAFT, replay)
        second, _ = [await self.sessions.create(caller, DRAFT, None) for _ in range(2)]
        await self.sessions.update(caller, first.session_id, Changes(name="Other"), None)
        await self.sessions.delete(caller, second.session_id, None)
        return first

    async def deliver(self) -> None:
        """Has the others do what auth's outbox says."""

        async def deliver(payload: bytes) -> None:
            user_id, create_time = auth_repository.parse_task(payload)
            if create_time is not None:
                await self.tenants.materialise(user_id, create_time)
                return
            await self.tenants.erase_user(user_id)
            await self.sessions.erase_user(user_id)

        assert (await auth_keys.OUTBOX.drain(self.store, deliver))[1] == 0

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
