"""The use cases of tenants, wired without a server, on a real store."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from coditect.storage.v1 import storage_pb2
from kernel.errors import ServiceError
from kernel.idempotent_request import IdempotentRequest
from kernel.identity.callers import Assurance, Call, Caller, Role
from kernel.identity.devices import Device
from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Read, Store, Write, counted
from kernel.storage.recipes.outbox import Outbox
from services.tenants import keys
from services.tenants.audit import repository as audit
from services.tenants.audit.audit import Audit
from services.tenants.audit.events import AuditEvents
from services.tenants.audit.model import AuditEntry
from services.tenants.events import messages as event_messages
from services.tenants.events.events import Events
from services.tenants.invitations import repository as invitations
from services.tenants.invitations.acceptance import Acceptance
from services.tenants.invitations.invitations import Invitations
from services.tenants.invitations.model import EmailProofTask, NewInvitation
from services.tenants.invitations.opt_out import OptOuts
from services.tenants.invitations.promises import RolePromises
from services.tenants.invitations.token import hash_of
from services.tenants.members.members import Members
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.lookup import MembershipLookup
from services.tenants.memberships.model import (
    Member,
    Membership,
    Profile,
    Tenant,
    UserProfile,
)
from services.tenants.memberships.profiles import MemberProfiles
from services.tenants.memberships.self_tenant import SelfTenants
from services.tenants.operator_events import repository as operator_events
from services.tenants.operator_events.model import OperatorEvent
from services.tenants.operator_tenants.changes import OperatorChanges
from services.tenants.operator_tenants.reading import OperatorReading
from services.tenants.organizations.listing import TenantReader
from services.tenants.organizations.organizations import Organizations
from services.tenants.policies.policies import Policies
from services.tenants.revocations import repository as revocations
from services.tenants.revocations.model import AccessRevocation
from services.tenants.settings import TenantsSettings
from services.tenants.users.erasure import UserErasure
from services.tenants.users.export import UserExport
from services.tenants.webhooks.deliverer import Bodies
from services.tenants.webhooks.replay import Replay
from services.tenants.webhooks.sending import WebhookSender
from services.tenants.webhooks.testing import WebhookTest
from services.tenants.webhooks.webhooks import Webhooks
from tests.support.clock import START, FixedClock
from tests.support.ids import FixedIds
from tests.support.service import ENVIRON, UNREACHABLE
from tests.support.store import rows_between
from tests.support.tokens import caller_of, somebody

TENANTS_ENVIRON = {
    **ENVIRON,
    "AUTH_ADDRESS": UNREACHABLE,
    "SESSIONS_ADDRESS": UNREACHABLE,
    "MAIL_URL": "file:///no",
    "SETTLE_SECONDS": "0",
    "INVITATION_EMAILS_PER_ADDRESS": "100000",
    "INVITATION_EMAILS_PER_MAILBOX": "100000",
    "INVITATION_EMAILS_PER_USER": "100000",
}
DEVICE = Device("test", "192.0.2.1")
BODIES = Bodies(event_messages.entry_body, event_messages.notice_body)
EMAIL = "Bob@Example.com"


def make_settings(**environ: str) -> TenantsSettings:
    """The settings of tenants for a test without other services, with `environ` on top."""
    return TenantsSettings.read({**TENANTS_ENVIRON, **environ})


def profile_of(user_id: UUID) -> Profile:
    """The default profile of a user."""
    return Profile(f"U{user_id.hex}@Example.com", f"u{user_id.hex}@example.com", "Ada Lovelace")


def person() -> Caller:
    """A new user, active in a tenant that does not exist."""
    return caller_of(somebody())


def surely(caller: Caller) -> Caller:
    """The user in a login with two factors."""
    return replace(caller, assurance=Assurance.AAL2, has_second_factor=True)


def lately(caller: Caller, clock: FixedClock) -> Caller:
    """The user with a new proof of who they are."""
    return replace(caller, auth_second=int(clock.now().timestamp()))


def call(
    caller: Caller,
    tenant_id: UUID | None = None,
    least: Role = Role.MEMBER,
    token: Role = Role.OWNER,
    *,
    key: str | None = None,
    digest: bytes = b"digest",
    device: Device = DEVICE,
) -> Call:
    """A call by a user.

    If a tenant is given, it is the active one, and the user's token names the role `token` in it.
    The call requires the role `least`, and the role of an admin to act on another user. Under an
    idempotency key, another digest means another request.
    """
    if tenant_id is not None:
        caller = replace(caller, tenant_id=tenant_id, role=token)
    return Call(
        caller,
        {"user-agent": device.user_agent, "x-forwarded-for": device.address},
        idempotency=IdempotentRequest("caller", "method", key, digest) if key else None,
        least_role=least,
        others_least_role=Role.ADMIN,
    )


class KnownProfiles:
    """Implements `Profiles`: every user is known.

    Attributes:
        told: The profiles that differ from the default, by user id.
        proved: The users who have proved their address.
        asked: Called after a profile is read, before the reader gets it.
    """

    def __init__(self) -> None:
        self.told: dict[UUID, Profile] = {}
        self.proved: set[UUID] = set()
        self.asked: Callable[[], Awaitable[None]] | None = None

    async def profile(self, user_id: UUID) -> UserProfile:
        """The profile of a user."""
        profile = UserProfile(
            self.told.get(user_id, profile_of(user_id)), email_verified=user_id in self.proved
        )
        if self.asked is not None:
            await self.asked()
        return profile


class TenantsHarness:
    """One replica of tenants, without a server."""

    def __init__(
        self, store: Store, clock: FixedClock, settings: TenantsSettings, seed: int = 5
    ) -> None:
        self.store = store
        self.clock = clock
        self.settings = settings
        self.profiles = KnownProfiles()
        self.runtime = Runtime(store, clock, FixedIds(seed), Seal(secrets_of(settings.seal_keys)))
        self.tenants = TenantReader(self.runtime)
        self.memberships = MembershipLookup(self.runtime)
        self.self_tenants = SelfTenants(store)
        self.member_profiles = MemberProfiles(store, self.profiles)
        self.organizations = Organizations(self.runtime, self.profiles, settings)
        self.members = Members(self.runtime, settings)
        self.policies = Policies(self.runtime, settings)
        self.invitations = Invitations(self.runtime, settings)
        self.acceptance = Acceptance(self.runtime, self.profiles, settings)
        self.promises = RolePromises(self.runtime)
        self.opt_outs = OptOuts(self.runtime)
        self.audit = Audit(self.runtime)
        self.audit_events = AuditEvents(self.runtime)
        self.operator_reading = OperatorReading(self.runtime)
        self.operator_changes = OperatorChanges(self.runtime, settings)
        self.events = Events(self.runtime)
        self.webhooks = Webhooks(self.runtime, settings)
        self.replay = Replay(self.runtime)
        private = settings.webhook_private_addresses
        self.sender = WebhookSender(self.runtime, private=private, connections=4)
        self.webhook_test = WebhookTest(self.runtime, self.sender, BODIES)
        self.erasure = UserErasure(self.runtime)
        self.export = UserExport(self.runtime)

    async def found(self, owner: Caller, name: str = "Acme") -> UUID:
        """Creates an organization for its owner; returns its id."""
        made = await self.organizations.create(call(owner), name, None)
        return made.tenant.tenant_id

    async def join(
        self, tenant_id: UUID, role: Role = Role.MEMBER, time: datetime = START
    ) -> Caller:
        """Adds a new user to an organization."""
        caller = replace(person(), tenant_id=tenant_id, role=role)
        await self.put(Member(tenant_id, caller.user_id, role, time, profile_of(caller.user_id)))
        return caller

    async def emailed_token(self, new: NewInvitation) -> str:
        """The token of an invitation that only its email contains, which waits to be sent."""
        for _, value in await rows_between(self.store, *invitations.INVITATION_EMAILS.rows.range()):
            item = storage_pb2.WorkItem.FromString(value)
            token = self.runtime.seal.open(invitations.parse_email_job(item.payload).sealed_token)
            if hash_of(token.decode()) == new.invitation.email_token_hash:
                return token.decode()
        raise AssertionError("no email waits")

    async def email_proofs(self) -> list[EmailProofTask]:
        """The tasks about proved addresses that wait for delivery to auth."""
        rows = await rows_between(self.store, *invitations.EMAIL_PROOFS.rows.range())
        return [invitations.parse_email_proof(value) for _, value in rows]

    async def acts(self) -> list[OperatorEvent]:
        """The acts of operators that wait for delivery to auth."""
        rows = await rows_between(self.store, *operator_events.OPERATOR_EVENTS.rows.range())
        return [operator_events.parse_event(value) for _, value in rows]

    async def rename(self, user_id: UUID, name: str, revision: int) -> None:
        """Delivers the name of a user as auth does."""
        profile = replace(profile_of(user_id), display_name=name, revision=revision)
        await self.member_profiles.update(user_id, profile)

    async def put(self, *members: Member) -> None:
        """Writes memberships directly, without the use cases."""

        async def write(tx: Write) -> None:
            for member in members:
                await memberships.MEMBERS.put(tx, member)

        await self.store.write(write)

    async def member(self, tenant_id: UUID, user_id: UUID) -> Member | None:
        """A membership in the store."""
        return await self.store.read(lambda tx: memberships.MEMBERS.get(tx, tenant_id, user_id))

    async def membership(self, tenant_id: UUID, user_id: UUID) -> Membership | None:
        """A tenant in the store, as its member sees it."""
        return await self.store.read(lambda tx: memberships.membership(tx, tenant_id, user_id))

    async def owners(self, tenant_id: UUID) -> list[UUID]:
        """The owners of an organization in the store."""
        return await self.store.read(
            lambda tx: memberships.members_with_role(tx, tenant_id, Role.OWNER, 1000)
        )

    async def noted(self, owner: Caller, tenant_id: UUID) -> list[AuditEntry]:
        """The audit log of an organization."""
        return (await self.audit.list(call(owner, tenant_id, Role.ADMIN), 1000, "")).items

    async def token_revocations(self) -> list[AccessRevocation]:
        """The revocations that wait for delivery to auth."""
        return await self._notices(revocations.TOKEN_REVOCATIONS)

    async def session_revocations(self) -> list[AccessRevocation]:
        """The revocations that wait for delivery to sessions."""
        return await self._notices(revocations.SESSION_REVOCATIONS)

    async def epoch(self, tenant_id: UUID) -> int:
        """The epoch of an organization: the number of its access revocations."""
        return counted(await self.store.read(lambda tx: tx.get(revocations.EPOCH.key(tenant_id))))

    async def _notices(self, outbox: Outbox) -> list[AccessRevocation]:
        rows = await rows_between(self.store, *outbox.rows.range())
        return [revocations.parse_revocation(value) for _, value in rows]

    async def invitation_rows(self) -> list[bytes]:
        """The keys of all rows of invitations."""
        spaces = (
            invitations.INVITATION,
            invitations.INVITATION_EXPIRY.entries,
            invitations.INVITATION_BY_TOKEN,
            invitations.INVITATION_BY_EMAIL,
            invitations.INVITATION_BY_INVITER,
            invitations.INVITATION_COUNT,
        )
        rows = [row for one in spaces for row in await rows_between(self.store, *one.range())]
        return [key for key, _ in rows]


async def put_entries(harness: TenantsHarness, tenant_id: UUID, caller: Caller, count: int) -> None:
    """Writes `count` audit entries of a user."""
    for start in range(0, count, 500):

        async def write(tx: Write, start: int = start) -> None:
            for number in range(start, min(count, start + 500)):
                detail = f"{number} \u2028ü"
                entry = AuditEntry.by(call(caller), START, "tenant.renamed", detail=detail)
                audit.append(tx, tenant_id, entry)

        await harness.store.write(write)


async def outcomes(*calls: object) -> list[str]:
    """Runs calls at once; returns the error reason of each, empty for a success, sorted."""
    results = await asyncio.gather(*calls, return_exceptions=True)  # type: ignore[call-overload]
    return sorted(result.reason if isinstance(result, ServiceError) else "" for result in results)


async def rows(store: Store) -> list[bytes]:
    """The keys of all rows of the context."""

    async def read(tx: Read) -> list[bytes]:
        return [key for key, _ in await tx.get_range(*keys.TENANTS.range(), limit=1000)]

    return await store.read(read)


async def put_organizations(store: Store, user_id: UUID, count: int = 1) -> list[Membership]:
    """New organizations that a user is a plain member of."""
    made = []
    for _ in range(count):
        tenant = Tenant(uuid4(), "Acme", "acme", "organization", "active", START)
        made.append(Membership(tenant, Member(tenant.tenant_id, user_id, Role.MEMBER, START)))

    async def write(tx: Write) -> None:
        for membership in made:
            await memberships.ALL_TENANTS.put(tx, membership.tenant)
            await memberships.MEMBERS.put(tx, membership.member)

    await store.write(write)
    return made


def expected_self_tenant_id(user_id: UUID) -> UUID:
    """The id of a self-tenant, derived here without the code under test."""
    return uuid5(NAMESPACE_OID, f"self-tenant-{user_id}")
