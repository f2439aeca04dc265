"""The use cases of tenants, wired without a server; what they ask of auth is answered here."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from coditect.tenants.records.v1 import records_pb2
from kernel.identity.callers import Caller, Role, TenantCall
from kernel.identity.devices import Device
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store, Write
from kernel.storage.idempotency import Replay
from services.tenants import keys, repository
from services.tenants.audit import Audit
from services.tenants.invitations import Invitations
from services.tenants.joining import Joining
from services.tenants.members import Members
from services.tenants.model import Act, AuditEntry, Member, Membership, Profile
from services.tenants.organisations import Organisations
from services.tenants.settings import TenantsSettings
from services.tenants.tenants import Tenants
from tests.support.clock import START, FixedClock
from tests.support.ids import FixedIds
from tests.support.service import ENVIRON, NOBODY
from tests.support.store import rows_between
from tests.support.tokens import caller_of, somebody

DEVICE = Device("test", "192.0.2.1")
ACT = Act(DEVICE, None)
EMAIL = "Bob@Example.com"


def make_settings(**environ: str) -> TenantsSettings:
    """The settings of tenants with limits that tests can reach, and what is given on top."""
    return TenantsSettings.read(
        {**ENVIRON, "AUTH_ADDRESS": NOBODY, "MAIL_URL": "file:///no", **environ}
    )


def profile_of(user_id: UUID) -> Profile:
    """Who a user is, if nothing else was said."""
    return Profile(f"U{user_id.hex}@Example.com", f"u{user_id.hex}@example.com", "Ada Lovelace")


def act(key: str) -> Act:
    """A change that may come again under a key."""
    return Act(DEVICE, Replay("caller", "method", key, key.encode()))


def person() -> Caller:
    """Somebody new, in a tenant of no importance."""
    return caller_of(somebody())


def call(
    caller: Caller, tenant_id: UUID, least: Role = Role.MEMBER, token: Role = Role.OWNER
) -> TenantCall:
    """A call of somebody who is active in the tenant, with that role in its token."""
    return TenantCall(replace(caller, tenant_id=tenant_id, role=token), tenant_id, least)


class KnownProfiles:
    """Fulfils `Profiles`: every user is known."""

    async def profile(self, user_id: UUID) -> Profile:
        """Who a user is."""
        return profile_of(user_id)


class Parts:
    """One replica of tenants, without a server."""

    def __init__(
        self, store: Store, clock: FixedClock, settings: TenantsSettings, seed: int = 5
    ) -> None:
        self.store = store
        self.clock = clock
        self.settings = settings
        ids = FixedIds(seed)
        self.seal = Seal(secrets_of(settings.seal_keys))
        self.tenants = Tenants(store, clock, self.seal, settings)
        self.organisations = Organisations(store, clock, ids, KnownProfiles(), settings)
        self.members = Members(store, clock, self.seal)
        self.invitations = Invitations(store, clock, ids, self.seal, settings)
        self.joining = Joining(store, clock, KnownProfiles(), settings)
        self.audit = Audit(store, clock, self.seal)

    async def found(self, owner: Caller, name: str = "Acme") -> UUID:
        """A new organisation of somebody."""
        made = await self.organisations.create(owner, ACT, name, None)
        return made.tenant.tenant_id

    async def join(
        self, tenant_id: UUID, role: Role = Role.MEMBER, time: datetime = START
    ) -> Caller:
        """Somebody new in an organisation."""
        caller = replace(person(), tenant_id=tenant_id, role=role)
        await self.put(Member(tenant_id, caller.user_id, role, time, profile_of(caller.user_id)))
        return caller

    async def put(self, *members: Member) -> None:
        """Writes memberships behind the use cases' back."""

        async def write(tx: Write) -> None:
            for member in members:
                await repository.put_member(tx, member)

        await self.store.write(write)

    async def member(self, tenant_id: UUID, user_id: UUID) -> Member | None:
        """A membership in the store."""
        return await self.store.read(lambda tx: repository.member(tx, tenant_id, user_id))

    async def membership(self, tenant_id: UUID, user_id: UUID) -> Membership | None:
        """A tenant in the store, as its member sees it."""
        return await self.store.read(lambda tx: repository.membership(tx, tenant_id, user_id))

    async def owners(self, tenant_id: UUID) -> list[UUID]:
        """The owners of an organisation in the store."""
        return await self.store.read(lambda tx: repository.leaders(tx, tenant_id, Role.OWNER, 1000))

    async def noted(self, owner: Caller, tenant_id: UUID) -> list[AuditEntry]:
        """The log of an organisation."""
        return (await self.audit.list(call(owner, tenant_id, Role.ADMIN), 1000, "")).entries

    async def news(self) -> list[tuple[str, UUID, UUID | None]]:
        """What others have yet to learn: of what, in which tenant, about whom."""
        found: list[tuple[str, UUID, UUID | None]] = []
        for _, value in await rows_between(self.store, *keys.OUTBOX.rows.range()):
            record = records_pb2.OutboxRecord.FromString(value)
            kind = record.WhichOneof("news")
            assert kind is not None
            told = getattr(record, kind)
            user_id = UUID(told.user_id) if hasattr(told, "user_id") else None
            found.append((kind, UUID(told.tenant_id), user_id))
        return found

    async def invitation_rows(self) -> list[bytes]:
        """The keys of all rows of invitations."""
        spaces = (
            keys.INVITATION,
            keys.INVITATION_EXPIRY.entries,
            keys.INVITATION_TOKEN,
            keys.INVITATION_EMAIL,
            keys.INVITATION_COUNT,
        )
        rows = [row for one in spaces for row in await rows_between(self.store, *one.range())]
        return [key for key, _ in rows]
