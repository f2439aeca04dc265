"""Who may do what with which role: every method of every service, as its access option says.

The table is made of the option alone, so a new method or another role is in it from its first day.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

import grpc
import pytest
from google.protobuf.message_factory import GetMessageClass

from coditect.sessions.v5 import sessions_pb2
from coditect.sessions.v5.sessions_pb2_grpc import SessionsServiceStub
from kernel.identity.access_rules import Rule
from kernel.identity.callers import Role
from kernel.storage import Store, Write, open_store
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import (
    ACTIVE,
    ORGANIZATION,
    SUSPENDED,
    Member,
    Profile,
    Tenant,
)
from tests.contract.services import (
    CONTEXTS,
    OK,
    bearer,
    channel_to,
    method_of,
    reason_of,
    rules,
    whole,
)
from tests.support.clock import START, FixedClock
from tests.support.service import Service
from tests.support.tokens import User

LET_IN = "let in"
"""What becomes of a call that is not refused for who the caller is; it may fail all the same."""
REFUSALS = frozenset({"SERVICE_TOKEN_INVALID", "ACCESS_TOKEN_MISSING"})
REFUSALS_IN_A_TENANT = REFUSALS | {
    "TENANT_NOT_FOUND", "TENANT_NOT_ACTIVE", "TENANT_SUSPENDED", "ROLE_MISSING",
}  # fmt: skip

SOMETHING = str(UUID(int=7, version=4))
GOOD = {
    "name": "New", "role": "member", "email": "a@example.com",
    "session_id": SOMETHING, "invitation_id": SOMETHING,
}  # fmt: skip
"""What passes the checks of fields, and finds nothing."""
GOOD_WITH_A_ROLE = {"state": "active"}
"""The same for the fields that take a role of their own."""
MALFORMED = b"\xff\xff\xff"
"""For methods that know their caller before they read their request."""

REACHING = {
    "/coditect.sessions.v5.SessionsService/ListSessions": ("ROLE_MISSING", {"scope": "tenant"}),
    "/coditect.sessions.v5.SessionsService/DeleteSession": ("SESSION_NOT_FOUND", {}),
    "/coditect.tenants.v5.MembersService/RemoveMember": ("ROLE_MISSING", {}),
}
"""How a method is asked for what belongs to another, and what it says to whoever may not."""


class Case(NamedTuple):
    """Who calls.

    Attributes:
        token: The role in the token; None without a token.
        stored: The role in the tenant that the request names; None for a stranger.
        here: Whether the token is for that tenant.
        suspended: Whether the token says that its tenant is suspended.
    """

    token: Role | None
    stored: Role | None
    here: bool = True
    suspended: bool = False


CASES = [
    Case(None, None),
    *(Case(*case) for case in product(Role, (None, *Role), (True, False), (True, False))),
]


def expected(rule: Rule, field: str, case: Case) -> str:
    """What becomes of a call that sets a field with a role of its own, or none, by the rule."""
    if rule.services:
        return "SERVICE_TOKEN_INVALID"
    if rule.public:
        return LET_IN
    if case.token is None:
        return "ACCESS_TOKEN_MISSING"
    if rule.tenant_field:
        return _expected_about_a_tenant(rule, field, case)
    if rule.in_tenant and case.suspended:
        return "TENANT_SUSPENDED"
    return "ROLE_MISSING" if rule.in_tenant and case.token < rule.least_role else LET_IN


def _expected_about_a_tenant(rule: Rule, field: str, case: Case) -> str:
    if case.stored is None:
        return "TENANT_NOT_FOUND"
    if not case.here:
        return "TENANT_NOT_ACTIVE"
    assert case.token is not None
    least = dict(rule.field_roles).get(field, rule.least_role)
    return "ROLE_MISSING" if min(case.token, case.stored) < least else LET_IN


def outcome(rule: Rule, reason: str) -> str:
    """What became of a call that was answered so."""
    refusals = REFUSALS_IN_A_TENANT if rule.in_tenant or rule.tenant_field else REFUSALS
    return reason if reason in refusals else LET_IN


def message(path: str, given: Mapping[str, str]) -> bytes:
    """The request of a method with those of the fields that it has."""
    wanted = method_of(path).input_type
    fields = {name: given[name] for name in wanted.fields_by_name if name in given}
    return bytes(GetMessageClass(wanted)(**fields).SerializeToString())


class Place:
    """A service, and the tenants that it is called about.

    Args:
        service: The service.
        store: Its store.
        channel: A connection to it.
    """

    def __init__(self, service: Service, store: Store, channel: grpc.aio.Channel) -> None:
        self.service = service
        self.rules = rules(service)
        self._store = store
        self._channel = channel

    def about_tenants(self) -> Iterator[tuple[str, Rule]]:
        """The methods that name a tenant."""
        yield from ((path, rule) for path, rule in self.rules.items() if rule.tenant_field)

    async def reason(self, path: str, user: User | None, body: bytes) -> str:
        """Why a call is refused."""
        metadata = {} if user is None else bearer(self.service.mint.token(user))
        return await reason_of(self._channel, path, metadata, body)

    async def outcome(self, path: str, field: str, case: Case, state: str = ACTIVE) -> str:
        """What becomes of the call of a case, about nothing that is there but the caller's own."""
        rule, user_id, tenant_id = self.rules[path], uuid4(), uuid4()
        body = MALFORMED
        if rule.in_tenant or rule.tenant_field:
            await self.put(tenant_id, {uuid4(): Role.OWNER, user_id: case.stored}, state)
            whom = str(user_id) if rule.others_least_role else SOMETHING
            given = {**GOOD, "tenant_id": str(tenant_id), "user_id": whom}
            body = message(path, given | ({field: GOOD_WITH_A_ROLE[field]} if field else {}))
        user = None
        if case.token is not None:
            active = tenant_id if case.here else uuid4()
            user = User(user_id, active, case.token, uuid4(), tenant_suspended=case.suspended)
        return outcome(rule, await self.reason(path, user, body))

    async def put(
        self, tenant_id: UUID, roles: Mapping[UUID, Role | None], state: str = ACTIVE
    ) -> None:
        """Writes a tenant with its members."""
        name = tenant_id.hex
        tenant = Tenant(tenant_id, name, name, ORGANIZATION, state, START)

        async def write(tx: Write) -> None:
            await memberships.ALL_TENANTS.put(tx, tenant)
            for user_id, role in roles.items():
                if role is not None:
                    email = f"{user_id.hex}@example.com"
                    profile = Profile(email, email, "Ada Lovelace")
                    member = Member(tenant_id, user_id, role, START, profile)
                    await memberships.MEMBERS.put(tx, member)

        await self._store.write(write)

    async def session(self, user: User) -> str:
        """A session of somebody, if the service keeps any."""
        if self.service.name != "sessions":
            return ""
        stub = self.service.stub(SessionsServiceStub)
        request = sessions_pb2.CreateSessionRequest()
        made = await self.service.call(stub.CreateSession, request, user=user)
        return str(made.session.session_id)


@pytest.fixture(params=CONTEXTS)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """Each of the services, whole, on a store of its own."""
    store = open_store(f"lmdb://{tmp_path}/store?map_size={1 << 28}")
    async with whole(request.param, store, FixedClock()) as service, channel_to(service) as channel:
        yield Place(service, store, channel)
    await store.close()


async def test_roles(place: Place) -> None:
    """Whoever the caller is: refused for that by the rule of the method, or let in."""
    calls = [
        (path, field, case)
        for path, rule in place.rules.items()
        for field in ("", *dict(rule.field_roles))
        for case in CASES
    ]
    given = {call: await place.outcome(*call) for call in calls}

    wanted = {call: expected(place.rules[call[0]], *call[1:]) for call in calls}
    assert {call: given[call] for call in calls if given[call] != wanted[call]} == {}


async def test_suspended_tenants(place: Place) -> None:
    """Whoever is no owner is refused in a suspended tenant; its owners read, or end it."""
    for path, rule in place.about_tenants():
        reads = method_of(path).GetOptions().idempotency_level or path.endswith("/DeleteTenant")
        for role in Role:
            given = await place.outcome(path, "", Case(role, role), SUSPENDED)
            let_in = role == Role.OWNER and reads
            assert given == (LET_IN if let_in else "TENANT_SUSPENDED"), (path, role)
        for field, _ in rule.field_roles:  # its owners resume it
            owner = Case(Role.OWNER, Role.OWNER, suspended=True)
            assert await place.outcome(path, field, owner, SUSPENDED) == LET_IN


async def test_tenants_that_are_not_there(place: Place) -> None:
    """One that is not there is like that of strangers, and what is no id at all is named."""
    for path, _ in place.about_tenants():
        user = User(uuid4(), uuid4(), Role.OWNER, uuid4())
        for tenant_id, reason in (
            (str(user.tenant_id), "TENANT_NOT_FOUND"),
            ("x", "INVALID_REQUEST"),
        ):
            body = message(path, {**GOOD, "tenant_id": tenant_id, "user_id": SOMETHING})
            assert await place.reason(path, user, body) == reason, path


async def test_what_belongs_to_others(place: Place) -> None:
    """Who has the role that the rule says for it reaches what is others', and nobody else does."""
    found = {path: rule for path, rule in place.rules.items() if rule.others_least_role is not None}
    assert set(found) == {path for path in REACHING if path in place.rules}
    for path, rule in found.items():
        refusal, how = REACHING[path]
        for role in (role for role in Role if role >= rule.least_role):
            tenant_id = uuid4()
            caller, other = (User(uuid4(), tenant_id, role, uuid4()) for _ in range(2))
            roles = {uuid4(): Role.OWNER, caller.user_id: role, other.user_id: Role.MEMBER}
            await place.put(tenant_id, roles)
            theirs = {"user_id": str(other.user_id), "session_id": await place.session(other)}
            body = message(path, {**GOOD, "tenant_id": str(tenant_id), **theirs, **how})
            reason = await place.reason(path, caller, body)
            assert reason == (OK if role >= (rule.others_least_role or Role.OWNER) else refusal), (
                path,
                role,
            )
