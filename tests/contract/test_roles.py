"""Which role may do what: every method of every service, as its access option says.

The cases come from the option alone, so a new method or role is included automatically.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import grpc
import pytest
from google.protobuf.message_factory import GetMessageClass

from coditect.sessions.v5 import sessions_pb2
from coditect.sessions.v5.sessions_pb2_grpc import SessionsServiceStub
from coditect.tenants.internal.v1.tenants_pb2 import GetMembershipResponse
from kernel.clock import timestamp
from kernel.identity.access_rules import Rule
from kernel.identity.callers import Role
from kernel.storage import Store, Write, open_store
from services.auth.users.repository import USERS
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
from tests.services.auth.fakes import FakeServices
from tests.services.auth.harness import user
from tests.support.clock import START, FixedClock
from tests.support.service import Service
from tests.support.tokens import User

LET_IN = "let in"
"""The outcome of a call that is not rejected because of the caller; it may fail for another reason."""
REFUSALS = frozenset({"SERVICE_TOKEN_INVALID", "ACCESS_TOKEN_MISSING", "OPERATOR_REQUIRED"})
REFUSALS_IN_A_TENANT = REFUSALS | {
    "TENANT_NOT_FOUND", "TENANT_NOT_ACTIVE", "TENANT_SUSPENDED", "ROLE_MISSING",
}  # fmt: skip

SOMETHING = str(UUID(int=7, version=4))
GOOD: Mapping[str, Any] = {
    "name": "New", "role": "member", "email": "a@example.com",
    "session_id": SOMETHING, "invitation_id": SOMETHING, "client_id": SOMETHING,
    "account_id": SOMETHING, "webhook_id": SOMETHING, "url": "https://a.example.com/",
    "key_id": SOMETHING, "auth_method": "client_secret_basic",
    "redirect_uris": ["https://a.example.com/"], "scopes": ["sessions:read"],
}  # fmt: skip
"""Values that pass the field checks, and match no resource."""
GOOD_WITH_A_ROLE = {"state": "active"}
"""The same for the fields that require their own role."""
MALFORMED = b"\xff\xff\xff"
"""For methods that authorize the caller before they parse the request."""

REACHING = {
    "/coditect.sessions.v5.SessionsService/ListSessions": ("ROLE_MISSING", {"scope": "tenant"}),
    "/coditect.sessions.v5.SessionsService/DeleteSession": ("SESSION_NOT_FOUND", {}),
    "/coditect.tenants.v5.MembersService/RemoveMember": ("ROLE_MISSING", {}),
}
"""How to request another user's data, and the reason that a caller without the role gets."""


class Case(NamedTuple):
    """A kind of caller.

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
    """The outcome by the rule, for a call that sets a field with its own role, or no such field."""
    if rule.services:
        return "SERVICE_TOKEN_INVALID"
    if rule.public:
        return LET_IN
    if case.token is None:
        return "ACCESS_TOKEN_MISSING"
    if rule.operator or rule.tenant_field:
        return "OPERATOR_REQUIRED" if rule.operator else _about_a_tenant(rule, field, case)
    if rule.in_tenant and case.suspended:
        return "TENANT_SUSPENDED"
    return "ROLE_MISSING" if rule.in_tenant and case.token < rule.least_role else LET_IN


def _about_a_tenant(rule: Rule, field: str, case: Case) -> str:
    if case.stored is None:
        return "TENANT_NOT_FOUND"
    if not case.here:
        return "TENANT_NOT_ACTIVE"
    assert case.token is not None
    least = dict(rule.field_roles).get(field, rule.least_role)
    return "ROLE_MISSING" if min(case.token, case.stored) < least else LET_IN


def outcome(rule: Rule, reason: str) -> str:
    """The outcome of a call that returned a reason."""
    refusals = REFUSALS_IN_A_TENANT if rule.in_tenant or rule.tenant_field else REFUSALS
    return reason if reason in refusals else LET_IN


def message(path: str, given: Mapping[str, Any]) -> bytes:
    """The request of a method, with the given values for the fields that it has."""
    wanted = method_of(path).input_type
    fields = {name: given[name] for name in wanted.fields_by_name if name in given}
    return bytes(GetMessageClass(wanted)(**fields).SerializeToString())


class Place:
    """A service, and the tenants in its store.

    Args:
        service: The service.
        store: Its store.
        channel: A connection to it.
        others: What auth asks for memberships.
    """

    def __init__(
        self, service: Service, store: Store, channel: grpc.aio.Channel, others: FakeServices
    ) -> None:
        self.service = service
        self._others = others
        self.rules = rules(service)
        self._store = store
        self._channel = channel

    def about_tenants(self) -> Iterator[tuple[str, Rule]]:
        """The methods that name a tenant."""
        yield from ((path, rule) for path, rule in self.rules.items() if rule.tenant_field)

    async def reason(self, path: str, user: User | None, body: bytes) -> str:
        """The reason of a call's refusal, or `OK`."""
        metadata = {} if user is None else bearer(self.service.mint.token(user))
        return await reason_of(self._channel, path, metadata, body)

    async def outcome(self, path: str, field: str, case: Case, state: str = ACTIVE) -> str:
        """The outcome of a case's call, in a tenant of its own."""
        rule, user_id, tenant_id = self.rules[path], uuid4(), uuid4()
        body = MALFORMED
        if rule.in_tenant or rule.tenant_field:
            await self.put(tenant_id, {uuid4(): Role.OWNER, user_id: case.stored}, state)
            whom = str(user_id) if rule.others_least_role else SOMETHING
            given = {**GOOD, "user_id": whom}
            if rule.tenant_field:  # other methods check that a tenant, if named, is the token's
                given["tenant_id"] = str(tenant_id)
            body = message(path, given | ({field: GOOD_WITH_A_ROLE[field]} if field else {}))
        user = None
        if case.token is not None:
            active = tenant_id if case.here else uuid4()
            if self.service.name == "auth" and not rule.tenant_field:
                await self._put_for_auth(active, {user_id: case.token}, state)
            user = User(user_id, active, case.token, uuid4(), tenant_suspended=case.suspended)
        return outcome(rule, await self.reason(path, user, body))

    async def put(
        self, tenant_id: UUID, roles: Mapping[UUID, Role | None], state: str = ACTIVE
    ) -> None:
        """Writes a tenant with its members, where the service looks for them."""
        if self.service.name == "auth":
            await self._put_for_auth(tenant_id, roles, state)
            return
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

    async def _put_for_auth(
        self, tenant_id: UUID, roles: Mapping[UUID, Role | None], state: str
    ) -> None:
        """Auth has the users, and asks tenants for their roles."""
        for user_id, role in roles.items():
            one = user(user_id=user_id, email=f"{user_id.hex}@example.com")
            await self._store.write(lambda tx, one=one: USERS.put(tx, one))  # type: ignore[misc]
            if role is not None:
                self._others.memberships[str(user_id), str(tenant_id)] = GetMembershipResponse(
                    tenant_id=str(tenant_id),
                    name="Acme",
                    slug="acme",
                    kind=ORGANIZATION,
                    role=str(role),
                    state=state,
                    create_time=timestamp(START),
                    programs_allowed=True,
                )

    async def session(self, user: User) -> str:
        """Creates a user's session, if the service has sessions."""
        if self.service.name != "sessions":
            return ""
        stub = self.service.stub(SessionsServiceStub)
        request = sessions_pb2.CreateSessionRequest()
        made = await self.service.call(stub.CreateSession, request, user=user)
        return str(made.session.session_id)


@pytest.fixture(params=CONTEXTS)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """Each service, complete, on its own store."""
    store = open_store(f"lmdb://{tmp_path}/store?map_size={1 << 28}")
    others = FakeServices()
    await others.start()
    where = {"TENANTS_ADDRESS": others.address} if request.param == "auth" else {}
    async with (
        whole(request.param, store, FixedClock(), **where) as service,
        channel_to(service) as channel,
    ):
        yield Place(service, store, channel, others)
    await others.stop()
    await store.close()


async def test_roles(place: Place) -> None:
    """For every kind of caller, a method follows its rule."""
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
    """A suspended tenant rejects everyone but its owners, who can read, delete or resume it."""
    for path, rule in place.about_tenants():
        reads = method_of(path).GetOptions().idempotency_level or path.endswith("/DeleteTenant")
        for role in Role:
            given = await place.outcome(path, "", Case(role, role), SUSPENDED)
            let_in = role == Role.OWNER and reads
            assert given == (LET_IN if let_in else "TENANT_SUSPENDED"), (path, role)
        for field, _ in rule.field_roles:  # owners can resume it
            owner = Case(Role.OWNER, Role.OWNER, suspended=True)
            assert await place.outcome(path, field, owner, SUSPENDED) == LET_IN


async def test_unknown_tenants(place: Place) -> None:
    """An unknown tenant looks like one of strangers; a malformed id is named as a bad field."""
    for path, _ in place.about_tenants():
        user = User(uuid4(), uuid4(), Role.OWNER, uuid4())
        await place.put(uuid4(), {user.user_id: Role.OWNER})
        for tenant_id, reason in (
            (str(user.tenant_id), "TENANT_NOT_FOUND"),
            ("x", "INVALID_REQUEST"),
        ):
            body = message(path, {**GOOD, "tenant_id": tenant_id, "user_id": SOMETHING})
            assert await place.reason(path, user, body) == reason, path


async def test_data_of_others_requires_its_role(place: Place) -> None:
    """Only callers with the role that the rule requires can reach data of others."""
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
