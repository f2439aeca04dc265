"""Victim rows whose ids are the direct neighbors of the attacker's ids, on both sides.

Random ids are never adjacent, so the repositories write these rows straight into the store. A range
that ends one key too late, or a prefix that is too short, hits them.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from kernel.idempotent_request import IdempotentRequest
from kernel.identity.callers import Role
from kernel.identity.devices import Device
from kernel.storage import Read, Write
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.idempotency import Idempotency, Repeat
from services.auth.logins import repository as auth_logins
from services.auth.logins.model import Login
from services.auth.users import repository as auth_users
from services.auth.users.model import User
from services.sessions import keys as sessions_keys
from services.sessions import repository as sessions
from services.sessions.model import Session
from services.tenants import keys
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry
from services.tenants.invitations import repository as invitations
from services.tenants.invitations.model import Invitation
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import (
    ACTIVE,
    ORGANIZATION,
    Member,
    Profile,
    RolePromise,
    Tenant,
)
from services.tenants.revocations import repository as revocations
from tests.isolation.victim import MARK, Victim

LIFE = timedelta(days=1)
"""The lifetime of everything that expires: longer than any test."""
_DEVICE = Device(MARK, MARK)


def adjacent(one: UUID) -> Iterator[tuple[str, UUID]]:
    """The ids directly before and after an id of the attacker."""
    yield "before", UUID(int=one.int - 1)
    yield "after", UUID(int=one.int + 1)


class AdjacentIds:
    """Writes the adjacent tenants, users, sessions, invitations and logins.

    Args:
        victim: Where their ids are noted; they count as the victim's.
        attacker: The attacker's ids by name; those of people begin with `attacker person`.
        now: The current time.
    """

    def __init__(self, victim: Victim, attacker: Mapping[str, UUID], now: datetime) -> None:
        self._victim = victim
        self._now = now
        self._users = [
            self._note(name, side, user_id)
            for name, attacker_id in attacker.items()
            if name.startswith("attacker person")
            for side, user_id in adjacent(attacker_id)
        ]
        self._tenants = self._all_adjacent(attacker, "attacker tenant")
        self._sessions = self._all_adjacent(attacker, "attacker session")
        self._invitations = self._all_adjacent(attacker, "attacker invitation")
        self._logins = self._all_adjacent(attacker, "attacker login")

    def _all_adjacent(self, attacker: Mapping[str, UUID], name: str) -> list[UUID]:
        return [self._note(name, side, one) for side, one in adjacent(attacker[name])]

    def _note(self, name: str, side: str, one: UUID) -> UUID:
        self._victim.ids[f"{side} {name}"] = one
        return one

    async def write(self, tx: Write) -> None:
        """Writes everything in one transaction."""
        for number, user_id in enumerate(self._users):
            await self._put_account(tx, user_id, number)
        for place, tenant_id in enumerate(self._tenants):
            await self._put_tenant(tx, tenant_id, f"{MARK}-{place}")
            for number, user_id in enumerate(self._users):
                await self._put_member(tx, tenant_id, user_id, number)
                await self._put_session(tx, tenant_id, user_id, uuid4())
            for number in range(2):
                await self._put_session(tx, tenant_id, self._users[number], uuid4())
            await self._put_session(tx, tenant_id, self._users[0], self._sessions[place])
            await self._put_invitation(tx, tenant_id, self._invitations[place], place)

    async def _put_account(self, tx: Write, user_id: UUID, number: int) -> None:
        email = f"adjacent.{number}.{MARK}@example.com"
        user = User(user_id, email, MARK, MARK, MARK, MARK, self._now)
        await auth_users.USERS.put(tx, user)
        for login_id in {uuid4(), self._logins[number % 2]}:
            await auth_logins.LOGINS.put(tx, self._login(user_id, login_id))
        # As if this user had already sent a request under a key that the attacker sends too.
        replay = IdempotentRequest(
            str(user_id), "CreateTenant", self._victim.words["victim key"], b"digest"
        )
        await _use(keys.IDEMPOTENCY, tx, replay, self._now)

    def _login(self, user_id: UUID, login_id: UUID) -> Login:
        return Login(
            login_id=login_id,
            user_id=user_id,
            tenant_id=self._tenants[0],
            role=Role.OWNER,
            create_time=self._now,
            last_used_time=self._now,
            expire_time=self._now + LIFE,
            device=_DEVICE,
            token_hash=uuid4().bytes * 2,
            previous_token_hash=b"",
            rotation_salt=b"",
            rotate_time=self._now,
            device_id=uuid4(),
            auth_time=self._now,
        )

    async def _put_tenant(self, tx: Write, tenant_id: UUID, slug: str) -> None:
        await memberships.ALL_TENANTS.put(
            tx, Tenant(tenant_id, f"Next {MARK}", slug, ORGANIZATION, ACTIVE, self._now)
        )
        tx.add(revocations.EPOCH.key(tenant_id), 3)

    async def _put_member(self, tx: Write, tenant_id: UUID, user_id: UUID, number: int) -> None:
        email = f"adjacent.{number}.{MARK}@example.com"
        role = Role(number % len(Role) + 1)
        profile = Profile(email, email, f"Adjacent {MARK}")
        promise = RolePromise(Role.OWNER, email, user_id, uuid4()) if role == Role.MEMBER else None
        await memberships.MEMBERS.put(
            tx, Member(tenant_id, user_id, role, self._now, profile, promise)
        )
        entry = AuditEntry(
            self._now, user_id, self._logins[0], "member.joined", user_id, MARK, _DEVICE
        )
        audit.append(tx, tenant_id, entry)

    async def _put_session(
        self, tx: Write, tenant_id: UUID, user_id: UUID, session_id: UUID
    ) -> None:
        await sessions.put_session(tx, session_of(tenant_id, user_id, session_id, self._now))
        replay = IdempotentRequest(
            str(user_id),
            "CreateSession",
            self._victim.words["victim key"],
            b"digest",
            scope=str(tenant_id),
        )
        await _use(sessions_keys.IDEMPOTENCY, tx, replay, self._now)

    async def _put_invitation(
        self, tx: Write, tenant_id: UUID, invitation_id: UUID, number: int
    ) -> None:
        email = f"invited.{number}.{MARK}@example.com"
        await invitations.INVITATIONS.put(
            tx,
            Invitation(
                tenant_id=tenant_id,
                invitation_id=invitation_id,
                email=email,
                normalized_email=email,
                role=Role.MEMBER,
                token_hash=uuid4().bytes * 2,
                email_token_hash=uuid4().bytes * 2,
                create_time=self._now,
                expire_time=self._now + LIFE,
                inviter_id=self._users[number],
            ),
        )


def session_of(tenant_id: UUID, user_id: UUID, session_id: UUID, time: datetime) -> Session:
    """A session of the victim."""
    start = milliseconds(time)
    return Session(
        session_id=session_id,
        tenant_id=tenant_id,
        user_id=user_id,
        name=f"Next {MARK}",
        workspace_path=f"/{MARK}",
        state=b"",
        revision=1,
        create_time=start,
        update_time=start,
        last_active_time=start,
        expire_time=milliseconds(time + LIFE),
    )


async def _use(
    idempotency: Idempotency, tx: Write, request: IdempotentRequest, now: datetime
) -> None:
    """Records a request, with something of the victim's in it."""

    async def nothing(_: Read, __: bytes = b"") -> None:
        pass

    repeat = Repeat(nothing, keep=lambda _: MARK.encode()[:18])
    await idempotency.once(tx, request, now, nothing, repeat)


def now() -> datetime:
    """The current time without fractions of a second, which the store would round."""
    return datetime.now(UTC).replace(microsecond=0)
